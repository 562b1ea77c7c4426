"""The one thread that writes: takes all that waits and commits it as one (group commit)."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import apsw
from typing_extensions import override

from hub.domain.change import ERASING, Change
from hub.errors import StorageError
from hub.storage.changes.dispatch import apply
from hub.storage.failures import OF_THE_FILE, translate
from hub.storage.session import Session

T = TypeVar("T")

BATCH = 256
"""Changes that one transaction takes at most."""
_LONG_LOG = 4000
"""Pages of the log (16 MB) that are brought into the file without waiting for a pause."""
_PAUSE_S = 0.25
"""Seconds without a write after which that is done: a log that begins anew is written quicker."""
INDEX = """
INSERT INTO message_text (rowid, body)
    SELECT message.rowid, body FROM unindexed CROSS JOIN message USING (rowid);
DELETE FROM unindexed;
"""
"""Searching knows what a batch has posted when it is committed; one by one that takes twice as long."""


class _Kept(asyncio.Future[T]):
    """A result that comes whatever happens: whoever waits for it is cancelled once it is there."""

    @override
    def cancel(self, msg: object = None) -> bool:
        """Refuse; the task remembers that it is to be cancelled."""
        return False


@dataclass(frozen=True, slots=True)
class _Job:
    """One change in line, or, for None, a look at what other programs wrote."""

    change: Change[Any] | None
    future: _Kept[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: object = None
    error: BaseException | None = None


class Writer:
    """Owns the writing connection; all its callers run in one event loop."""

    def __init__(self, session: Session, path: Path) -> None:
        self._session = session
        self._connection = session.connection
        self._path = path
        self._gathered: list[_Job] = []
        self._line: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self._closed = False
        self._log_pages = 0
        self._wrote_at = 0.0
        self._erase_log = False
        self._connection.set_wal_hook(self._committed)
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def commit(self, change: Change[T]) -> T:
        """Apply one change and return its result once it is on the disk.

        What has been put in line is finished: a cancellation that arrives meanwhile is delivered
        at the caller's next wait, so that nobody loses track of money that was reserved.
        """
        return await _finish(self._put(change))

    async def others(self) -> int:
        """Return a number that changes when another program has written, and only then."""
        version: int = await self._put(None)
        return version

    def close(self) -> None:
        """Take nothing more; what is in line is still written."""
        self._closed = True
        self._hand_over()

    def join(self) -> None:
        """Wait until all is written, then close the connection. Blocks.

        It has to be the last one: only who writes can bring the log into the file and remove it.
        """
        self._line.put(None)
        self._thread.join()

    def _put(self, change: Change[Any] | None) -> _Kept[Any]:
        """Put a change in line: together with all that come in the same round of the loop."""
        if self._closed:
            raise StorageError("The journal is closed: nothing more can be written.")
        loop = asyncio.get_running_loop()
        job = _Job(change, _Kept(loop=loop))
        self._gathered.append(job)
        if len(self._gathered) == 1:
            loop.call_soon(self._hand_over)
        return job.future

    def _hand_over(self) -> None:
        if self._gathered:
            self._line.put(self._gathered)
            self._gathered = []

    def _work(self) -> None:
        """Run until told to end: first come, first written."""
        while (jobs := self._next()) is not None:
            last = False
            with contextlib.suppress(queue.Empty):
                while not last:
                    more = self._line.get_nowait()
                    last = more is None
                    jobs += more or ()
            for start in range(0, len(jobs), BATCH):
                self._serve(jobs[start : start + BATCH])
                if self._log_pages >= _LONG_LOG:
                    self._checkpoint()
            if last:
                break
        self._connection.close()

    def _next(self) -> list[_Job] | None:
        """Return what is next in line; a pause in writing is used to bring the log into the file."""
        if self._log_pages:
            left_s = self._wrote_at + _PAUSE_S - self._session.clock.monotonic()
            with contextlib.suppress(queue.Empty):
                return self._line.get(timeout=max(0.0, left_s))
            self._checkpoint()
        return self._line.get()

    def _checkpoint(self) -> None:
        """Move what no reader needs any more; a file that cannot be written now keeps its log."""
        self._log_pages = 0
        if self._erase_log:
            self._empty_log()
            return
        with contextlib.suppress(apsw.Error):
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def _empty_log(self) -> None:
        """Leave nothing of what was erased in the log; where a reader needs it, at the next pause."""
        with contextlib.suppress(apsw.Error):
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            self._erase_log, self._log_pages = False, 0

    def _committed(self, _: apsw.Connection, __: str, pages: int) -> int:
        self._log_pages, self._wrote_at = pages, self._session.clock.monotonic()
        return apsw.SQLITE_OK

    def _serve(self, jobs: Sequence[_Job]) -> None:
        changes = [job for job in jobs if job.change is not None]
        if changes:
            outcomes = self._write([job.change for job in changes if job.change])
            self._erase_log = self._erase_log or any(isinstance(j.change, ERASING) for j in changes)
            if self._erase_log:
                self._empty_log()
            _tell(changes, outcomes)
        looks = [job for job in jobs if job.change is None]
        if looks:
            _tell(looks, [self._look()] * len(looks))

    def _write(self, changes: Sequence[Change[Any]]) -> list[_Outcome]:
        """Apply changes in one transaction; each that is refused undoes itself alone.

        Few are refused: savepoints, which cost a fifth, are set once one was.
        """
        try:
            try:
                return self._transact(changes, self._apply)
            except OF_THE_FILE:
                raise
            except Exception:  # noqa: BLE001  told apart by whom it belongs to, below
                self._roll_back()
                return self._transact(changes, self._apply_apart)
        except apsw.Error as error:
            self._roll_back()
            return [_Outcome(error=translate(error, self._path)) for _ in changes]

    def _transact(
        self, changes: Sequence[Change[Any]], one: Callable[[Change[Any]], _Outcome]
    ) -> list[_Outcome]:
        self._connection.execute("BEGIN IMMEDIATE")
        outcomes = [one(change) for change in changes]
        self._connection.execute(INDEX)
        self._connection.execute("COMMIT")
        return outcomes

    def _apply(self, change: Change[Any]) -> _Outcome:
        return _Outcome(apply(self._session, change))

    def _apply_apart(self, change: Change[Any]) -> _Outcome:
        self._connection.execute("SAVEPOINT change")
        try:
            outcome = self._apply(change)
        except OF_THE_FILE:
            raise
        except Exception as error:  # noqa: BLE001  it belongs to the caller of this change alone
            self._connection.execute("ROLLBACK TO change")
            known = translate(error, self._path) if isinstance(error, apsw.Error) else error
            outcome = _Outcome(error=known)
        self._connection.execute("RELEASE change")
        return outcome

    def _look(self) -> _Outcome:
        try:
            return _Outcome(self._connection.pragma("data_version"))
        except apsw.Error as error:
            return _Outcome(error=translate(error, self._path))

    def _roll_back(self) -> None:
        """Leave the transaction; after some errors SQLite has left it by itself."""
        if self._connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self._connection.execute("ROLLBACK")


async def _finish(future: _Kept[T]) -> T:
    """Wait for a result through cancellations, and leave them to the next wait."""
    try:
        return await future
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
            task.cancel()
        return future.result()


def _tell(jobs: Sequence[_Job], outcomes: Sequence[_Outcome]) -> None:
    """Resolve the futures of a batch in one call into their loop."""
    ended = [(job.future, outcome) for job, outcome in zip(jobs, outcomes, strict=True)]
    with contextlib.suppress(RuntimeError):  # a loop that is closed waits for nothing
        jobs[0].future.get_loop().call_soon_threadsafe(_resolve, ended)


def _resolve(ended: Sequence[tuple[_Kept[Any], _Outcome]]) -> None:
    for future, outcome in ended:
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)
