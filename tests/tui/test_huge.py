"""A million messages, ten thousand threads, one message of two megabytes: work is by the screen."""

from dataclasses import replace

import pytest

from hub.domain.event import ThreadChanged
from hub.domain.thread import Thread, ThreadSummary
from hub.domain.transcript import Interactions
from tests.fakes.hub import FakeHub
from tests.tui.stage import played
from ui.session import PAGE
from ui.widgets.transcript_rows import SHOWN

pytestmark = [pytest.mark.anyio, pytest.mark.fault(48)]
MESSAGES, THREADS = 1_000_000, 10_000
LONG = "A word, another word, and `code` too. " * 52_000


class HugeHub(FakeHub):
    """Makes the messages that are asked for."""

    def __init__(self, exports, threads=3):
        super().__init__(exports)
        first = Thread("t1", "The long one", 1_000, MESSAGES)
        others = (Thread(f"x{n}", f"Thread {n}", 1_000, 3) for n in range(1, threads))
        self.rows = {thread.id: thread for thread in (first, *others)}
        self.made = 0

    async def threads(self, *, archived=False):
        return tuple(ThreadSummary(t, t.last_seq, 0, 0, 1_000) for t in self.rows.values())

    async def messages(self, thread_id, *, before=None, after=None, limit=None):
        last = self.rows[thread_id].last_seq if before is None else before - 1
        first = max(1, last - limit + 1) if limit else (after or 0) + 1
        page = tuple(self._one(thread_id, seq) for seq in range(first, last + 1))
        self.made += len(page)
        return page

    def _one(self, thread_id, seq):
        body = LONG if seq == MESSAGES else f"message {seq}"
        return self.message(thread_id, seq, body)

    async def turn_summaries(self, ref):
        return {}

    async def latest_interactions(self, ref, newest):
        return Interactions("graph", (), ())


async def test_a_million_messages_are_read_a_page_at_a_time_and_laid_out_by_the_screen(tmp_path):
    hub = HugeHub(tmp_path / "exports")
    async with played(hub, size=(100, 30)) as app:
        rows = app.app.main.transcript.rows
        opened, drawn = hub.made, rows.renders
        assert opened == PAGE
        assert drawn <= 3 * 30

        await app.type("so")
        assert (hub.made, rows.renders) == (opened, drawn)

        app.app.main.transcript.action_to_start()
        await app.settle()
        await app.settle()
        assert hub.made == len(rows) == 2 * PAGE
        assert rows.renders <= drawn + 3 * 3 * 30


async def test_of_a_message_of_two_megabytes_only_the_beginning_is_laid_out(tmp_path):
    hub = HugeHub(tmp_path / "exports")
    async with played(hub, size=(100, 30)) as app:
        rows = app.app.main.transcript.rows
        height = rows.heights[len(rows) - 1]

        assert len(LONG) > 1_900_000
        assert height < SHOWN / 20
        assert f"{len(LONG) - SHOWN:,} characters more: y copies all" in app.screen_text()
        assert len(rows.whole(len(rows) - 1)) > len(LONG)


async def test_ten_thousand_threads_are_listed_and_only_what_changed_is_written(tmp_path):
    hub = HugeHub(tmp_path / "exports", THREADS)
    hub.rows["t1"] = replace(hub.rows["t1"], last_seq=3)
    async with played(hub, size=(120, 34)) as app:
        listed = app.app.main.threads
        assert listed.option_count == THREADS
        written = []
        plain = listed._line
        listed._line = lambda row, is_open: written.append(row.id) or plain(row, is_open)

        await app.publish(ThreadChanged(replace(hub.rows["x7"], title="Renamed")))

        assert set(written) <= {"x7"}
        assert "10000" in app.screen_text()
