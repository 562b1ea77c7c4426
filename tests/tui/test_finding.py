"""Search, the jump mode, what was sent before, panels, exports and imports."""

import asyncio
import os

import pytest

from tests.tui.stage import SIZES, hub_with_thread, played
from ui.keymap import JUMPS
from ui.screens.jump import JumpScreen
from ui.screens.picker import Picker
from ui.screens.search import SearchScreen

pytestmark = pytest.mark.anyio


async def test_a_search_goes_to_the_message_and_n_to_the_next(tmp_path):
    hub = hub_with_thread(
        tmp_path, *(f"message {n} about {'tea' if n % 9 == 1 else 'x'}" for n in range(40))
    )
    async with played(hub) as stage:
        await stage.press("ctrl+f")
        assert isinstance(stage.app.screen, SearchScreen)
        await stage.type("tea")
        await stage.pilot.pause(0.1)
        assert "5 in this thread" in stage.screen_text()
        await stage.press("enter")
        await stage.settle()

        transcript = stage.app.main.transcript
        assert transcript.chosen.body == "message 37 about tea"
        assert stage.hint.startswith("match 1 of 5")
        await stage.press("n")
        await stage.settle()
        assert transcript.chosen.body == "message 28 about tea"
        await stage.press("N", "N")
        await stage.settle()
        assert transcript.chosen.body == "message 1 about tea"
        await stage.press("escape")
        assert transcript.words == ()


