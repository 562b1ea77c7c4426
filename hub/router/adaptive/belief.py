"""How well one deployment is believed to answer: a Bayesian linear model with forgetting.

Constant in size: neither the state nor the work grows with the number of marks. Source: Agrawal,
Goyal, "Thompson Sampling for Contextual Bandits with Linear Payoffs", 2013.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from hub.router.adaptive.drift import CALM, Drift
from hub.router.features import DIMENSION, PROJECTED, Floats

UNKNOWN_QUALITY = 0.7
"""Expected quality of a model that nobody has said anything about."""
KEPT = 0.9995
"""Share of what was learned that one mark leaves standing: 2,000 marks are remembered."""
_PRIOR_MARKS = 4.0
_PRIOR_VARIANCE = 0.0625
_VARIANCE_MARKS = 200
_MEAN_MARKS = 2_000
_BATCH = 32
_HOPE = 1.0
"""Standard errors of the benefit of the doubt; without it a stream that starts untaught lost .01."""
_AFTER_DRIFT = 0.03
_MARKS_AFTER_DRIFT = 10


def _precision() -> Floats:
    """Return the prior's diagonal: the projection is 24 guesses, the counts are few and telling."""
    diagonal = np.full(DIMENSION, 50.0)
    diagonal[1 : 1 + PROJECTED] = 1_000.0
    diagonal[0] = _PRIOR_MARKS
    return diagonal


_PRECISION = _precision()


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """What marks say about one deployment."""

    prior: float
    """Expected quality before the first mark, 0..1."""
    gram: Floats
    """(d, d): weighted sum of z z'."""
    moment: Floats
    """(d,): weighted sum of s z."""
    weights: Floats
    """(d,): quality is weights . z; follows from the two above."""
    covariance: Floats
    """(d, d): inverse of prior precision + gram."""
    marks: int = 0
    """Marks that count, at most 2,000; the mean looks back on them."""
    mean: float = UNKNOWN_QUALITY
    """Mean quality over all prompts, 0..1."""
    variance: float = _PRIOR_VARIANCE
    """Mean squared error of the last 200 predictions."""
    drift: Drift = CALM

    @property
    def hope(self) -> float:
        """Mean quality with the benefit of the doubt, so that the untried is tried while cheap."""
        return self.mean + _HOPE * math.sqrt(self.variance / (self.marks + _PRIOR_MARKS))

    def expected(self, vectors: Floats) -> Floats:
        """Return (n,) qualities to expect, one for each row of (n, d) vectors."""
        found: Floats = vectors @ self.weights
        return found

    def doubt(self, vectors: Floats) -> Floats:
        """Return (n,) standard deviations of `expected`."""
        spread = ((vectors @ self.covariance) * vectors).sum(1)
        found: Floats = np.sqrt(self.variance * spread)
        return found

    def doubt_of(self, vector: Floats) -> float:
        """Return the standard deviation of the quality that is expected of one vector."""
        return math.sqrt(self.variance * float(vector.dot(self.covariance.dot(vector))))

    def marked(self, vector: Floats, quality: float, weight: float = 1.0) -> Belief:
        """Return the belief after one mark.

        Args:
            vector: `hub.router.features.features` of what was answered.
            quality: 0..1.
            weight: 1 for the person's own mark, less for weaker evidence.
        """
        return _solved(_counted(self, vector, quality, weight))

    def corrected(
        self, vector: Floats, quality: float, weight: float, was: tuple[float, float]
    ) -> Belief:
        """Return the belief after a mark that replaces an earlier one, as if that had never been.

        What the earlier one said of errors and drift stands: nothing tells it apart any more.

        Args:
            vector: As for `marked`.
            quality: 0..1.
            weight: At least that of the earlier one.
            was: Quality and weight of the earlier one.
        """
        more, moved = weight - was[1], weight * quality - was[1] * was[0]
        return _solved(
            replace(
                self,
                gram=self.gram + more * np.outer(vector, vector),
                moment=self.moment + moved * vector,
                mean=self.mean + (quality - was[0]) / (self.marks + _PRIOR_MARKS),
            )
        )

    def taught(self, vectors: Floats, qualities: Sequence[float], weight: float = 1.0) -> Belief:
        """Return the belief after many marks, as `marked` in a row but solved only now and then."""
        belief = self
        for start in range(0, len(vectors), _BATCH):
            for vector, quality in zip(
                vectors[start : start + _BATCH], qualities[start : start + _BATCH], strict=True
            ):
                belief = _counted(belief, vector, quality, weight)
            belief = _solved(belief)
        return belief

    def shaken(self) -> Belief:
        """Return the belief after the world changed: a trace of what was learned stays."""
        return _solved(
            replace(
                self,
                gram=self.gram * _AFTER_DRIFT,
                moment=self.moment * _AFTER_DRIFT,
                marks=min(self.marks, _MARKS_AFTER_DRIFT),
                drift=CALM,
            )
        )


def believed(
    prior: float, gram: Floats | None = None, moment: Floats | None = None, **counted: float
) -> Belief:
    """Return a belief from what is stored of it, or before the first mark."""
    gram = np.zeros((DIMENSION, DIMENSION)) if gram is None else gram
    moment = np.zeros(DIMENSION) if moment is None else moment
    empty = Belief(prior, gram, moment, moment, gram, mean=prior)
    return _solved(replace(empty, **counted))  # type: ignore[arg-type]


@lru_cache(maxsize=256)
def unmarked(prior: float) -> Belief:
    """Return what is believed of a deployment before its first mark."""
    return believed(prior)


def _counted(belief: Belief, vector: Floats, quality: float, weight: float) -> Belief:
    error = quality - float(vector @ belief.weights)
    marks = min(belief.marks + 1, _MEAN_MARKS)
    return replace(
        belief,
        gram=KEPT * belief.gram + weight * np.outer(vector, vector),
        moment=KEPT * belief.moment + weight * quality * vector,
        marks=marks,
        mean=belief.mean + (quality - belief.mean) / (marks + _PRIOR_MARKS),
        variance=belief.variance
        + (error**2 - belief.variance) / (min(marks, _VARIANCE_MARKS) + _PRIOR_MARKS),
        drift=belief.drift.after(error / belief.variance**0.5, marks),
    )


def _solved(belief: Belief) -> Belief:
    moment = belief.moment.copy()
    moment[0] += _PRIOR_MARKS * belief.prior
    covariance = np.linalg.inv(belief.gram + np.diag(_PRECISION)).astype(np.float64, copy=False)
    return replace(belief, weights=covariance @ moment, covariance=covariance)
