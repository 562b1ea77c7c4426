"""Time that a test owns: it stands still until told to move."""

from __future__ import annotations

import asyncio

START = 1_795_392_000_000_000
"""2026-11-23 00:00 UTC, in microseconds."""


class FakeClock:
    """A Clock whose sleepers wake when the test advances it, in the order of their time."""

    def __init__(self, now: int = START) -> None:
        self._now = now
        self._monotonic = 1_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self.slept: list[float] = []
        """Seconds of each sleep that was asked for."""

    def now(self) -> int:
        """UTC microseconds since 1970."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait until the test has advanced the clock that far."""
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._monotonic + seconds, waiting))
        await waiting

    def shift(self, seconds: float) -> None:
        """Set the wall clock alone, as a person or a time server would."""
        self._now += round(seconds * 1_000_000)

    def tick(self, seconds: float) -> None:
        """Let time pass without waking anybody."""
        self._move(self._monotonic + seconds)

    async def advance(self, seconds: float) -> None:
        """Let time pass; whoever sleeps until then runs before this returns."""
        end = self._monotonic + seconds
        await settle()
        while due := [at for at, waiting in self._sleepers if at <= end and not waiting.done()]:
            self._move(min(due))
            self._wake()
            await settle()
        self._move(end)
        self._wake()
        await settle()

    def _move(self, to: float) -> None:
        passed = max(0.0, to - self._monotonic)
        self._monotonic += passed
        self.shift(passed)

    def _wake(self) -> None:
        for at, waiting in self._sleepers:
            if at <= self._monotonic and not waiting.done():
                waiting.set_result(None)
        self._sleepers = [entry for entry in self._sleepers if not entry[1].done()]


async def settle(turns: int = 20) -> None:
    """Let tasks that are ready run until they wait again."""
    for _ in range(turns):
        await asyncio.sleep(0)