async def test_a_search_over_all_threads_opens_the_other_one(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.add_thread("Elsewhere", "needle in here", id="t2")
    async with played(hub) as stage:
        await stage.send("/search needle")
        await stage.pilot.pause(0.1)
        assert "0 in this thread" in stage.screen_text()
        await stage.press("tab")
        await stage.pilot.pause(0.1)
        await stage.press("enter")
        await stage.settle()
        await stage.settle()

        assert stage.app.view.thread_id == "t2"
        assert stage.app.main.transcript.chosen.body == "needle in here"


async def test_an_old_message_is_loaded_before_it_is_shown(tmp_path):
    bodies = ["the needle", *(f"message {n}" for n in range(900))]
    async with played(hub_with_thread(tmp_path, *bodies)) as stage:
        assert len(stage.app.view.rows) == 200
        await stage.send("/search needle")
        await stage.pilot.pause(0.1)
        await stage.press("enter")
        await stage.pilot.pause(0.1)
        await stage.settle()

        assert stage.app.main.transcript.chosen.body == "the needle"
        assert "the needle" in stage.screen_text()


@pytest.mark.parametrize("jump", JUMPS, ids=lambda jump: jump.name)
async def test_every_letter_of_the_jump_mode_leads_where_it_says(tmp_path, jump):
    async with played(hub_with_thread(tmp_path), size=SIZES[1]) as stage:
        await stage.press("ctrl+o")
        assert isinstance(stage.app.screen, JumpScreen)
        assert jump.name in stage.screen_text().replace("\u00a0", " ")
        await stage.press(jump.letter)
        await stage.pilot.pause(0.1)

        top = stage.app.screen
        side = jump.action.removeprefix("show_")
        match jump.action:
            case "quit":
                assert stage.app.return_code == 0
            case "new_thread":
                assert stage.app.view.thread is None
            case "search":
                assert isinstance(top, SearchScreen)
            case "export":
                assert isinstance(top, Picker)
            case "command_palette" | "show_threads":
                assert type(top).__name__ in ("CommandPalette", "ThreadsDrawer")
            case _:
                assert top.has_class(side)


async def test_a_letter_on_every_panel_and_alt_with_its_digit_give_it_the_keys(tmp_path):
    async with played(hub_with_thread(tmp_path), size=SIZES[3]) as stage:
        main = stage.app.main
        for number, panel in (("1", main.threads), ("2", main.transcript), ("4", main.graph)):
            await stage.press("ctrl+o", number)
            assert stage.app.focused is panel
            await stage.press("alt+3")
            assert stage.app.focused is main.composer
            await stage.press(f"alt+{number}")
            assert stage.app.focused is panel
        await stage.press("ctrl+o", "z")
        assert stage.app.screen is main


async def test_what_was_sent_before_is_found_again(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.press("ctrl+r")
        assert stage.hint == "Nothing was sent yet."
        await stage.send("First question")
        await stage.send("Second one")
        await stage.press("ctrl+r")
        await stage.type("first")
        await stage.press("enter")

        assert stage.app.main.composer.text == "First question"


async def test_a_thread_is_found_by_typing(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.add_thread("Billing audit", "elsewhere", id="t2")
    async with played(hub) as stage:
        await stage.press("alt+1", "slash")
        await stage.type("bill")
        await stage.press("enter")
        await stage.settle()

        assert stage.app.view.thread_id == "t2"


@pytest.mark.parametrize(
    ("typed", "suffix", "says"),
    [
        ("byte", ".json", "as json"),
        ("graph as a picture", ".png", "network of t1 as png"),
        ("decision record", ".md", "d1 as markdown"),
        ("one picture", ".png", "card of d1 as png"),
    ],
)
async def test_exports_are_picked_from_a_list(tmp_path, typed, suffix, says):
    from hub.domain.event import DecisionOpened
    from tests.fakes.story import decision

    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.publish(DecisionOpened(decision()))
        await stage.send("/export")
        await stage.type(typed)
        await stage.press("enter")
        await stage.pilot.pause(0.1)

        (path,) = (tmp_path / "exports").iterdir()
        assert path.suffix == suffix
        assert says in path.read_text()


def test_every_drawing_of_the_hub_can_be_exported():
    from hub.facade.drawings import KINDS
    from ui.exporting import EXPORTS

    assert {e.kind for e in EXPORTS.values()} == {*KINDS, "", "decision"}
    assert all(e.format in KINDS[e.kind] for e in EXPORTS.values() if e.kind in KINDS)
    assert {e.format for e in EXPORTS.values() if e.kind == "network"} == set(KINDS["network"])


async def test_without_a_decision_none_is_exported(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/export card")
        await stage.settle()

        assert "There is no decision in this thread yet" in stage.hint


async def test_a_file_is_imported_and_shown(tmp_path):
    file = tmp_path / "thread.json"
    file.write_text("{}")
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send(f"/import {file}")
        await stage.pilot.pause(0.1)
        await stage.settle()

        assert ("import", b"{}") in stage.hub.calls
        assert stage.app.view.thread_id == "i1"
        await stage.send("/import /nowhere/x.json")
        await stage.settle()
        assert "cannot be read" in stage.hint


async def test_an_archived_thread_leaves_the_list(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/archive")
        await stage.settle()

        assert stage.app.view.thread is None
        assert stage.app.view.threads == ()


async def test_the_theme_is_switched_by_a_command(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/theme light")
        assert stage.app.theme == "light"
        await stage.send("/theme mauve")

        assert "There is no theme 'mauve'" in stage.hint


async def test_a_file_goes_along_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("the notes")
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.type("Read @not")
        await stage.press("tab")
        await stage.type("please")
        await stage.press("enter")
        await stage.settle()

        (ask,) = [ask for ask, _ in stage.hub.asked]
        assert ask.question == "Read @notes.md please"
        assert [(a.name, a.text) for a in ask.attachments] == [("notes.md", "the notes")]
        await stage.send("Read @./missing.md")
        assert "@missing.md: there is no such file" in stage.hint.replace("./", "")
        assert stage.app.main.composer.text == "Read @./missing.md"


@pytest.mark.parametrize(
    ("answer", "sent"),
    [("b", None), ("m", "My key is [key]"), ("s", "My key is sk-abcdef0123456789")],
)
async def test_what_looks_like_a_key_is_not_sent_unasked(tmp_path, answer, sent):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("My key is sk-abcdef0123456789")
        assert not stage.hub.asked
        assert "This looks as if it held a key" in stage.screen_text()
        await stage.press(answer)
        await stage.settle()

        assert [ask.question for ask, _ in stage.hub.asked] == ([sent] if sent else [])


@pytest.mark.skipif(os.name == "nt", reason="the editor is a shell script")
async def test_without_a_terminal_an_editor_is_refused_in_one_sentence(tmp_path, monkeypatch):
    hub = hub_with_thread(tmp_path)
    estimate, may_answer, asked = hub.estimate, asyncio.Event(), []

    async def late(ask, ref=None):
        asked.append(ask.question)
        await may_answer.wait()
        return await estimate(ask, ref)

    monkeypatch.setattr(hub, "estimate", late)
    async with played(hub) as stage:
        stage.app.main.composer.text = "draft"
        await until(stage, lambda: asked == ["draft"])
        await stage.press("ctrl+g")
        await until(stage, lambda: stage.hint)
        may_answer.set()  # the estimate of the same draft comes after the refusal
        await until(stage, lambda: "estimate" not in {w.group for w in stage.app.workers})

        assert stage.hint == "There is no terminal here that an editor could use."
        assert stage.app.main.composer.text == "draft"
        await stage.type("s")  # the person goes on: what it would cost is worth the line again
        await until(stage, lambda: stage.hint.startswith("about"))


async def until(stage, holds):
    async with asyncio.timeout(30):
        while not holds():
            await stage.pilot.pause()
