"""A store that never gives up what is paid for: it waits with it until it can be written.

A full disk, a file that takes nothing, another program that holds the journal: the person is told
once, nothing new is sent meanwhile, and what came back is written as soon as that works (FAULTS 9,
10, 12).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from hub.bus import Bus
from hub.domain.change import (
    AskQuestion,
    BeginTurn,
    Change,
    CloseDecision,
    EndTurn,
    NextCall,
    OpenBeside,
    QueueTurn,
)
from hub.domain.event import Notice
from hub.domain.query import Query
from hub.errors import JournalBusyError, ReadOnlyStoreError, StorageError
from hub.ports import Clock, Store

T = TypeVar("T")

PROBE_S = 1.0
"""Seconds between two tries to write what waits."""
BUSY_S = 60.0
"""Seconds for which a change that cost nothing waits for a program that holds the journal."""
_PAID = (EndTurn, NextCall, CloseDecision)
_PAYING = (AskQuestion, QueueTurn, BeginTurn, OpenBeside)


class KeepingStore:
    """Wraps a `Store`; waits where waiting helps, and says so on the bus."""

    def __init__(self, store: Store, bus: Bus, clock: Clock) -> None:
        """Keep nothing yet."""
        self._store = store
        self._bus = bus
        self._clock = clock
        self._trouble: StorageError | None = None
        """Why something waits at this moment."""
        self._waiting = 0
        self._closing = False

    async def commit(self, change: Change[T]) -> T:
        """Apply one change; wait with one that is paid for until it can be written.

        Raises:
            StorageError: It cannot be written; for a change that would cost money also where
                an earlier one still waits.
        """
        if self._trouble is not None and isinstance(change, _PAYING):
            raise self._trouble
        try:
            return await self._store.commit(change)
        except (ReadOnlyStoreError, JournalBusyError) as error:
            if self._closing or not _worth_waiting(change, error):
                raise
            return await self._commit_later(change, error)

    async def _commit_later(self, change: Change[T], trouble: StorageError) -> T:
        """Try again until it is written; a change that cost nothing is given up after a while."""
        paid, end = isinstance(change, _PAID), self._clock.monotonic() + BUSY_S
        self._begin_waiting(trouble)
        try:
            while True:
                await self._clock.sleep(PROBE_S)
                try:
                    written = await self._store.commit(change)
                except (ReadOnlyStoreError, JournalBusyError):
                    if self._closing or not (paid or self._clock.monotonic() < end):
                        raise
                else:
                    self._trouble = None
                    return written
        finally:
            self._end_waiting()

    def _begin_waiting(self, trouble: StorageError) -> None:
        self._waiting += 1
        if self._trouble is None:
            self._trouble = trouble
            text = f"{trouble} Answers are kept until it can be written."
            self._bus.publish(Notice(text, severity="error", stands=True))

    def _end_waiting(self) -> None:
        self._waiting -= 1
        if self._waiting:
            return
        if self._trouble is None:
            text = "The journal can be written again: all answers are stored."
            self._bus.publish(Notice(text, stands=True))
        self._trouble = None

    async def read(self, query: Query[T]) -> T:
        """Answer one query from committed data."""
        return await self._store.read(query)

    def follow(self) -> AsyncIterator[None]:
        """Yield after other programs wrote to the journal."""
        return self._store.follow()

    def give_up(self) -> None:
        """Let what waits try once more and then fail: the program is about to end."""
        self._closing = True

    async def close(self) -> None:
        """Finish what is in line, then close."""
        await self._store.close()


def _worth_waiting(change: Change[T], error: StorageError) -> bool:
    return isinstance(error, JournalBusyError) or isinstance(change, _PAID)
