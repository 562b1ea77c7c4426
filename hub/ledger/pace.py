"""How a cap of a day or a month is spread over the turns to come (ROUTER: pace).

How many turns a day brings is what the days before brought; where there were too few, nothing is
known of its pace and the cap alone stops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean

from hub.domain.route import Pacing
from hub.domain.usage import Budget, UsageRow
from hub.ledger.scopes import Scope

LOOKED_BACK = 30
"""Days."""
_FEWEST_DAYS = 3
"""Days with calls before which nothing is expected of the next one."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Calls of the last days."""

    today: str
    """ISO date in the person's time zone."""
    calls: Mapping[str, int]
    """By ISO date; days without a call are left out."""

    @classmethod
    def of(cls, rows: Sequence[UsageRow], today: str) -> Traffic:
        """Return the traffic that sums by day tell of."""
        return cls(today, {row.key: row.calls for row in rows})

    def daily(self) -> float | None:
        """Return the calls to expect of a day with calls; None: nobody can say."""
        before = [calls for day, calls in self.calls.items() if day < self.today]
        return mean(before) if len(before) >= _FEWEST_DAYS else None

    def monthly(self) -> float | None:
        """Return the calls to expect of thirty days; None: nobody can say."""
        days = [day for day in self.calls if day < self.today]
        daily = self.daily()
        if daily is None:
            return None
        known = (date.fromisoformat(self.today) - date.fromisoformat(min(days))).days
        return daily * len(days) * LOOKED_BACK / known

    def since(self, day: str) -> int:
        """Count the calls of a day and later ones."""
        return sum(calls for when, calls in self.calls.items() if when >= day)


def first_day(today: str) -> str:
    """Return the ISO date from which on traffic has to be known."""
    looked_back = (date.fromisoformat(today) - timedelta(days=LOOKED_BACK)).isoformat()
    return min(looked_back, f"{today[:7]}-01")


def is_paced(scope: Scope, budgets: Mapping[str, Budget]) -> bool:
    """Tell whether a scope has a cap for a day or a month that refuses."""
    in_period = scope.standing in ("day", "month")
    return in_period and scope.refuses_in(budgets) and scope.cap_in(budgets) is not None


def pacing(
    scopes: Sequence[Scope], budgets: Mapping[str, Budget], traffic: Traffic, more: int
) -> Pacing | None:
    """Return the pace of the tightest cap of a day or a month; None: nobody can say.

    Args:
        scopes: Those of the turn that `is_paced`.
        budgets: What the store knows of them.
        traffic: Of the last days.
        more: Calls since that was read.
    """
    paces = []
    for scope in scopes:
        by_day = scope.standing == "day"
        expected = traffic.daily() if by_day else traffic.monthly()
        cap, stored = scope.cap_in(budgets), budgets.get(scope.id)
        if expected is not None and cap is not None:
            begins = traffic.today if by_day else f"{traffic.today[:7]}-01"
            spent = stored.spent if stored else 0
            paces.append(Pacing(cap / expected, traffic.since(begins) + more, float(spent)))
    return min(paces, key=lambda pace: pace.per_turn, default=None)
