"""`gitbridge import`: what left the hub as a transcript comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.exports.json_transcript import to_json
from tests.fakes.transcripts import deliberation, hostile
from tests.hub.imports.test_chatgpt import TREE

ASKED = ("Which drink?", "--option", "tea", "--option", "coffee")


@pytest.fixture
def exported(cli, home, monkeypatch) -> Path:
    """A file of a real deliberation, and a home that has never seen it."""
    thread = cli("ask", *ASKED, "--json").json["thread"]
    path = Path("drinks.json")
    path.write_text(cli("export", thread, "--format", "json").out, encoding="utf-8")
    (home / "other").mkdir(mode=0o700)
    monkeypatch.setenv("GITBRIDGE_HOME", str(home / "other"))
    return path


def test_an_imported_thread_is_exported_to_the_byte_and_costs_nothing_again(cli, exported):
    document = json.loads(exported.read_text())

    result = cli("import", str(exported))

    assert (result.status, result.out) == (0, document["thread"]["id"] + "\n")
    assert result.err == "'Which drink?': 5 messages.\n"
    assert cli("export", "last", "--format", "json").out == exported.read_text()
    assert cli("usage", "--json").json == []
    assert cli("thread", "list", "--json").json == [document["thread"]]
    assert document["thread"]["cost_usd"] > 0
    assert cli("decision", "list", "--json").json == document["decisions"]


def test_asked_twice_it_changes_nothing(cli, exported, home):
    cli("import", str(exported))
    before = cli("export", "last", "--format", "json").out

    again = cli("import", str(exported))

    assert (again.status, again.out) == (1, "")
    assert "is here already: nothing was changed; --as-new" in again.err
    assert len(cli("thread", "list", "--json").json) == 1
    assert cli("export", "last", "--format", "json").out == before


def test_as_new_stands_beside_it_under_new_ids(cli, exported):
    cli("import", str(exported))

    (copy,) = cli("import", str(exported), "--as-new", "--json").json

    first, second = cli("thread", "list", "--json").json
    assert copy in (first, second)
    assert first["id"] != second["id"]
    assert {**first, "id": ""} == {**second, "id": ""}


def test_lines_come_back_as_well(cli, exported):
    cli("import", str(exported))
    lines = cli("export", "last", "--format", "jsonl").out
    cli("thread", "delete", "last", "--yes")

    result = cli("import", "-", stdin=lines.encode())

    assert result.status == 0
    assert cli("export", "last", "--format", "jsonl").out == lines
    assert cli("export", "last", "--format", "json").out == exported.read_text()


def test_an_imported_thread_goes_on(cli, exported):
    cli("import", str(exported))

    answer = cli("ask", "And at night?", "--thread", "last", "--agent", "critic", "--json").json
    whole = cli("export", "last", "--format", "json").json

    assert [m["seq"] for m in whole["messages"]] == list(range(1, 8))
    before = json.loads(exported.read_text())
    assert whole["messages"][:5] == before["messages"]
    assert whole["thread"]["cost_usd"] == pytest.approx(
        before["thread"]["cost_usd"] + answer["usage"]["cost_usd"]
    )
    assert sum(row["cost_usd"] for row in cli("usage", "--json").json) == pytest.approx(
        answer["usage"]["cost_usd"]
    )


def test_who_is_not_configured_is_named_and_can_be_mapped(cli):
    Path("chat.json").write_text(json.dumps([TREE]))

    named = cli("import", "chat.json")
    wrong = cli("import", "chat.json", "--map", "chatgpt=nobody")
    mapped = cli("import", "chat.json", "--map", "chatgpt=critic", "--as-new")

    assert "Not configured here: chatgpt." in named.err
    assert "--map chatgpt=AGENT" in named.err
    assert (wrong.status, wrong.out) == (2, "")
    assert "There is no agent named 'nobody': proposer, critic, synthesist." in wrong.err
    assert mapped.err == "'Stores': 2 messages.\n"
    shown = cli("thread", "show", mapped.out.strip()).out
    assert "#2 critic, reply" in shown
    assert "openai/gpt-4o" in shown
    assert "0 + 0 tokens" not in shown


def test_several_conversations_print_an_id_each_and_known_ones_are_told(cli):
    other = {**TREE, "conversation_id": "other", "title": "Other"}
    other["mapping"] = json.loads(json.dumps(TREE["mapping"]).replace('"m-', '"n-'))
    Path("one.json").write_text(json.dumps([TREE]))
    Path("two.json").write_text(json.dumps([TREE, other]))
    cli("import", "one.json")

    result = cli("import", "two.json")

    assert (result.status, result.out) == (0, "other\n")
    assert "6720b6a3 'Stores' is here already, unchanged." in result.err


@pytest.mark.control("S12")
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"format": "gitbridge-transcript",\n"version" 1}', "line 2, column 11"),
        (b"[" * 100_000, "nested too deeply"),
        (b"PK\x03\x04 ../../evil", "an archive"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_refused_is_one_sentence_and_leaves_nothing(cli, content, reason):
    Path("bad.json").write_bytes(content)

    result = cli("import", "bad.json")

    assert (result.status, result.out) == (1, "")
    assert reason in result.err
    assert result.err.count("\n") == 1
    assert cli("thread", "list", "--json").json == []


@pytest.mark.control("S12")
def test_a_file_of_two_gigabytes_is_not_read(cli):
    with Path("huge.json").open("wb") as file:
        file.truncate(2 * 1024**3)

    result = cli("import", "huge.json")

    assert (result.status, result.out) == (1, "")
    assert "more than 64 MiB" in result.err


def test_what_is_no_file_is_one_sentence(cli):
    for name, status in (("missing.json", 1), (".", 1), ("\0", 1)):
        result = cli("import", name)
        assert (result.status, result.out, result.err.count("\n")) == (status, "", 1)


def test_a_map_without_its_two_names_is_refused_before_anything_is_read(cli):
    for pair in ("critic", "=critic", "chatgpt="):
        assert cli("import", "missing.json", "--map", pair).status == 2


@pytest.mark.control("S10")
@pytest.mark.parametrize("format_", ["markdown", "json", "jsonl", "html", "csv"])
def test_a_hostile_thread_comes_in_and_leaves_in_every_format(cli, format_):
    Path("hostile.json").write_text(to_json(hostile()))
    assert cli("import", "hostile.json").status == 0

    written = cli("export", "last", "--format", format_, "-o", ".")

    path = Path(written.out.strip())
    assert path.resolve().parent == Path.cwd()
    assert len(list(Path().iterdir())) == 2
    text = path.read_text(encoding="utf-8")
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_csv_is_written_by_its_ending(cli):
    Path("notes.json").write_text(to_json(deliberation()))
    cli("import", "notes.json")

    assert cli("export", "last", "-o", "notes.csv").status == 0
    assert Path("notes.csv").read_text(encoding="utf-8").startswith('"seq","id","created_at"')
    assert cli("export", "last", "--format", "csv").out == Path("notes.csv").read_text("utf-8")
