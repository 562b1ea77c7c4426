"""How often calls worked: the last ones as bits, so that history never grows and copying is free."""

from __future__ import annotations

from dataclasses import dataclass

_PRIOR_OK, _PRIOR_N = 4.75, 5.0


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The outcomes of the last calls, the newest in the lowest bit."""

    bits: int = 0
    """1 for a call that worked."""
    n: int = 0
    """Calls remembered, at most the window."""

    def add(self, ok: bool, window: int) -> Outcomes:
        """Return the outcomes with one more; those beyond `window` calls are forgotten."""
        mask = (1 << window) - 1
        return Outcomes((self.bits << 1 | ok) & mask, min(self.n + 1, window))

    @property
    def availability(self) -> float:
        """Share of calls that worked, 0..1, smoothed as if 4.75 of 5 earlier ones had."""
        return (self.bits.bit_count() + _PRIOR_OK) / (self.n + _PRIOR_N)

    @property
    def failures_in_row(self) -> int:
        """Failures since the last call that worked."""
        if not self.bits:
            return self.n
        return (self.bits & -self.bits).bit_length() - 1

    def failed_of_last(self, calls: int) -> int:
        """Count the failures among the last `calls`, or among all when there were fewer."""
        seen = min(self.n, calls)
        return seen - (self.bits & ((1 << seen) - 1)).bit_count()
