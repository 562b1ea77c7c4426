"""`export --all DIR` and `import DIR`: all there is, on another machine; keys never."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.cli.everything import CARRIED, toml

CONFIG = """
[providers.openai]
key = "sk-canary-in-the-file-0123456789"
[agents.proposer]
role = "Says \\"first\\""
instructions = '''Two
lines.'''
temperature = 0.4
[agents.critic]
role = "Breaks it"
[budget]
month = 20
agents = { critic = 1.5 }
[prices."gpt-4o"]
input = 1
output = 2
[network]
proxy = "http://me:canary-secret@proxy.example:8080"
"""
ASKED = ("Which drink?", "--option", "tea", "--option", "coffee", "--tag", "breakfast", "--json")


@pytest.fixture
def config(home) -> Path:
    path = home / "config.toml"
    path.write_text(CONFIG)
    path.chmod(0o600)
    return path


@pytest.fixture
def folder(cli, config) -> Path:
    """Everything of a machine on which one question was decided."""
    cli("ask", *ASKED)
    assert cli("export", "--all", "all").out == "all\n"
    return Path("all")


@pytest.fixture
def elsewhere(home, monkeypatch):
    """Return a function that moves on to a machine that has nothing yet."""

    def move() -> Path:
        there = home.parent / "there"
        there.mkdir(mode=0o700)
        monkeypatch.setenv("GITBRIDGE_HOME", str(there))
        return there

    return move


def everything(cli) -> list:
    shown = [cli("thread", "list"), cli("decision", "list")]
    shown += [cli("usage", "--by", by) for by in ("agent", "tag", "day")]
    shown += [cli("export", "last", "--format", "json"), cli("agents")]
    return [result.out for result in shown]


def test_another_machine_has_it_all(cli, folder, elsewhere):
    before = everything(cli)
    there = elsewhere()

    result = cli("import", "all")

    assert result.status == 0
    assert f"The settings are in {there / 'config.toml'} now. Keys are never" in result.err
    assert everything(cli) == before
    assert cli("ask", "And now?", "--thread", "last", "--agent", "critic").status == 0


@pytest.mark.control("S5")
def test_no_key_and_no_way_out_goes_along(folder):
    for path in folder.iterdir():
        assert b"canary" not in path.read_bytes()
        if sys.platform != "win32":
            assert path.stat().st_mode & 0o077 == 0
    carried = tomllib.loads((folder / "settings.toml").read_text())
    assert list(carried) == ["budget", "agents", "prices"]
    assert carried["agents"]["proposer"]["instructions"] == "Two\nlines."


def test_a_journal_that_is_here_is_replaced_after_a_yes_alone_and_kept(cli, folder, home):
    cli("thread", "rename", "last", "Newer")

    asked = cli("import", "all")
    assert (asked.status, "--yes" in asked.err) == (2, True)
    assert "Newer" in cli("thread", "list").out

    told = cli("import", "all", "--yes")
    assert "The settings of this machine stay in force." in told.err
    assert "Which drink?" in cli("thread", "list").out
    assert len(list((home / "backups").glob("*replaced*.db"))) == 1


@pytest.mark.control("S12")
@pytest.mark.parametrize("name", ["journal.db", "settings.toml"])
def test_what_was_changed_since_is_refused(cli, folder, elsewhere, name):
    there = elsewhere()
    with (folder / name).open("ab") as file:
        file.write(b"\n")

    result = cli("import", "all")

    assert (result.status, result.out) == (1, "")
    assert f"{name} in all is not as it was written" in result.err
    assert list(there.iterdir()) == []


def rewritten(folder: Path, **more: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **more}))


@pytest.mark.control("S12")
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"format": "x"}, "no folder of"),
        ({"version": 2}, "another GitBridge"),
        ({"sha256": {"../../etc/passwd": "0"}}, "no whole folder"),
        ({"sha256": 5}, "no whole folder"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(cli, folder, elsewhere, more, reason):
    there = elsewhere()
    rewritten(folder, **more)

    result = cli("import", "all")

    assert (result.status, result.err.count("\n")) == (1, 1)
    assert reason in result.err
    assert list(there.iterdir()) == []


@pytest.mark.control("S12")
def test_settings_of_a_stranger_bring_no_address_for_a_key(cli, folder, elsewhere):
    there = elsewhere()
    text = '[providers.openai]\nbase_url = "https://evil.example/v1"\n'
    (folder / "settings.toml").write_text(text)
    sums = json.loads((folder / "manifest.json").read_text())["sha256"]
    rewritten(folder, sha256={**sums, "settings.toml": hashlib.sha256(text.encode()).hexdigest()})

    result = cli("import", "all")

    assert (result.status, "never exported" in result.err) == (1, True)
    assert list(there.iterdir()) == []


@pytest.mark.control("S12")
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_the_folder_is_not_followed(cli, folder, elsewhere):
    elsewhere()
    shutil.move(folder / "journal.db", "outside.db")
    (folder / "journal.db").symlink_to(Path("outside.db").resolve())

    assert "no whole folder" in cli("import", "all").err


def test_what_cannot_be_meant_is_refused(cli, folder):
    Path("full").mkdir()
    Path("full/file").touch()
    for words in (
        ("export",),
        ("export", "last", "--all", "x"),
        ("export", "--all", "full"),
        ("export", "--all", "x", "--format", "json"),
        ("import", "all", "--as-new"),
    ):
        assert cli(*words).status == 2
    assert cli("import", "full").status == 1


VALUES = st.one_of(
    st.text().map(lambda text: text.replace("\x7f", "")).filter(lambda t: t.isprintable()),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.text(alphabet="ab\n\"'\\é", max_size=5), max_size=3),
)


@given(
    st.dictionaries(
        st.sampled_from(CARRIED),
        st.recursive(
            st.dictionaries(st.text(alphabet='a."b \\é', max_size=4), VALUES, max_size=3),
            lambda inner: st.dictionaries(st.text(alphabet="xyz."), inner | VALUES, max_size=3),
        ),
    )
)
def test_any_settings_are_read_back_as_they_were(tables):
    assert tomllib.loads(toml(tables)) == tables
