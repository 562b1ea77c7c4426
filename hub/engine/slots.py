"""How many turns work side by side; one that only waits takes up none of the places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hub.domain.ids import TurnId


class Slots:
    """The places of one program."""

    def __init__(self, most: int = 32) -> None:
        """Be empty.

        Args:
            most: Turns that may work side by side over all partitions.
        """
        self._free = asyncio.Semaphore(most)
        self._aside: set[TurnId] = set()
        """Turns that run without a place."""

    async def take(self) -> None:
        """Wait for a place, in the order of coming."""
        await self._free.acquire()

    def give(self, turn: TurnId | None = None) -> None:
        """Give a place back, unless the turn that is done had none."""
        if turn in self._aside:
            self._aside.discard(turn)
        else:
            self._free.release()

    @asynccontextmanager
    async def aside(self, turn: TurnId) -> AsyncIterator[None]:
        """Lend a turn's place to others while it waits; one that is cancelled needs none to end."""
        self.give(turn)
        self._aside.add(turn)
        yield
        await self.take()
        self._aside.discard(turn)
