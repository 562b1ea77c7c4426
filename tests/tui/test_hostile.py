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


def hostile_hub(tmp_path, evil):
    hub = hub_with_thread(
        tmp_path,
        evil,
        f"**{evil}**\n\n```\n{evil}\n```\n\n| {evil} | b |\n|---|---|\n| 1 | {evil} |",
    )
    hub.rows["t1"] = replace(hub.rows["t1"], title=f"title {evil}")
    hub.personas = (Persona(f"agent {evil}", evil, evil), *hub.personas)
    hub.health_says = (Health(f"p {evil}", False, None, evil),)

    async def health():
        return hub.health_says

    hub.health = health
    return hub


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("size", [SIZES[1], SIZES[3]])
async def test_hostile_text_everywhere_shows_as_text_and_does_nothing(tmp_path, evil, size):
    async with played(hostile_hub(tmp_path, evil), size=size) as stage:
        ran = []
        stage.app.action_evil = lambda *a: ran.append(a)
        name = f"agent {evil}"
        begun = running(turn("u7", name))
        await stage.publish(
            *whole_turn(turn("u1", name), 3, evil),
            DecisionOpened(decision(options=(evil, f"not {evil}"))),
            TurnChanged(begun),
            Delta("t1", begun.id, name, evil),
            TurnFailed(ended(begun, TurnState.FAILED), evil),
            Notice(evil, severity="warning"),
        )
        await stage.send(f"/title {evil}")
        for key in ("f1", "f2", "f3", "f4", "f8", "f9", "escape"):
            await stage.press(key)
            text = stage.screen_text()
            assert not set(text) & set("\x1b\x07\x9b\x00\u202e\u2066")
        await stage.press("ctrl+p")
        await stage.pilot.pause(0.1)
        await stage.press("escape")
        width, height = size
        for x, y in ((width // 2, 2), (6, 2), (width - 6, height // 2)):
            await stage.pilot.click(offset=(x, y))

        assert ran == []


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
