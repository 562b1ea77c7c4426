"""Follows what other programs write to the same journal, and tells it like our own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from hub.beside.learning import Learning
from hub.domain.event import MessagePosted, ThreadChanged, ThreadDeleted
from hub.domain.ids import ThreadId
from hub.domain.query import Messages, OpenTurns, ThreadByRef, ThreadList
from hub.domain.thread import Thread
from hub.errors import GitBridgeError, NotFoundError
from hub.queue import TurnQueue
from hub.serving.calls import Parts


class Following:
    """Compares the journal with what was told, and publishes what others added."""

    def __init__(self, parts: Parts, queue: TurnQueue, learning: Learning) -> None:
        self._parts = parts
        self._queue = queue
        self._learning = learning

    async def begin(self) -> None:
        """Take what is there now as told."""
        for thread in (await self._read()).values():
            self._parts.bus.told.know(thread)

    async def run(self) -> None:
        """Follow until cancelled; what could not be read now is told with the next change."""
        async for _ in self._parts.store.follow():
            try:
                await self._catch_up()
            except GitBridgeError:
                continue

    async def _catch_up(self) -> None:
        """Publish new threads and messages, and stop turns that another terminal cancelled."""
        told = self._parts.bus.told
        known = tuple(told.threads)
        now = await self._read()
        for thread in now.values():
            before = told.threads.get(thread.id)
            if before is None or (before.title, before.archived_at) != (
                thread.title,
                thread.archived_at,
            ):
                self._parts.bus.publish(ThreadChanged(thread))
            await self._tell(thread)
        for id_ in known:
            if id_ not in now and await self._is_gone(id_):
                self._parts.bus.publish(ThreadDeleted(id_))
        await self._obey()
        await self._learning.catch_up()

    async def _read(self) -> Mapping[ThreadId, Thread]:
        """Return all threads by id, archived ones too."""
        store = self._parts.store
        shown, archived = (
            await store.read(ThreadList()),
            await store.read(ThreadList(archived=True)),
        )
        return {summary.thread.id: summary.thread for summary in (*shown, *archived)}

    async def _is_gone(self, thread: ThreadId) -> bool:
        """Look once more: one that was archived or restored meanwhile is in neither list."""
        try:
            await self._parts.store.read(ThreadByRef(thread))
        except NotFoundError:
            return True
        return False

    async def _tell(self, thread: Thread) -> None:
        told = self._parts.bus.told.up_to(thread.id)
        if thread.last_seq <= told:
            return
        for message in await self._parts.store.read(Messages(thread.id, after=told)):
            self._parts.bus.publish(MessagePosted(message))

    async def _obey(self) -> None:
        """Stop our turns that another terminal cancelled, in line or running."""
        ours = self._queue.running()
        if not ours:
            return
        goes_on = {t.id for t in await self._parts.store.read(OpenTurns()) if t.cancel_at is None}
        for turn in ours:
            if turn not in goes_on:
                with suppress(NotFoundError):  # its thread was deleted
                    await self._queue.stop(turn)
