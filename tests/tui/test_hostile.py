"""Nothing that a model, a name, a title or an error says reaches the terminal or runs."""

from dataclasses import replace

import pytest

from hub.domain.agent import Persona
from hub.domain.event import DecisionOpened, Delta, Notice, TurnChanged, TurnFailed
from hub.domain.route import Health
from hub.domain.turn import TurnState
from tests.fakes.story import decision, ended, running, turn, whole_turn
from tests.tui.stage import SIZES, hub_with_thread, played

pytestmark = [pytest.mark.anyio, pytest.mark.control("S2")]

EVIL = [
    "[/]",
    "[/b]",
    "[TODO] [b]",
    "[@click=app.evil('x')]press[/]",
    "\x1b]0;title\x07\x1b[2J\x1b]52;c;Zm9v\x07",
    "a\u202egnp.exe\u2066 \x9b31m \x00",
    "$x {y} %s \\",
]


ALL = " ".join(EVIL)


def hostile_hub(tmp_path):
    shapes = (
        "{0}",
        "**{0}**\n\n```\n{0}\n```\n\n| {0} | b |\n|---|---|\n| 1 | {0} |",
        "- {0}\n> {0}",
    )
    hub = hub_with_thread(tmp_path, *(s.format(e) for e in EVIL for s in shapes), ALL)
    for n, evil in enumerate(EVIL):
        hub.add_thread(evil, evil, id=f"e{n}")
    hub.rows["t1"] = replace(hub.rows["t1"], title=f"title {ALL}")
    hub.personas = (*(Persona(evil, evil, evil) for evil in EVIL), *hub.personas)

    async def health():
        return tuple(Health(f"p {evil}", False, None, evil) for evil in EVIL)

    hub.health = health
    return hub


async def test_hostile_text_everywhere_shows_as_text_and_does_nothing(tmp_path):
    async with played(hostile_hub(tmp_path), size=SIZES[-1]) as stage:
        ran = []
        stage.app.action_evil = lambda *a: ran.append(a)
        for n, evil in enumerate(EVIL):
            begun = running(turn(f"u{n}", evil))
            failing = running(turn(f"f{n}", evil))
            await stage.publish(
                *whole_turn(turn(f"w{n}", evil), stage.app.view.last_seq + 1, evil),
                DecisionOpened(decision(options=(evil, f"not {evil}"))),
                TurnChanged(begun),
                Delta("t1", begun.id, evil, evil),
                TurnFailed(ended(failing, TurnState.FAILED), evil),
                Notice(evil, severity="warning"),
            )
        await stage.send(f"/title {ALL}")
        menus = ("alt+up", "enter", "escape", "alt+up", "r", "w", "escape", "x", "escape")
        dialogs = ("ctrl+o", "d", "ctrl+o", "o", "escape", "ctrl+r", "escape", "alt+1", "slash")
        for key in (
            "f1",
            "f2",
            "f3",
            "f4",
            "f8",
            "f9",
            "escape",
            *menus,
            *dialogs,
            "escape",
            "ctrl+p",
        ):
            await stage.press(key)
            assert not set(stage.screen_text()) & set("\x1b\x07\x9b\x00\u202e\u2066")
        await stage.press("escape")
        for typed in ("/search press", f"/import {ALL}", f"/theme {ALL}", f"see @./{EVIL[3]}"):
            await stage.send(typed)
            await stage.pilot.pause(0.05)
            assert not set(stage.screen_text()) & set("\x1b\x07\x9b\x00\u202e\u2066")
            await stage.press("escape")
        width, height = SIZES[-1]
        for x, y in ((width // 2, 2), (6, 2), (width - 6, height // 2)):
            await stage.pilot.click(offset=(x, y))

        assert ran == []
        assert "press" in stage.screen_text()


@pytest.mark.control("S5")
async def test_a_crash_says_one_sentence_and_prints_no_locals(tmp_path, capsys):
    secret = "sk-canary-0123456789"
    reports = []

    def report(error):
        reports.append(error)
        return "That should not happen; the details are in the log."

    async def crash():
        async with played(hub_with_thread(tmp_path), report=report) as stage:
            stage.app.call_later(lambda: 1 / (len(secret) - len(secret)))
            await stage.pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await crash()

    assert [type(error) for error in reports] == [ZeroDivisionError]
    assert capsys.readouterr().err == "That should not happen; the details are in the log.\n"
