"""On a real pseudo-terminal: over every screen and command, no escape but those the program makes.

The journal is filled past its cleaning on purpose: what is shown is cleaned once more (S1, S4).
"""

from __future__ import annotations

import asyncio
import re
import sys

import apsw
import pytest

from hub.domain.ask import Ask, Mode
from tests.fakes.hubs import House
from tests.fakes.voices import voting
from tests.tui import test_terminal
from tests.tui.test_hostile import ALL
from tests.tui.test_terminal import terminal

pytestmark = [
    pytest.mark.control("S1"),
    pytest.mark.control("S4"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal"),
]

_SCREENS = """
import asyncio
from pathlib import Path
from tests.fakes.story import decision, ended, running, turn, whole_turn
from tests.tui.test_hostile import EVIL, hostile_hub
from hub.domain.event import DecisionOpened, Delta, Notice, TurnChanged, TurnFailed
from hub.domain.turn import TurnState
from ui.app import GitBridgeApp

hub = hostile_hub(Path(__file__).parent / "exports")

class Tour(GitBridgeApp):
    async def painted(self):
        for _ in range(4):
            done = asyncio.Event()
            self.call_after_refresh(done.set)
            await done.wait()

    async def _begin(self, session):
        await super()._begin(session)
        self.run_worker(self.tour(), exit_on_error=False)

    async def tour(self):
        await self.painted()
        for n, evil in enumerate(EVIL):
            hub.bus.publish(
                *whole_turn(turn(f"w{n}", evil), self.view.last_seq + 1, evil),
                DecisionOpened(decision(options=(evil, f"not {evil}"))),
                TurnChanged(running(turn(f"u{n}", evil))),
                Delta("t1", turn(f"u{n}", evil).id, evil, evil),
                TurnFailed(ended(running(turn(f"f{n}", evil)), TurnState.FAILED), evil),
                Notice(evil, severity="warning"),
            )
            await self.painted()
        for name in ("graph", "route", "costs", "decisions", "providers", "help"):
            self.show_side(name)
            await self.painted()
            self.seen.append(type(self.screen).__name__)
            self.action_close_side()
            await self.painted()
        self.action_command_palette()
        await self.painted()
        self.exit()

app = Tour(hub.open)
app.seen = []
app.run()
print("TOURED", *app.seen)
"""
_COMMANDS = """
import sys
from ui.main import main

for words in {commands!r}:
    sys.argv = ["gitbridge", *words]
    print("STATUS", words[0], main())
"""
_LEFT_OVER = re.compile(
    "[\x00\x07\x9b\x90\x9d\u202e\u2066\u200b]|\\]52;c;Zm9v\x07|\x1b\\]|\x1b\\[2J"
)
_POINTER = re.compile(r"\x1b\]22;[a-z-]*\x07")
"""Textual's own: the shape of the mouse pointer, from a fixed list."""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def shown(tty):
    tty.read_until()
    status = tty.process.wait(10)
    return status, tty.output.decode("utf-8", "strict")


def test_on_no_screen_does_a_hostile_text_leave_a_byte_that_steers(tmp_path, monkeypatch):
    monkeypatch.setattr(test_terminal, "PROGRAM", _SCREENS)
    with terminal(tmp_path) as tty:
        status, output = shown(tty)

    assert status == 0, output[-2_000:]
    assert "TOURED Graph Route Cost Decision Provider Help" in output.replace("Screen", "")
    assert "press" in output
    assert _LEFT_OVER.findall(_POINTER.sub("", output)) == []


async def _fill(home):
    """Make a thread with a decision, then write hostile text over what the journal holds."""
    async with House(home) as house:
        votes = {"proposer": "tabs", "critic": "spaces", "synthesist": "tabs"}
        for voice in house.voices.values():
            voice.script = voting(votes)
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), rounds=1))
    evil = ALL.replace("\x00", "")
    journal = apsw.Connection(str(home / "gitbridge.db"))
    for table, column in (
        ("thread", "title"),
        ("message", "body"),
        ("message", "author"),
        ("turn", "error"),
        ("turn", "partial"),
        ("route", "reason"),
    ):
        journal.execute(f"UPDATE {table} SET {column} = ?", (evil,))  # noqa: S608  literals
    for table, column in (("decision", "proposal"), ("decision", "tally"), ("ballot", "body")):
        inside = "".join(f"\\u{ord(c):04x}" for c in evil)
        text = f"replace({column}, 'prefers', '{inside}')"
        journal.execute(f"UPDATE {table} SET {column} = {text}")  # noqa: S608  literals
    journal.close()
    return answer


def test_no_command_leaves_a_byte_that_steers(home, tmp_path, monkeypatch):
    answer = asyncio.run(_fill(home))
    commands = [
        ("thread", "list"), ("thread", "show", "last"), ("thread", "search", "press"),
        ("decision", "list"), ("decision", "show", answer.decision.id),
        ("turn", "show", answer.turns[0].id), ("turn", "show", answer.turns[0].id, "--json"),
        ("export", "last"), ("export", "last", "--format", "json"), ("export", "last", "--format", "html"),
        ("graph", "last"), ("usage", "--by", "thread"), ("agents",), ("models",), ("providers",),
        ("config", "show"), ("thread", "rename", "last", ALL.replace("\x00", "")), ("thread", "list"),
        ("thread", "show", ALL.replace("\x00", "")), ("ask", "q", "--agent", ALL.replace("\x00", "")),
    ]  # fmt: skip
    monkeypatch.setattr(test_terminal, "PROGRAM", _COMMANDS.format(commands=commands))
    with terminal(tmp_path) as tty:
        _, output = shown(tty)

    assert output.count("STATUS") == len(commands)
    assert output.count("STATUS thread 0") == 5
    assert "Traceback" not in output
    assert "press" in output
    assert "\x1b" not in _COLOURS.sub("", output)
    assert _LEFT_OVER.findall(_POINTER.sub("", output)) == []
