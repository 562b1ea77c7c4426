"""Keys, the palette and the side screens."""

import pytest
from textual.binding import Binding

from hub.domain.event import Delta, TurnChanged
from hub.domain.turn import TurnState
from tests.fakes.story import running, turn, vote_events, whole_turn
from tests.tui.stage import SIZES, hub_with_thread, played
from ui.keymap import ANYWHERE, MAIN
from ui.screens.main import MainScreen
from ui.screens.orphans import OrphansScreen

pytestmark = pytest.mark.anyio

FORBIDDEN = {
    *(f"ctrl+{c}" for c in "himzsbadekuvwxy"), "ctrl+left_square_bracket",
    "f5", "f6", "f7", "f10", "f11",
}  # fmt: skip
SIDES = {
    "f1": "Ctrl+J",
    "f2": "arrows pick",
    "f3": "best weighted score",
    "f4": "completion",
    "f8": "grok for triage",
    "f9": "grok-3-mini",
}


def test_no_key_is_one_that_terminals_or_the_composer_need():
    keys = {k for key in (*ANYWHERE, *MAIN) for k in key.keys.split(",")}

    assert not keys & FORBIDDEN


def test_every_key_has_an_id_of_its_own_and_no_two_share_a_key():
    table = (*ANYWHERE, *MAIN)

    assert len({key.id for key in table}) == len(table)
    assert len({k for key in table for k in key.keys.split(",")}) == len(table)


@pytest.mark.parametrize("size", [SIZES[0], SIZES[-1]])
async def test_every_side_screen_opens_by_its_key_and_closes_by_it_or_esc(tmp_path, size):
    async with played(hub_with_thread(tmp_path), size=size) as stage:
        await stage.publish(*whole_turn(turn("u1", "proposer"), 3, "x"), *vote_events())
        for key, shown in SIDES.items():
            await stage.press(key)
            await stage.pilot.pause(0.05)
            assert shown in stage.screen_text()
            await stage.press("escape" if key < "f3" else key)
            assert isinstance(stage.app.screen, MainScreen)


