"""Reading connections, each used by one thread at a time.

What is a few rows by their keys is answered where it is asked: a thread would take three times as
long. Everything else is read in threads.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from hub.domain.query import (
    Budgets,
    OpenTurns,
    OutcomeOf,
    Query,
    ReadingFor,
    RouteOf,
    ThreadByRef,
    TurnById,
)
from hub.errors import StorageError
from hub.ports import Clock
from hub.storage import connect
from hub.storage.failures import translate
from hub.storage.owners import Owners
from hub.storage.queries.dispatch import answer
from hub.storage.session import Session

T = TypeVar("T")

_THREADS = 4
_SHORT = (
    "SELECT last_seq <= 8 AND NOT EXISTS (SELECT 1 FROM message WHERE thread_id = ?1"
    " AND attachments <> '[]') FROM thread WHERE id = ?1"
)
"""A thread that is read at once: few messages, and no files."""
_QUICK = frozenset({Budgets, OpenTurns, OutcomeOf, RouteOf, ThreadByRef, TurnById})


class Readers:
    """Answers queries in threads, each from one snapshot of the journal."""

    def __init__(self, path: Path, owners: Owners, clock: Clock, *, frozen: bool) -> None:
        self._path = path
        self._owners = owners
        self._clock = clock
        self._frozen = frozen
        self._idle: queue.SimpleQueue[apsw.Connection] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="journal-read")
        self._near: apsw.Connection | None = None
        """The event loop's own."""
        self._closed = False

    async def read(self, query: Query[T]) -> T:
        """Answer one query from committed data."""
        if not self._closed:
            try:
                if self._is_quick(query):
                    return self._answer(self._at_hand(), query)
            except apsw.Error:  # it would have to wait: a thread can
                pass
        return await self._call(lambda connection: self._answer(connection, query))

    async def others(self) -> int:
        """Return a number that changes when somebody has written."""
        return await self._call(lambda connection: int(connection.pragma("data_version")))

    def close(self) -> None:
        """Take nothing more; what is being read is finished."""
        self._closed = True

    def join(self) -> None:
        """Wait for what is being read, then close the connections. Blocks."""
        self._pool.shutdown()
        if self._near is not None:
            self._near.close()
        while not self._idle.empty():
            self._idle.get().close()

    async def _call(self, work: Callable[[apsw.Connection], T]) -> T:
        if self._closed:
            raise StorageError("The journal is closed: nothing more can be read.")
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, work)

    def _run(self, work: Callable[[apsw.Connection], T]) -> T:
        try:
            connection = self._take()
            try:
                return work(connection)
            finally:
                self._idle.put(connection)
        except apsw.Error as error:
            raise translate(error, self._path) from error

    def _is_quick(self, query: Query[Any]) -> bool:
        """Tell whether it is answered within a fraction of a millisecond."""
        if not isinstance(query, ReadingFor):
            return type(query) in _QUICK
        return bool(self._at_hand().execute(_SHORT, (query.thread_id,)).get)

    def _at_hand(self) -> apsw.Connection:
        if self._near is None:
            self._near = connect.reading(self._path, frozen=self._frozen)
            self._near.set_busy_timeout(0)
        return self._near

    def _take(self) -> apsw.Connection:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return connect.reading(self._path, frozen=self._frozen)

    def _answer(self, connection: apsw.Connection, query: Query[T]) -> T:
        connection.execute("BEGIN")
        try:
            return answer(Session(connection, self._owners, self._clock), query)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
