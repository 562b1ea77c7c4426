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

from hub.domain.change import Change
from hub.errors import StorageError
from hub.storage.changes.dispatch import apply
from hub.storage.failures import OF_THE_FILE, translate
from hub.storage.session import Session

T = TypeVar("T")

BATCH = 256
"""Changes that one transaction takes at most."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One change in line, or, for None, a look at what other programs wrote."""

    change: Change[Any] | None
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: object = None
    error: BaseException | None = None


class Writer:
    """Owns the writing connection; may be called from any task of any loop."""

    def __init__(self, session: Session, path: Path) -> None:
        self._session = session
        self._connection = session.connection
        self._path = path
        self._line: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
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
        """Finish what is in line, and close the connection. Blocks."""
        self._closed = True
        self._line.put(None)
        self._thread.join()

    def _put(self, change: Change[Any] | None) -> asyncio.Future[Any]:
        if self._closed:
            raise StorageError("The journal is closed: nothing more can be written.")
        loop = asyncio.get_running_loop()
        job = _Job(change, loop.create_future(), loop)
        self._line.put(job)
        return job.future

    def _work(self) -> None:
        """Run until told to end: first come, first written."""
        while (first := self._line.get()) is not None:
            jobs: list[_Job] = [first]
            last = False
            with contextlib.suppress(queue.Empty):
                while len(jobs) < BATCH and not last:
                    job = self._line.get_nowait()
                    if job is None:
                        last = True
                    else:
                        jobs.append(job)
            looks = [job for job in jobs if job.change is None]
            changes = [job for job in jobs if job.change is not None]
            if changes:
                _tell(changes, self._write([job.change for job in changes if job.change]))
            if looks:
                _tell(looks, [self._look()] * len(looks))
            if last:
                break
        self._connection.close()

    def _write(self, changes: Sequence[Change[Any]]) -> list[_Outcome]:
        """Apply changes in one transaction; each that is refused undoes itself alone."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = [self._apply(change) for change in changes]
            self._connection.execute("COMMIT")
        except apsw.Error as error:
            self._roll_back()
            return [_Outcome(error=translate(error, self._path)) for _ in changes]
        return outcomes

    def _apply(self, change: Change[Any]) -> _Outcome:
        self._connection.execute("SAVEPOINT change")
        try:
            outcome = _Outcome(apply(self._session, change))
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


async def _finish(future: asyncio.Future[T]) -> T:
    """Wait for a result through cancellations, and leave them to the next wait."""
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            cancelled = True
    task = asyncio.current_task()
    if cancelled and task is not None:
        task.uncancel()
        task.cancel()
    return future.result()


def _tell(jobs: Sequence[_Job], outcomes: Sequence[_Outcome]) -> None:
    """Resolve the futures of a batch, one call into each loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Callable[[], None]]] = {}
    for job, outcome in zip(jobs, outcomes, strict=True):
        loops.setdefault(job.loop, []).append(_resolver(job.future, outcome))
    for loop, resolvers in loops.items():
        with contextlib.suppress(RuntimeError):  # a loop that is closed waits for nothing
            loop.call_soon_threadsafe(_run_all, resolvers)


def _resolver(future: asyncio.Future[Any], outcome: _Outcome) -> Callable[[], None]:
    def resolve() -> None:
        if future.done():
            return
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.value)

    return resolve


def _run_all(resolvers: Sequence[Callable[[], None]]) -> None:
    for resolve in resolvers:
        resolve()
