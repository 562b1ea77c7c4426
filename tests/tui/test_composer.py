"""The composer: what its keys do, and that nothing hostile gets in."""

import pytest
from textual import events
from textual.app import App

from ui.messages import DraftChanged, Submitted
from ui.theme import register, variable_defaults
from ui.widgets.composer import Composer

pytestmark = pytest.mark.anyio


class Stage(App[None]):
    def get_theme_variable_defaults(self):
        return variable_defaults()

    def on_mount(self):
        register(self)

    def compose(self):
        yield Composer(lambda line: "tic " if line.endswith("@cri") else "")

    def on_submitted(self, message):
        self.query_one(Composer).take(message.text)


def sent(messages):
    return [m.text for m in dict.fromkeys(m for m in messages if isinstance(m, Submitted))]


@pytest.mark.parametrize("newline", ["ctrl+j", "shift+enter", "alt+enter"])
async def test_enter_sends_and_other_keys_start_a_new_line(newline):
    messages = []
    app = Stage()
    async with app.run_test(size=(60, 20), message_hook=messages.append) as pilot:
        await pilot.press("a", newline, "b", "enter")
        await pilot.pause()

        assert sent(messages) == ["a\nb"]
        assert app.query_one(Composer).text == ""
        assert DraftChanged in map(type, messages)


async def test_a_backslash_before_enter_is_a_new_line():
    messages = []
    app = Stage()
    async with app.run_test(size=(60, 20), message_hook=messages.append) as pilot:
        await pilot.press("a", "\\", "enter", "b", "enter")
        await pilot.pause()

        assert sent(messages) == ["a\nb"]


async def test_nothing_is_sent_where_nothing_is_written():
    messages = []
    app = Stage()
    async with app.run_test(size=(60, 20), message_hook=messages.append) as pilot:
        await pilot.press("space", "enter")
        await pilot.pause()

        assert sent(messages) == []


async def test_tab_takes_the_completion():
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press(*"@cri", "tab", "x")

        assert app.query_one(Composer).text == "@critic x"


async def test_it_grows_with_its_text_up_to_ten_rows():
    app = Stage()
    async with app.run_test(size=(60, 30)) as pilot:
        composer = app.query_one(Composer)
        heights = []
        for lines in (1, 3, 40):
            composer.text = "\n".join("x" * lines)
            await pilot.pause()
            heights.append(composer.content_size.height)

        assert heights == [1, 3, 10]


async def test_up_and_down_bring_back_what_was_sent():
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        composer = app.query_one(Composer)
        await pilot.press("a", "enter", "b", "enter", "up")
        await pilot.pause()
        assert composer.text == "b"
        await pilot.press("up")
        assert composer.text == "a"
        await pilot.press("down", "down")

        assert composer.text == ""


async def test_each_thread_keeps_its_draft():
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        composer = app.query_one(Composer)
        composer.open_thread("t1")
        await pilot.press("a")
        composer.open_thread("t2")
        await pilot.press("b")
        composer.open_thread("t1")
        assert composer.text == "a"
        composer.open_thread("t2")

        assert composer.text == "b"


async def test_a_paste_is_cleaned():
    app = Stage()
    async with app.run_test(size=(60, 20)) as pilot:
        composer = app.query_one(Composer)
        composer.post_message(events.Paste("a\x1b]52;c;Zm9v\x07b\r\nc\u202ed"))
        await pilot.pause()

        assert composer.text == "a]52;c;Zm9vb\ncd"


async def test_what_was_typed_while_sending_is_kept():
    app = Stage()
    async with app.run_test(size=(60, 20)):
        composer = app.query_one(Composer)
        composer.text = "newer"
        composer.take("older")

        assert composer.text == "newer"
