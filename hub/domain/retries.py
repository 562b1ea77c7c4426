"""How often calls are sent again: a share of all calls, so that no storm feeds itself.

Source: Finagle's RetryBudget; figures from ROUTER: retry budget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_A_CALL = 0.2
_A_SECOND = 3 / 60
_MOST = 10.0
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """What one provider's calls have earned: a fifth of a repeat each, and three a minute."""

    tokens: float = _MOST
    """Repeats that are left, at `at`."""
    at: int | None = None
    """UTC microseconds of the last change; None: nothing was ever taken."""

    def called(self) -> RetryBudget:
        """Return the budget after one more call."""
        return replace(self, tokens=min(_MOST, self.tokens + _A_CALL))

    def taken(self, now: int) -> RetryBudget | None:
        """Return the budget with one repeat taken at `now`, in UTC microseconds; None: none is left."""
        passed_s = 0.0 if self.at is None else max(0, now - self.at) / _SECOND
        tokens = min(_MOST, self.tokens + passed_s * _A_SECOND)
        return RetryBudget(tokens - 1.0, now) if tokens >= 1.0 else None
