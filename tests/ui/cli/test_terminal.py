"""What differs where a person sits at a terminal."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from hub.domain.ask import Mode
from ui.cli.demo import QUESTION

CLOSED = ("Which drink?", "--option", "tea", "--option", "coffee")


@pytest.fixture
def launched(monkeypatch) -> list[dict]:
    """Stands in for the screen; returns what it was called with."""
    calls: list[dict] = []

    def launch(*args, **named) -> int:
        calls.append({"args": args, **named})
        return 7

    monkeypatch.setattr("ui.cli.tui.launch", launch)
    return calls


def test_ask_streams_the_discussion_to_stdout_and_ends_with_the_decision(cli):
    result = cli("ask", *CLOSED, terminal=True)

    assert result.out.index("I am critic, and this is my draft.") < result.out.index("\nOutcome: ")
    assert "\x1b" not in result.out + result.err


def test_an_answer_that_was_streamed_is_not_printed_again(cli):
    result = cli("ask", "q", "--agent", "critic", terminal=True)

    assert result.out.count("I am critic, and this is my reply.") == 1


def test_json_on_a_terminal_is_json_alone(cli):
    assert cli("ask", *CLOSED, "--json", terminal=True).json["decision"]["winner"] == "tea"


@pytest.mark.parametrize(("answer", "left"), [(b"y\n", 0), (b"n\n", 1), (b"\n", 1), (b"", 1)])
def test_delete_asks_and_only_yes_deletes(cli, answer, left):
    cli("ask", "q", "--agent", "critic")

    result = cli("thread", "delete", "last", terminal=True, stdin=answer)

    assert result.status == 0
    assert "Delete 'q' with 2 messages for good? [y/N]" in result.err
    assert len(cli("thread", "list", "--json").json) == left


def test_without_a_command_the_screen_opens(cli, launched):
    assert cli(terminal=True).status == 7
    assert launched == [{"args": ()}]


def test_the_demo_opens_the_screen_with_its_question_but_for_headless(cli, launched):
    assert cli("demo", terminal=True).status == 7
    (call,) = launched
    assert (call["question"].question, call["question"].mode) == (QUESTION, Mode.DECIDE)
    assert call["question"].provider == "local"

    assert cli("demo", "--headless", terminal=True).status == 0
    assert len(launched) == 1


def test_a_picture_is_not_thrown_at_a_terminal(cli):
    cli("ask", "q", "--agent", "critic")

    result = cli("graph", "--format", "png", terminal=True)

    assert (result.status, result.out) == (2, "")
    assert "-o PATH" in result.err


def test_the_graph_has_colours_unless_the_person_wants_none(cli, monkeypatch):
    cli("ask", "q", "--agent", "critic")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert "\x1b[" in cli("graph", terminal=True).out

    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in cli("graph", terminal=True).out


@pytest.mark.skipif(sys.platform == "win32", reason="the editor is a shell script")
def test_config_edit_makes_a_private_file_opens_the_editor_and_checks_what_was_written(
    cli, home, monkeypatch
):
    editor = Path("editor.sh").absolute()
    editor.write_text('#!/bin/sh\nprintf "[router]\\nstrategy = \\"$1\\"\\n" > "$2"\n')
    editor.chmod(0o700)

    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{editor} hybrid")
    result = cli("config", "edit", terminal=True)
    assert (result.status, result.err) == (0, f"{home / 'config.toml'} is valid.\n")
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600

    monkeypatch.setenv("EDITOR", f"{editor} luck")
    result = cli("config", "edit", terminal=True)
    assert result.status == 2
    assert "config.toml" in result.err


def test_an_editor_that_is_not_there_is_told(cli, monkeypatch):
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "no-such-editor-anywhere")

    result = cli("config", "edit", terminal=True)

    assert result.status == 2
    assert "set EDITOR" in result.err
