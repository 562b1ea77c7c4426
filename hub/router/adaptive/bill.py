"""What a call to one deployment costs beside what its price and mean answer let expect.

A ridge on ln(cost / expected) over the shape of the prompt: long or mathematical prompts get long
answers, and a dear deployment is worth most where its answer is short.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hub.router.features import SHAPE, SHAPED, Floats

_KEPT = 0.998
_PRIOR = 30.0
_PRIOR_CALLS = 0.1
_FEW = 5
"""Calls before which the expected cost stands as it is."""
_MEAN_CALLS = 500
_MOST = 20.0
"""No correction beyond this factor: a ratio of a lucky few is not a price."""
_STEEPEST = 10.0
_PRECISION = np.diag(np.r_[_PRIOR_CALLS, np.full(SHAPED - 1, _PRIOR)])


@dataclass(frozen=True, slots=True, eq=False)
class Bill:
    """What calls say about the cost of one deployment."""

    gram: Floats
    """(p, p): sum of x x' over the shapes of prompts."""
    moment: Floats
    """(p,): sum of x ln(cost / expected)."""
    weights: Floats
    """(p,): follows from the two above."""
    calls: int = 0
    """Calls that count, at most 500."""
    mean: float = 0.0
    """Mean cost of a call, micro-dollars."""
    paid: float = 0.0
    """Sum of what was paid, fading, in expected costs."""
    foreseen: float = 0.0
    """Sum of what the ridge said of the same calls."""

    def factors(self, vectors: Floats) -> Floats:
        """Return (n,) factors on the expected cost, one for each row of (n, d) vectors."""
        if self.calls < _FEW or not self.foreseen:
            return np.ones(len(vectors))
        raw = np.exp(np.clip(vectors[:, SHAPE] @ self.weights, -_STEEPEST, _STEEPEST))
        found: Floats = np.clip(raw * (self.paid / self.foreseen), 1.0 / _MOST, _MOST)
        return found

    def factor(self, vector: Floats) -> float:
        """Return the factor on the expected cost of one vector."""
        return self.corrected(float(vector[SHAPE].dot(self.weights)))

    def corrected(self, power: float) -> float:
        """Return the factor that the ridge's logarithm of it comes to."""
        if self.calls < _FEW or not self.foreseen:
            return 1.0
        raw = math.exp(min(max(power, -_STEEPEST), _STEEPEST))
        return min(max(raw * self.paid / self.foreseen, 1.0 / _MOST), _MOST)

    def paying(self, vector: Floats, cost: float, expected: float) -> Bill:
        """Return the bill after one call.

        Args:
            vector: `hub.router.features.features` of what was answered.
            cost: What it cost, micro-dollars.
            expected: What its price and mean answer let expect, micro-dollars.
        """
        calls = min(self.calls + 1, _MEAN_CALLS)
        counted = replace(self, calls=calls, mean=self.mean + (cost - self.mean) / calls)
        if cost <= 0.0 or expected <= 0.0:
            return counted
        shape = vector[SHAPE]
        ratio = cost / expected
        power = min(max(float(shape @ self.weights), -_STEEPEST), _STEEPEST)
        known = math.exp(power) if self.foreseen else ratio
        gram = _KEPT * self.gram + np.outer(shape, shape)
        moment = _KEPT * self.moment + math.log(ratio) * shape
        return replace(
            counted,
            gram=gram,
            moment=moment,
            weights=_solved(gram, moment),
            paid=_KEPT * self.paid + ratio,
            foreseen=_KEPT * self.foreseen + known,
        )


def factors_of(bills: tuple[Bill, ...], vector: Floats) -> list[float]:
    """Return the factor on each one's expected cost of one vector."""
    powers: list[float] = _rows(bills).dot(vector[SHAPE]).tolist()
    return [bill.corrected(power) for bill, power in zip(bills, powers, strict=True)]


@lru_cache(maxsize=16)
def _rows(bills: tuple[Bill, ...]) -> Floats:
    """Return (k, p) weights side by side; they stay until the next call is paid for."""
    return np.array([bill.weights for bill in bills])


def billed(gram: Floats | None = None, moment: Floats | None = None, **counted: float) -> Bill:
    """Return a bill from what is stored of it, or before the first call."""
    gram = np.zeros((SHAPED, SHAPED)) if gram is None else gram
    moment = np.zeros(SHAPED) if moment is None else moment
    return replace(Bill(gram, moment, _solved(gram, moment)), **counted)  # type: ignore[arg-type]


def _solved(gram: Floats, moment: Floats) -> Floats:
    solved: Floats = np.linalg.solve(gram + _PRECISION, moment)
    return solved
