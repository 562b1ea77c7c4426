"""Beliefs side by side, so that one product asks all the candidates.

Marks are rarer than turns: what is put together here serves every choice until the next mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hub.router.adaptive.belief import Belief
from hub.router.features import DIMENSION, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """What is believed of k deployments."""

    weights: Floats
    """(k, d): quality is weights . z."""
    covariances: Floats
    """(k d, d): one below the other."""
    variances: Floats
    """(k,): of the last predictions."""
    means: tuple[float, ...]
    """Mean quality of each over all prompts, 0..1."""
    marks: int
    """That they rest on together."""

    def qualities(self, vector: Floats) -> Floats:
        """Return (k,) qualities to expect of one prompt."""
        found: Floats = self.weights.dot(vector)
        return found

    def doubts(self, vector: Floats) -> Floats:
        """Return (k,) standard deviations of `qualities`."""
        spread = self.covariances.dot(vector).reshape(-1, DIMENSION).dot(vector)
        found: Floats = np.sqrt(self.variances * spread)
        return found


@lru_cache(maxsize=16)
def side_by_side(beliefs: tuple[Belief, ...]) -> Panel:
    """Return the beliefs as one panel; the last ones are remembered."""
    return Panel(
        weights=np.array([b.weights for b in beliefs]),
        covariances=np.concatenate([b.covariance for b in beliefs]),
        variances=np.array([b.variance for b in beliefs]),
        means=tuple(b.mean for b in beliefs),
        marks=sum(b.marks for b in beliefs),
    )
