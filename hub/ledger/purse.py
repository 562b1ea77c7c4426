"""Which turns of this program hold money now, so that one that a cap refuses can wait for it.

A turn holds what its longest answer would cost and mostly needs a tenth of it. Without waiting,
the first of three agents would take a small budget's money and the others be refused.
"""

from __future__ import annotations

import asyncio

from hub.domain.ids import TurnId
from hub.errors import BudgetRefusedError


class HeldBackError(BudgetRefusedError):
    """A cap refuses now, for what other turns of this program hold and may not need."""


class Purse:
    """The turns that hold money."""

    def __init__(self) -> None:
        self._holding: set[TurnId] = set()
        self._waiting: list[asyncio.Future[None]] = []

    def held_beside(self, turn: TurnId) -> bool:
        """Tell whether other turns hold money."""
        return bool(self._holding - {turn})

    def hold(self, turn: TurnId) -> None:
        """Note that a turn holds money."""
        self._holding.add(turn)

    def let_go(self, turn: TurnId) -> None:
        """Note that a turn has ended, and tell whoever waits for that."""
        self._holding.discard(turn)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def changed(self) -> None:
        """Wait until a turn that holds money has ended; returns at once where none does."""
        if self._holding:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting
