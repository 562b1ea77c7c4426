"""The transcript: work is counted, anchors hold, nothing jumps and nothing is lost."""

from dataclasses import replace

import pytest
from textual.app import App

from hub.domain.event import Delta, MessagePosted, TurnChanged
from hub.domain.ids import MessageId, ThreadId
from hub.domain.thread import Message, MessageKind, Thread
from tests.fakes.story import START, reply, running, turn
from ui.facts import OlderRead, ThreadOpened
from ui.messages import CopyWanted, OlderWanted
from ui.reducer import reduce, reduce_all
from ui.theme import register, variable_defaults
from ui.view import View
from ui.widgets.transcript import TranscriptView

pytestmark = pytest.mark.anyio
T1 = ThreadId("t1")
BODY = "Message {n} weighs *this* against `that`, at some length, so that it takes two lines or more.\n\n- one\n- two"


class Stage(App[None]):
    def __init__(self, view=None):
        super().__init__()
        self.view = view or View()

    def get_theme_variable_defaults(self):
        return variable_defaults()

    def on_mount(self):
        register(self)

    def compose(self):
        yield TranscriptView()

    @property
    def transcript(self):
        return self.query_one(TranscriptView)

    def show(self, *events):
        self.view = reduce_all(self.view, events)
        self.transcript.show(self.view, START)

    def lines(self):
        t = self.transcript
        return [t.render_line(y).text.rstrip() for y in range(t.size.height)]


def message(n, body=None, author=None):
    author = author or ("you" if n % 2 else "proposer")
    return Message(
        MessageId(f"m{n}"), T1, n, author, MessageKind.REPLY, body or BODY.format(n=n), START
    )


def opened(count, *, first=1):
    thread = Thread(T1, "long", START, count)
    messages = tuple(message(n) for n in range(first, first + count))
    return reduce(View(), ThreadOpened(thread, messages, complete=first == 1))


async def test_ten_thousand_messages_open_on_the_last_page_with_two_screenfuls_of_work():
    stage = Stage()
    async with stage.run_test(size=(100, 30)) as pilot:
        stage.view = opened(10_000)
        stage.show()
        await pilot.pause()

        assert stage.transcript.rows.renders < 30
        assert "• two" in stage.lines()[-2]
        assert stage.transcript.following


async def test_a_delta_lays_out_one_row_again():
    stage = Stage(opened(50))
    begun = running(turn("u1", "critic"))
    async with stage.run_test(size=(100, 30)) as pilot:
        stage.show(TurnChanged(begun), Delta(T1, begun.id, "critic", "first"))
        await pilot.pause()
        before = stage.transcript.rows.renders

        stage.show(Delta(T1, begun.id, "critic", " second"))
        await pilot.pause()

        assert stage.transcript.rows.renders == before
        assert any("first second" in line for line in stage.lines())


async def test_appending_follows_the_end_and_lays_out_one_message():
    stage = Stage(opened(200))
    async with stage.run_test(size=(100, 30)) as pilot:
        stage.show()
        await pilot.pause()
        before = stage.transcript.rows.renders

        stage.show(MessagePosted(message(201, "the newest")))
        await pilot.pause()

        assert stage.transcript.rows.renders == before + 1
        assert "the newest" in stage.lines()[-2]


async def test_what_is_read_stays_in_place_while_messages_arrive_and_is_counted():
    stage = Stage(opened(100))
    async with stage.run_test(size=(100, 30)) as pilot:
        stage.show()
        await pilot.pause()
        stage.transcript.page(-1)
        await pilot.pause()
        seen = stage.lines()[:-1]

        stage.show(*(MessagePosted(message(n)) for n in (101, 102)))
        await pilot.pause()

        assert stage.lines()[:-1] == seen
        assert stage.lines()[-1].endswith("2 new · End")
        stage.transcript.action_follow()
        await pilot.pause()
        assert (stage.transcript.unseen, stage.transcript.following) == (0, True)


async def test_paging_up_and_down_shows_every_line_once_and_ends_where_it_began():
    stage = Stage(opened(60))
    async with stage.run_test(size=(90, 24)) as pilot:
        stage.show()
        await pilot.pause()
        pages = [stage.lines()]
        for _ in range(5):
            stage.transcript.page(-1)
            await pilot.pause()
            pages.append(stage.lines())

        for above, below in zip(pages[1:], pages, strict=False):
            assert above[-1] == below[0]
        for _ in range(5):
            stage.transcript.page(1)
            await pilot.pause()
        assert stage.lines() == pages[0]
        assert stage.transcript.following


