"""What can be done with a message: by its menu, by its keys, and by the composer's commands."""

import pytest

from hub.domain.ask import Ask
from hub.domain.event import TurnChanged, TurnFailed
from hub.domain.turn import TurnState
from tests.fakes.story import ended, route, running, turn, whole_turn
from tests.tui.stage import hub_with_thread, played
from ui.deeds import DOINGS, Deed
from ui.screens.choice import ChoiceScreen
from ui.screens.reading import ReadingScreen

pytestmark = pytest.mark.anyio
CODE = "Look:\n\n```py\nx = 1\n```\n\nand\n\n```\nsecond\n```"


async def on_message(stage, up=1):
    """Put the cursor on a message, counted from the newest."""
    await stage.press(*["alt+up"] * up)


async def test_enter_on_a_message_opens_its_menu_and_a_letter_chooses(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage)
        await stage.press("enter")
        assert isinstance(stage.app.screen, ChoiceScreen)
        assert "have it answered again" in stage.screen_text()
        assert "ask it otherwise" not in stage.screen_text()
        await stage.press("t")

        assert ("retry", "t1-2") in stage.hub.calls


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("t", ("retry", "t1-2")),
        ("o", ("carry_on", "t1-2")),
        ("plus", ("mark", "t1-2", True)),
        ("minus", ("mark", "t1-2", False)),
    ],
)
async def test_keys_on_an_answer_do_at_once_what_they_say(tmp_path, key, call):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage)
        await stage.press(key)

        assert call in stage.hub.calls


async def test_code_blocks_are_copied_one_after_the_other(tmp_path):
    async with played(hub_with_thread(tmp_path, "Code?", CODE)) as stage:
        await on_message(stage)
        for copied in ("x = 1", "second", "x = 1"):
            await stage.press("c")
            assert stage.app.clipboard == copied
        assert stage.hint == "copied the code block 1 of 2 (5 characters)"


async def test_a_message_is_pinned_and_the_pin_is_seen(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage)
        await stage.press("p")
        assert "pinned" in stage.screen_text().split("It depends.")[0]
        await stage.press("p")

        assert stage.hint == "no longer pinned"


async def test_a_redacted_text_is_gone_from_the_screen_once_it_was_confirmed(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage)
        await stage.press("x", "n")
        assert not [c for c in stage.hub.calls if c[0] == "redact"]
        await stage.press("x", "x")

        assert "It depends." not in stage.screen_text()
        assert "[redacted]" in stage.screen_text()
        assert "openai had it" in stage.hint


async def test_a_reply_answers_the_message_and_esc_lets_go(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage)
        await stage.press("r")
        assert "reply to proposer" in stage.screen_text()
        await stage.send("On what?")
        await on_message(stage)
        await stage.press("r", "escape")
        await stage.send("And now?")

        assert [ask.reply_to for ask, _ in stage.hub.asked] == ["t1-2", None]


async def test_a_question_is_asked_otherwise_in_a_branch(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage, up=2)
        await stage.press("b")
        assert stage.app.main.composer.text == "Should the router prefer grok?"
        await stage.send("Should it not?")

        assert ("branch", "t1-1") in stage.hub.calls
        assert stage.hub.asked == [(Ask("Should it not?"), "b1")]
        assert stage.app.view.thread_id == "b1"


async def test_a_message_is_read_as_it_was_written(tmp_path):
    async with played(hub_with_thread(tmp_path, "a", "**bold** `code`")) as stage:
        await on_message(stage)
        await stage.press("w")
        assert isinstance(stage.app.screen, ReadingScreen)
        assert "**bold** `code`" in stage.screen_text()
        await stage.press("escape")

        assert stage.app.screen is stage.app.main


async def test_what_does_not_fit_says_so(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await on_message(stage, up=2)
        await stage.press("t")

        assert "is nothing to have made again" in stage.hint
        assert not [c for c in stage.hub.calls if c[0] == "retry"]


async def test_a_turn_that_came_to_nothing_is_tried_again(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        begun = running(turn("u1", "critic"))
        await stage.publish(TurnChanged(begun), TurnFailed(ended(begun, TurnState.FAILED), "Down."))
        await on_message(stage)
        await stage.press("t")
        await stage.send("/retry")

        assert stage.hub.calls.count(("retry", "u1")) == 2


async def test_why_this_model_shows_the_turns_own_route(tmp_path):
    from hub.domain.route import RoutedCall
    from hub.domain.turn import Purpose

    hub = hub_with_thread(tmp_path)
    hub.routed = (RoutedCall(route("u1", "proposer"), "t1", Purpose.REPLY, 1, None, 2_100),)
    async with played(hub) as stage:
        await stage.publish(*whole_turn(turn("u1", "proposer"), 3, "Because."))
        await on_message(stage)
        await stage.press("m")

        assert stage.app.screen.has_class("route")
        assert ("explain", "u1") in hub.calls
        assert "best weighted score" in stage.screen_text()


def test_every_deed_has_a_key_of_its_own_and_a_place_in_the_help():
    assert {doing.deed for doing in DOINGS} == set(Deed)
    assert len({doing.key for doing in DOINGS}) == len(DOINGS)
