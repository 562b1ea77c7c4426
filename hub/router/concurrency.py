"""How many calls one provider (its key) is asked for at once: more while it keeps up, half when not.

Additive increase, multiplicative decrease. Latency plays no part: it measures how long answers are.

Source: Chiu and Jain, "Analysis of the Increase and Decrease Algorithms", 1989 (ROUTER: auto-scaling).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

FIRST = 4.0
_LEAST, _MOST = 1.0, 64.0


@dataclass(frozen=True, slots=True)
class Concurrency:
    """What a provider has been found to bear."""

    limit: float = FIRST
    cut_at: int = 0
    """UTC microseconds when it was halved last."""

    @property
    def places(self) -> int:
        """Calls that may be under way at once."""
        return int(self.limit)

    def answered(self, inflight: int) -> Concurrency:
        """Return it after an answer, with so many calls under way, that one included.

        A limit that is not half used was not tried.
        """
        if 2 * inflight < self.limit:
            return self
        return replace(self, limit=min(_MOST, self.limit + 1.0 / self.limit))

    def declined(self, started_at: int, now: int) -> Concurrency:
        """Return it after a call was declined for load, once for all that were under way together.

        Args:
            started_at: When the call began, in UTC microseconds.
            now: When it ended.
        """
        if started_at < self.cut_at:
            return self
        return Concurrency(max(_LEAST, self.limit / 2.0), now)
