"""How many tokens an answer takes, and with them what a turn should cost on a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.domain.turn import Purpose

PRIOR_TOKENS: Mapping[Purpose, float] = {
    Purpose.REPLY: 400.0,
    Purpose.DRAFT: 350.0,
    Purpose.CRITIQUE: 300.0,
    Purpose.BALLOT: 120.0,
}
"""Output tokens to expect before anything was measured."""
_PRIOR_CALLS = 3
_MOST_CALLS = 50
"""The mean follows the last calls: an old habit fades."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A running mean that starts from a prior."""

    value: float
    n: int = _PRIOR_CALLS

    def add(self, sample: float) -> Mean:
        """Return the mean with one more sample."""
        n = min(self.n + 1, _MOST_CALLS)
        return Mean(self.value + (sample - self.value) / n, n)


@dataclass(frozen=True, slots=True)
class Outputs:
    """Mean output tokens of one deployment, by what the turn was for."""

    means: Mapping[Purpose, Mean] = field(default_factory=dict)

    def add(self, purpose: Purpose, tokens: int) -> Outputs:
        """Return the means with one more answer."""
        mean = self.means.get(purpose, Mean(PRIOR_TOKENS[purpose]))
        return Outputs({**self.means, purpose: mean.add(tokens)})

    def expected(self, purpose: Purpose, max_output: int) -> int:
        """Return the output tokens to expect, never more than may be written."""
        mean = self.means.get(purpose)
        return min(max_output, round(mean.value if mean else PRIOR_TOKENS[purpose]))