async def test_older_pages_come_in_front_without_moving_what_is_read():
    messages = []
    stage = Stage(opened(100, first=101))
    async with stage.run_test(size=(100, 30), message_hook=messages.append) as pilot:
        stage.show()
        await pilot.pause()
        stage.transcript.action_to_start()
        await pilot.pause()
        seen = stage.lines()
        wanted = {id(m) for m in messages if isinstance(m, OlderWanted)}

        stage.show(OlderRead(T1, tuple(message(n) for n in range(1, 101)), complete=True))
        await pilot.pause()

        assert len(wanted) == 1
        assert stage.lines() == seen
        assert stage.transcript.scroll_y > 0


@pytest.mark.parametrize("size", [(60, 18), (160, 46), (100, 12)])
async def test_the_message_on_top_stays_on_top_when_the_window_changes(size):
    stage = Stage(opened(80))
    async with stage.run_test(size=(100, 30)) as pilot:
        stage.show()
        await pilot.pause()
        stage.transcript.scroll_to(y=stage.transcript.scroll_y // 2, animate=False)
        await pilot.pause()
        key = stage.transcript._anchor[0]

        await pilot.resize_terminal(*size)
        await pilot.pause()

        assert stage.transcript._anchor[0] == key


async def test_a_live_row_becomes_its_message_in_place():
    begun = running(turn("u1", "critic"))
    stage = Stage(opened(3))
    async with stage.run_test(size=(100, 40)) as pilot:
        stage.show(TurnChanged(begun), Delta(T1, begun.id, "critic", "An answer"))
        await pilot.pause()
        before = stage.lines()

        stage.show(MessagePosted(reply(begun, 4, "An answer")))
        await pilot.pause()

        assert [i for i, line in enumerate(before) if "An answer" in line] == [
            i for i, line in enumerate(stage.lines()) if "An answer" in line
        ]
        assert len(stage.transcript.rows.live) == 0


async def test_only_visible_lines_are_drawn_with_the_widgets_background():
    stage = Stage(opened(1))
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.show()
        await pilot.pause()
        transcript = stage.transcript

        strips = [transcript.render_line(y) for y in range(transcript.size.height)]

        assert {s.cell_length for s in strips} == {transcript.room.width}
        assert all(seg.style.bgcolor is not None for strip in strips for seg in strip)


async def test_selected_text_is_copied_as_written_and_survives_streaming():
    messages = []
    begun = running(turn("u1", "critic"))
    stage = Stage(reduce(opened(2), MessagePosted(message(3, "alpha beta gamma\n\nsecond line"))))
    async with stage.run_test(size=(60, 30), message_hook=messages.append) as pilot:
        stage.show()
        await pilot.pause()
        row = next(y for y, line in enumerate(stage.lines()) if "alpha" in line)
        await pilot.mouse_down(TranscriptView, offset=(3, row))
        await pilot.hover(TranscriptView, offset=(13, row + 2))
        await pilot.mouse_up(TranscriptView, offset=(13, row + 2))
        await pilot.pause()

        stage.show(TurnChanged(begun), Delta(T1, begun.id, "critic", "much text\n\n" * 30))
        await pilot.pause()
        stage.transcript.action_do("copy")
        await pilot.pause()

        copied = list(dict.fromkeys(m.text for m in messages if isinstance(m, CopyWanted)))
        assert copied == ["alpha beta gamma\n\nsecond line"]


async def test_the_cursor_picks_a_message_and_y_copies_its_source():
    messages = []
    stage = Stage(opened(5))
    async with stage.run_test(size=(80, 30), message_hook=messages.append) as pilot:
        stage.show()
        stage.transcript.focus()
        stage.transcript.move_cursor(-1)
        stage.transcript.move_cursor(-1)
        await pilot.press("y")

        copied = list(dict.fromkeys(m.text for m in messages if isinstance(m, CopyWanted)))
        assert copied == [BODY.format(n=4)]


async def test_another_thread_starts_at_its_end_with_nothing_left_of_the_old_one():
    stage = Stage(opened(100))
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.show()
        await pilot.pause()
        stage.transcript.page(-1)
        other = Thread(ThreadId("t2"), "other", START, 1)

        stage.show(
            ThreadOpened(
                other, (replace(message(1, "elsewhere"), thread_id=other.id),), complete=True
            )
        )
        await pilot.pause()

        assert stage.transcript.following
        assert [line for line in stage.lines() if "Message" in line] == []
        assert any("elsewhere" in line for line in stage.lines())


async def test_an_empty_thread_says_what_can_be_asked():
    stage = Stage()
    async with stage.run_test(size=(80, 20)) as pilot:
        stage.show()
        await pilot.pause()

        assert "  Ask a question below: one agent answers, @name picks which." in stage.lines()
