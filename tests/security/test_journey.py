"""A whole journey, then: no piece of a key anywhere, no file for others, no stranger dialled."""

from __future__ import annotations

import asyncio
import stat
import sys

import pytest

from tests.security.canary import Hunter, canary, spellings
from tests.security.journey import PLACES, Journey, travel

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def journey(tmp_path_factory) -> Journey:
    """Travel once for all tests."""
    return asyncio.run(travel(tmp_path_factory.mktemp("journey")))


@pytest.fixture(scope="module")
def hunt(journey):
    """Return what finds a piece of any of the keys."""
    return Hunter(journey.keys.values())


def files(journey):
    """Every file that the journey left, but the one where the person had put a key."""
    found = [p for folder in (journey.home, journey.work) for p in folder.rglob("*") if p.is_file()]
    return [path for path in found if path.name != "config.toml"]


@pytest.mark.control("S5")
def test_every_place_s_key_was_found_and_sent(journey):
    assert journey.sent - {""} == {journey.keys[place] for place in PLACES}


@pytest.mark.control("S5")
def test_no_file_holds_a_piece_of_a_key(journey, hunt):
    kinds = {path.suffix for path in files(journey)}

    assert {".db", ".log", ".html", ".md", ".json", ".svg", ".txt"} <= kinds
    assert [p.name for p in files(journey) if hunt.finds(p.read_bytes())] == []


@pytest.mark.control("S5")
def test_the_journal_and_its_log_never_held_one_on_the_way(journey, hunt):
    assert {name for name, _ in journey.on_the_way} >= {"gitbridge.db", "gitbridge.db-wal"}
    assert {name for name, content in journey.on_the_way if hunt.finds(content)} == set()


@pytest.mark.control("S5")
def test_nothing_was_said_that_holds_one_and_no_traceback(journey, hunt):
    for words, ended in journey.ended:
        assert not hunt.finds(ended.out + ended.err), words
        assert "Traceback" not in ended.err, words


@pytest.mark.control("S5")
def test_each_source_is_named_where_its_key_was_refused(journey):
    said = "".join(ended.err + ended.out for _, ended in journey.ended)

    for source in (
        "environment OPENAI_API_KEY",
        "config.toml",
        ".env OPENAI_API_KEY",
        "GitHub Actions GITHUB_OPENAI_API_KEY",
        "keyring",
    ):
        assert f"check the key from {source}" in said


@pytest.mark.control("S5")
def test_a_crash_is_one_sentence_and_its_report_and_those_of_threads_are_masked(journey):
    ((_, crash),) = [entry for entry in journey.ended if entry[0] == ("crash",)]
    reports = [p.read_text() for p in (journey.home / "logs").glob("error-*.txt")]

    assert crash.status == 1
    assert crash.out == ""
    assert crash.err.startswith("gitbridge: That should not happen (RuntimeError); the details are")
    assert crash.err.count("\n") == 1
    for told in ("could not use [key]", "in_a_thread", "a.library: sent [key]", "OSError: [key]"):
        assert any(told in report for report in reports), told


@pytest.mark.control("S5")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_command_line_held_one(journey, hunt):
    lines = journey.command_lines

    assert any(b"gitbridge" in line for line in lines)
    assert [line for line in lines if hunt.finds(line)] == []


@pytest.mark.control("S5")
def test_no_program_that_was_started_was_given_one(journey, hunt):
    started = [
        seen for event, seen in journey.watched.events if event in ("subprocess.Popen", "os.exec")
    ]

    assert [words for words, given in started if hunt.finds(f"{words} {given}".encode())] == []


@pytest.mark.control("S15")
def test_nobody_was_dialled_but_the_two_configured_servers(journey):
    events = journey.watched.events
    dialled = {
        tuple(where) for event, where in events if event == "socket.connect" and len(where) == 2
    }
    looked_up = {where for event, where in events if event == "socket.getaddrinfo"}

    assert {port for _, port in dialled} == journey.dialled
    assert {host for host, _ in dialled} == {"127.0.0.1"}
    assert looked_up <= {"127.0.0.1"}
    assert [
        e for e, _ in events if e in ("socket.sendto", "webbrowser.open", "urllib.Request")
    ] == []


@pytest.mark.control("S15")
def test_nobody_could_have_dialled_us(journey):
    bound = [where for event, where in journey.watched.events if event == "socket.bind"]

    assert [where for where in bound if where[0] not in ("127.0.0.1", "::1")] == []


@pytest.mark.control("S6")
@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")
def test_everything_that_was_made_is_for_its_owner_alone(journey):
    made = [journey.home, *journey.home.rglob("*"), *(p for p in journey.work.iterdir())]
    wrong = {
        str(path.relative_to(journey.folder)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in made
        if stat.S_IMODE(path.lstat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }
    names = {path.name for path in made}

    assert set(journey.modes) >= {"gitbridge.db", "gitbridge.db-wal", "gitbridge.db-shm"}
    assert set(journey.modes.values()) == {0o600}
    assert {"gitbridge.db", "logs", "owners", "backups", "openai_integration_trace.log"} <= names
    assert wrong == {}


def test_the_hunt_finds_what_it_is_after():
    key = canary()
    hunt = Hunter([key])

    assert all(hunt.finds(f"x{spelling}y") for spelling in spellings(key))
    assert hunt.finds(key[3:17])
    assert hunt.finds(key.encode().hex()[5:33])
    assert not hunt.finds(canary())
