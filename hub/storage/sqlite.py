"""The journal in one SQLite file, shared by any number of programs on one machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

from hub.domain.change import Change
from hub.domain.query import Query
from hub.errors import ReadOnlyStoreError, StorageError
from hub.ports import Clock
from hub.storage.failures import read_only
from hub.storage.opening import Opened, open_journal
from hub.storage.owners import Owners
from hub.storage.readers import Readers
from hub.storage.session import Session
from hub.storage.writer import Writer

T = TypeVar("T")

FOLLOW_S = 0.125
"""Seconds between two looks at what other programs wrote."""


class SQLiteStore:
    """A `Store` on a local file; a file that cannot be written can still be read."""

    def __init__(self, opened: Opened, owners: Owners, clock: Clock) -> None:
        """Take over what `open` prepared; call that instead."""
        self._clock = clock
        self._owners = owners
        self._why_read_only = opened.why_read_only
        self._writer: Writer | None = None
        if opened.writer is not None:
            self._writer = Writer(Session(opened.writer, owners, clock), opened.path)
        self._readers = Readers(opened.path, owners, clock, frozen=opened.frozen)
        self._closed = False
        self._others = 0

    @classmethod
    async def open(
        cls, path: Path, *, home: Path, clock: Clock, busy_s: float = 5.0
    ) -> SQLiteStore:
        """Open the journal; a missing one is made, an older one migrated after a backup.

        Args:
            path: The file; its folder is made where it is missing.
            home: Folder of all state, for `owners/` and `backups/`.
            clock: Source of times.
            busy_s: Seconds to wait for another program's write lock before giving up.

        Raises:
            ForeignDatabaseError: Another program's file, or a damaged one.
            NewerSchemaError: Written by a newer GitBridge.
            ReadOnlyStoreError: There is none, and none can be made.
            StorageError: Another program holds it.
        """
        opened, owners = await asyncio.to_thread(_prepare, path, home, busy_s)
        store = cls(opened, owners, clock)
        store._others = await store._look()
        return store

    @property
    def owner(self) -> str:
        """Id of this program as the owner of turns."""
        return self._owners.own

    @property
    def read_only(self) -> ReadOnlyStoreError | None:
        """Why nothing can be written, or None."""
        return self._why_read_only

    async def commit(self, change: Change[T]) -> T:
        """Apply one change as one durable transaction.

        Once in line it is finished; a cancellation is delivered at the caller's next wait.

        Raises:
            ReadOnlyStoreError: The file, its folder or the disk takes nothing now.
            StorageError: Another program holds the journal, or it is closed.
        """
        if self._writer is None:
            raise self._why_read_only or StorageError("The journal is open for reading only.")
        return await self._writer.commit(change)

    async def read(self, query: Query[T]) -> T:
        """Answer one query from committed data."""
        return await self._readers.read(query)

    async def follow(self) -> AsyncIterator[None]:
        """Yield after other programs wrote to the journal; several writes may yield once.

        Counts from the opening of the store, so that what was written before the first look is
        not missed.
        """
        seen = self._others
        while not self._closed:
            await self._clock.sleep(FOLLOW_S)
            now = await self._look_again(seen)
            if now != seen:
                seen = now
                yield

    async def close(self) -> None:
        """Finish what is in line, then close; turns left unfinished may be taken over."""
        if not self._closed:
            self._closed = True
            self._readers.close()
            if self._writer is not None:
                self._writer.close()
            await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._readers.join()  # first: the last connection to go checkpoints, which needs rights
        if self._writer is not None:
            self._writer.join()
        self._owners.release()

    async def _look(self) -> int:
        return await (self._writer or self._readers).others()

    async def _look_again(self, seen: int) -> int:
        """Look at what others wrote; a disk that fails for a while tells nothing new."""
        try:
            return await self._look()
        except StorageError:
            return seen


def _prepare(path: Path, home: Path, busy_s: float) -> tuple[Opened, Owners]:
    opened = open_journal(path, home, busy_s)
    owners = Owners(home / "owners")
    if opened.writer is None:
        return opened, owners
    try:
        owners.take()
    except OSError as error:
        opened.writer.close()
        why = read_only(path, f"{home / 'owners'} may not be written ({error.strerror})")
        return Opened(path, None, frozen=opened.frozen, why_read_only=why), owners
    return opened, owners
