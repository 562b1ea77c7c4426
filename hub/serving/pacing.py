"""Keeps count of the day's calls, so that a cap can be spread over those to come."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.query import UsageBy
from hub.domain.route import Pacing
from hub.domain.turn import Turn
from hub.domain.usage import Budget
from hub.ledger.budget import Ledger
from hub.ledger.pace import Traffic, first_day, is_paced, pacing
from hub.ports import Clock, Store


class Pace:
    """The traffic that one program knows of: the journal's, read once a day, and its own since."""

    def __init__(self, store: Store, ledger: Ledger, clock: Clock) -> None:
        self._store = store
        self._ledger = ledger
        self._clock = clock
        self._traffic: Traffic | None = None
        self._more = 0

    async def of(self, turn: Turn, budgets: Mapping[str, Budget]) -> Pacing | None:
        """Return the pace of the tightest cap that a turn counts against; None: there is none."""
        scopes = [scope for scope in self._ledger.scopes(turn) if is_paced(scope, budgets)]
        if not scopes:
            return None
        today = self._ledger.day(self._clock.now())
        traffic = self._traffic
        if traffic is None or traffic.today != today:
            rows = await self._store.read(UsageBy("day", since=first_day(today)))
            traffic = self._traffic = Traffic.of(rows, today)
            self._more = 0
        return pacing(scopes, budgets, traffic, self._more)

    def called(self) -> None:
        """Count a call that is about to be made."""
        self._more += 1
