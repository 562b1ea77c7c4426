"""How good, how sure of that, and how well calibrated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES = 2_000
_BINS = 10
_AT_ONCE = 100


def percent(values: Floats) -> float:
    """Return a mean as per cent, two decimals; 0 for nothing."""
    return round(float(values.mean()) * 100, 2) if len(values) else 0.0


class Bootstrap:
    """Resamples of the same questions for every comparison: paired, and equal for all rules."""

    def __init__(self, questions: int, seed: int = 0) -> None:
        draw = np.random.default_rng(seed)
        even = np.full(questions, 1 / questions)
        self._counts = draw.multinomial(questions, even, size=RESAMPLES).astype(np.float32)

    def interval(self, difference: Floats) -> list[float]:
        """Return the 95 % interval of a mean difference, in points.

        Args:
            difference: (n,), one rule minus another on each question.
        """
        n = len(difference)
        pieces = [
            self._counts[at : at + _AT_ONCE] @ difference.astype(np.float32)
            for at in range(0, RESAMPLES, _AT_ONCE)
        ]
        low, high = np.percentile(np.concatenate(pieces) / n * 100, [2.5, 97.5])
        return [round(float(low), 2), round(float(high), 2)]


def expected_calibration_error(sure: Floats, right: Floats) -> float:
    """Return the mean gap between how sure and how right, over ten bins; 0 is perfect."""
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gap = 0.0
    for number in range(_BINS):
        these = bins == number
        if these.any():
            gap += abs(float(sure[these].mean() - right[these].mean())) * float(these.mean())
    return round(gap, 4)


def auroc(sure: Floats, right: Floats) -> float | None:
    """Return the chance that a right answer is surer than a wrong one; None without either.

    Ties count half (Mann-Whitney). A hit in parts counts as right from one half.
    """
    positive = right >= 0.5  # noqa: PLR2004  half
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return None
    values, place = np.unique(sure, return_inverse=True)
    count = np.bincount(place, minlength=len(values))
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    return round(float((rank[positive].sum() - n * (n + 1) / 2) / (n * m)), 4)


def coverage(sure: Floats, right: Floats, thresholds: Sequence[float]) -> list[dict[str, float]]:
    """Return, for each threshold, how much is at least that sure and how much of it is right."""
    return [
        {
            "threshold": threshold,
            "decided": percent((sure >= threshold).astype(float)),
            "right": percent(right[sure >= threshold]),
        }
        for threshold in thresholds
    ]
