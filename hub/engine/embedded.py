"""Dispatches turns in this process: one task per partition, no polling (STORAGE: Embedded)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from hub.domain.ids import TurnId
from hub.engine.slots import Slots


class EmbeddedEngine:
    """A `TurnEngine` on asyncio: partitions side by side, each one's turns in order."""

    def __init__(self, slots: Slots | None = None) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            slots: How many turns may work side by side over all partitions.
        """
        self._slots = slots or Slots()
        self._run: Callable[[TurnId], Awaitable[None]] | None = None
        self._lines: dict[str, deque[TurnId]] = {}
        self._partitions: dict[str, asyncio.Task[None]] = {}
        self._running: dict[TurnId, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self, run: Callable[[TurnId], Awaitable[None]]) -> None:
        """Dispatch from now on what is enqueued, and what was before."""
        self._run = run
        for partition in self._lines:
            self._wake(partition)

    async def enqueue(self, turn: TurnId, partition: str) -> None:
        """Put a turn at the end of its partition's line; doing so twice is harmless."""
        if self._stopping or turn in self._running:
            return
        line = self._lines.setdefault(partition, deque())
        if turn in line:
            return
        line.append(turn)
        if self._run is not None:
            self._wake(partition)

    async def cancel(self, turn: TurnId) -> None:
        """Stop a turn; returns once its task has booked what is known and ended."""
        for line in self._lines.values():
            if turn in line:
                line.remove(turn)
        task = self._running.get(turn)
        if task is not None:
            _cancel(task)
            await asyncio.wait([task])

    async def stop(self, grace_s: float = 5.0) -> None:
        """Take nothing new, let running turns finish for `grace_s` seconds, then cancel them."""
        self._stopping = True
        self._lines.clear()
        tasks = list(self._running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                _cancel(task)
        workers = list(self._partitions.values())
        if workers:
            await asyncio.wait(workers)

    def _wake(self, partition: str) -> None:
        if partition not in self._partitions:
            task = asyncio.create_task(self._drain(partition), name=f"partition {partition}")
            self._partitions[partition] = task

    async def _drain(self, partition: str) -> None:
        """Run the turns of one partition, one at a time, until its line is empty."""
        try:
            while line := self._lines.get(partition):
                await self._slots.take()
                turn = line.popleft() if line and not self._stopping else None
                try:
                    if turn is not None:
                        await self._one(turn)
                finally:
                    self._slots.give(turn)
        finally:
            self._lines.pop(partition, None)
            del self._partitions[partition]

    async def _one(self, turn: TurnId) -> None:
        assert self._run is not None  # noqa: S101  _drain starts after start()
        task = asyncio.ensure_future(self._run(turn))
        self._running[turn] = task
        try:
            await asyncio.wait([task])
        finally:
            del self._running[turn]
        if not task.cancelled() and (error := task.exception()) is not None:
            # `run` records every failure itself; what reaches this place is a defect.
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"turn {turn} broke", "exception": error, "task": task}
            )


def _cancel(task: asyncio.Task[None]) -> None:
    """Cancel a turn's task once: a second time would break off the booking of its end."""
    if not task.cancelling():
        task.cancel()
