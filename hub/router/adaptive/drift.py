"""Notices that a deployment no longer answers as it did: errors that lean to one side add up.

Source: Page, "Continuous Inspection Schemes", 1954 (CUSUM).
"""

from __future__ import annotations

from dataclasses import dataclass

_LARGEST = 3.0
_SLACK = 0.25
_ALARM = 25.0
"""Chance alone reaches 15 once in 13,000 marks, 25 once in 2 million (Siegmund's approximation)."""
_FIRST_MARKS = 30
"""Marks before which errors say more about the prior than about the deployment."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Sums of standardised errors, upwards and downwards."""

    up: float = 0.0
    down: float = 0.0

    def after(self, error: float, marks: int) -> Drift:
        """Return the sums with one more error.

        Args:
            error: In standard deviations; positive: better than expected.
            marks: Marks that the expectation rests on.
        """
        if marks < _FIRST_MARKS:
            return self
        clipped = min(max(error, -_LARGEST), _LARGEST)
        return Drift(max(0.0, self.up + clipped - _SLACK), max(0.0, self.down - clipped - _SLACK))

    @property
    def alarm(self) -> bool:
        """True once the errors cannot be chance any more."""
        return max(self.up, self.down) > _ALARM


CALM = Drift()
