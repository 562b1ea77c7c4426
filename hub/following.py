"""Follows what other programs write to the same journal, and tells it like our own."""

from __future__ import annotations

from hub.calls import Parts
from hub.domain.event import MessagePosted, ThreadChanged, ThreadDeleted
from hub.domain.ids import ThreadId
from hub.domain.query import Messages, OpenTurns, ThreadList
from hub.domain.thread import Thread
from hub.queue import TurnQueue


class Following:
    """Knows how far each thread has been told; publishes what others added."""

    def __init__(self, parts: Parts, queue: TurnQueue) -> None:
        self._parts = parts
        self._queue = queue
        self._told: dict[ThreadId, int] = {}
        self._threads: dict[ThreadId, Thread] = {}

    async def begin(self) -> None:
        """Take what is there now as told."""
        for summary in await self._parts.store.read(ThreadList()):
            self._threads[summary.thread.id] = summary.thread
            self._told[summary.thread.id] = summary.thread.last_seq

    async def run(self) -> None:
        """Follow until cancelled."""
        async for _ in self._parts.store.follow():
            await self._catch_up()

    async def _catch_up(self) -> None:
        """Publish new threads and messages, and stop turns that another terminal cancelled."""
        summaries = await self._parts.store.read(ThreadList())
        now = {summary.thread.id: summary.thread for summary in summaries}
        for id_, thread in now.items():
            before = self._threads.get(id_)
            if before is None or (before.title, before.archived_at) != (
                thread.title,
                thread.archived_at,
            ):
                self._parts.bus.publish(ThreadChanged(thread))
            await self._tell(thread)
        for id_ in self._threads.keys() - now.keys():
            self._told.pop(id_, None)
            self._parts.bus.publish(ThreadDeleted(id_))
        self._threads = now
        await self._obey()

    async def _tell(self, thread: Thread) -> None:
        told = self._told.get(thread.id, 0)
        if thread.last_seq <= told:
            return
        for message in await self._parts.store.read(Messages(thread.id, after=told)):
            self._told[thread.id] = message.seq
            self._parts.bus.publish(MessagePosted(message))

    async def _obey(self) -> None:
        """Stop our turns that `gitbridge stop` marked from another terminal."""
        ours = set(self._queue.running())
        for turn in await self._parts.store.read(OpenTurns()):
            if turn.cancel_at is not None and turn.id in ours:
                await self._queue.stop(turn.id)
