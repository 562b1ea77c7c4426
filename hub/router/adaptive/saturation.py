"""Whether all deployments do a task so well that only price and speed are left to choose by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.domain.turn import Purpose
from hub.router.features import CODE, MATHS, OPTIONS, Floats

LEAST_MARKS = 50
_MOST_MARKS = 300
_BAND = 0.02
_SIDE = 1.64
"""One-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Marks of one deployment on one task: how many, their mean and variance, the newest ones."""

    marks: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def after(self, quality: float) -> Tally:
        """Return the tally with one more mark; it looks back on 300."""
        marks = min(self.marks + 1, _MOST_MARKS)
        apart = quality - self.mean
        variance = (1.0 - 1.0 / marks) * (self.variance + apart**2 / marks)
        return Tally(marks, self.mean + apart / marks, variance)

    def corrected(self, quality: float, was: float) -> Tally:
        """Return the tally with a mark that replaces one of it."""
        if not self.marks:
            return self
        mean = self.mean + (quality - was) / self.marks
        squares = self.variance + self.mean**2 + (quality**2 - was**2) / self.marks
        return Tally(self.marks, mean, max(0.0, squares - mean**2))


UNTRIED = Tally()


def task_of(vector: Floats, purpose: Purpose) -> str:
    """Return the kind of task, from what the features saw: code, maths, options or other."""
    if vector[CODE] > 0.0:
        sort = "code"
    elif vector[OPTIONS] > 0.0:
        sort = "options"
    elif any(vector[place] > 0.0 for place in MATHS):
        sort = "maths"
    else:
        sort = "other"
    return f"{purpose.value} {sort}"


def saturated(tallies: Sequence[Tally], costs: Sequence[float]) -> bool:
    """Tell whether no deployment is known to be worth more than the cheapest on this task.

    Args:
        tallies: Marks of each candidate.
        costs: Expected cost of each.
    """
    if len(tallies) < 2 or min(t.marks for t in tallies) < LEAST_MARKS:  # noqa: PLR2004
        return False
    cheapest = tallies[min(range(len(costs)), key=costs.__getitem__)]
    best = max(tallies, key=lambda tally: tally.mean)
    error = math.sqrt(best.variance / best.marks + cheapest.variance / cheapest.marks)
    return best.mean - cheapest.mean + (_SIDE * error if best is not cheapest else 0.0) < _BAND


Tasks = Mapping[str, Mapping[str, Tally]]
"""Tallies by task and deployment."""