async def test_one_side_screen_takes_the_place_of_another(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.press("f3")
        await stage.press("f4")

        assert len(stage.app.screen_stack) == 2
        assert stage.app.screen.has_class("costs")


async def test_the_graph_screen_shows_who_answers_whom(tmp_path):
    async with played(hub_with_thread(tmp_path), size=(80, 24)) as stage:
        assert ("interactions", "t1") not in stage.hub.calls
        await stage.press("f2")
        await stage.pilot.pause(0.2)

        assert "proposer" in stage.screen_text()
        assert ("interactions", "t1") in stage.hub.calls


async def test_page_keys_scroll_the_transcript_from_the_composer(tmp_path):
    async with played(hub_with_thread(tmp_path, *("word " * 60 for _ in range(60)))) as stage:
        await stage.press("pageup")

        assert not stage.app.main.transcript.following
        assert stage.app.focused is stage.app.main.composer
        await stage.press("pagedown")
        assert stage.app.main.transcript.following


async def test_the_message_cursor_and_y_copy_a_message(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.press("alt+up", "alt+up")
        stage.app.main.transcript.focus()
        await stage.press("y")

        assert stage.app.clipboard == "Should the router prefer grok?"
        assert stage.hint == "copied the message (30 characters)"


async def test_ctrl_c_stops_what_runs_else_says_how_to_leave(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.press("ctrl+c")
        assert stage.hint == "Ctrl+Q or /quit leaves GitBridge."

        await stage.publish(TurnChanged(running(turn("u1", "critic"))))
        await stage.press("ctrl+c")

        assert ("stop", "t1") in stage.hub.calls
        assert stage.hint == "stopped 1 turn"


async def test_ctrl_c_copies_what_is_selected_in_the_transcript(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        transcript = stage.app.main.transcript
        await stage.pilot.mouse_down(transcript, offset=(3, 1))
        await stage.pilot.hover(transcript, offset=(8, 1))
        await stage.pilot.mouse_up(transcript, offset=(8, 1))
        await stage.settle()
        await stage.press("ctrl+c")

        assert stage.app.clipboard == "Should"


async def test_escape_twice_stops_the_thread(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        begun = running(turn("u1", "critic"))
        await stage.publish(TurnChanged(begun), Delta("t1", begun.id, "critic", "x"))
        await stage.press("escape")
        assert stage.hint == "Esc again stops this thread."
        assert not [c for c in stage.hub.calls if c[0] == "stop"]

        await stage.pilot.press("escape", "escape")
        await stage.settle()

        assert ("stop", "t1") in stage.hub.calls


async def test_ctrl_n_makes_room_for_a_new_thread(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.press("ctrl+n")
        assert stage.app.view.thread is None

        await stage.send("A fresh start")

        assert stage.hub.asked[0][1] == "new1"


@pytest.mark.parametrize("leave", ["ctrl+q", "/quit"])
async def test_leaving_closes_the_hub_and_ends_with_zero(tmp_path, leave):
    async with played(hub_with_thread(tmp_path)) as stage:
        if leave.startswith("/"):
            await stage.send(leave)
        else:
            await stage.press(leave)

    assert stage.hub.calls[-1] == ("close",)
    assert (stage.app.return_code, stage.app.return_value) == (0, 0)


async def test_export_writes_a_private_file_and_says_where(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/export html")
        await stage.pilot.pause(0.1)

        (path,) = (tmp_path / "exports").iterdir()
        assert path.read_text() == "# Router policy as html\n"
        assert str(path) in stage.hint
        await stage.send("/export pdf")
        assert "Unknown format 'pdf'" in stage.hint


async def test_a_cap_is_set_from_the_composer(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/budget day 5")
        assert stage.hint == "day: cap $5.00, $1.39 left"
        assert ("set_budget", "day", 5_000_000) in stage.hub.calls

        await stage.send("/budget day lots")
        assert "The amount is missing" in stage.hint


async def test_the_strategy_is_shown_and_switched(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/strategy round_robin")
        assert stage.hint == "strategy: round_robin"

        await stage.send("/strategy nonsense")

        assert stage.hint == "There is no strategy 'nonsense'."


async def test_commands_open_screens(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        for typed, where in (("/agents", "providers"), ("/budget", "costs"), ("/help", "help")):
            await stage.send(typed)
            assert stage.app.screen.has_class(where)
            await stage.press("escape")


async def test_an_unknown_command_stays_in_the_composer_with_its_reason(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/frobnicate")

        assert "There is no command /frobnicate" in stage.hint
        assert stage.app.main.composer.text == "/frobnicate"


async def test_the_palette_finds_commands_and_threads(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.add_thread("Billing [b]audit", "elsewhere", id="t2")
    async with played(hub) as stage:
        await stage.press("ctrl+p")
        await stage.type("billing")
        await stage.pilot.pause(0.3)
        await stage.press("down", "enter")
        await stage.pilot.pause(0.1)

        assert stage.app.view.thread_id == "t2"


@pytest.mark.parametrize(("key", "call"), [("c", "resume"), ("d", "drop"), ("escape", None)])
async def test_what_a_dead_program_left_is_continued_dropped_or_left(tmp_path, key, call):
    hub = hub_with_thread(tmp_path)
    hub.left = (turn("u9", "critic", state=TurnState.RUNNING),)
    async with played(hub, size=(80, 24)) as stage:
        assert isinstance(stage.app.screen, OrphansScreen)
        assert "1 turn unfinished" in stage.screen_text()
        await stage.press(key)

        asked = [c[0] for c in hub.calls if c[0] in ("resume", "drop")]
        assert asked == ([call] if call else [])
        assert isinstance(stage.app.screen, MainScreen)


async def test_a_thread_that_does_not_exist_ends_with_its_sentence(tmp_path, capsys):
    async with played(hub_with_thread(tmp_path), thread="nope") as stage:
        await stage.settle()

    assert stage.app.return_code == 1
    assert "No thread 'nope'" in capsys.readouterr().err


async def test_a_question_given_at_the_start_is_asked_in_a_new_thread(tmp_path):
    from hub.domain.ask import Ask

    async with played(hub_with_thread(tmp_path), question=Ask("From the start?")) as stage:
        await stage.settle()

        assert stage.hub.asked == [(Ask("From the start?"), "new1")]


async def test_keys_can_be_remapped_by_their_ids(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        stage.app.set_keymap({"help": "f12"})
        await stage.press("f12")

        assert stage.app.screen.has_class("help")
        assert all(isinstance(b, Binding) and b.id for b in stage.app.BINDINGS)
