"""Stacked weights: fitted together, so that agents who err alike share one weight.

Minimises the mean of -ln P(right option), P being the softmax over the options that were voted
for, plus a ridge towards the log-odds of each agent alone (CONSENSUS: rules). Decisions whose right
answer nobody gave teach nothing here. A category has weights of its own, held to those of all.

CONSENSUS holds the fit to the log-odds as they are. Here they count for what they prove to be worth
together, for agents who err alike overstate it: with 100 marks that is right .2 to .6 points oftener
on committees drawn from CRUX and MMLU-Pro, and as often on GSM8K. And the fewer the marks, the more
weighs who was right most often: others who are not yet told apart would outvote it by their number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from hub.consensus.learning.calibration import Calibration
from hub.consensus.learning.matrix import Floats, Matrix, Seats, matrix_of
from hub.consensus.learning.records import log_odds, record_of

RIDGE = 5.0
"""Pull of the log-odds, in decisions."""
LEAD = 15.0
"""Marks; as a share of those there are, what the leader's log-odds gain: at most half."""
CATEGORY_RIDGE = 40.0
"""Pull of the weights of all categories on those of one."""
_STEPS = 40
_HALVINGS = 12
_FLAT = 1e-10


def stacked(calibration: Calibration, seats: Seats, category: str = "") -> Floats:
    """Return a weight of zero or more for each seat; they are shared and must not be changed."""
    return _of_category(calibration, seats, category) if category else _of_all(calibration, seats)


@lru_cache(maxsize=16)
def _of_all(calibration: Calibration, seats: Seats) -> Floats:
    items = matrix_of(calibration, seats)
    k = max(2, round(float(items.k.mean()))) if len(items) else 2
    odds = np.array([log_odds(record_of(calibration, seat).accuracy(), k) for seat in seats])
    lead = 1 + LEAD / max(len(items), 2 * LEAD)
    odds *= np.where(odds >= odds.max(initial=0.0) - _FLAT, lead, 1.0)
    return fit(items, worth(items, odds) * odds, RIDGE)


@lru_cache(maxsize=256)
def _of_category(calibration: Calibration, seats: Seats, category: str) -> Floats:
    items = matrix_of(calibration, seats)
    return fit(
        items.only(items.categories == category), _of_all(calibration, seats), CATEGORY_RIDGE
    )


def worth(items: Matrix, odds: Floats) -> float:
    """Return the share of these log-odds, 0..1, that makes the right options likeliest.

    One for agents who err independently, less the more they err alike. The likelihood has one peak,
    so halving finds where it stops to rise.
    """
    known = items.only(items.right >= 0)
    if not len(known):
        return 1.0
    objective = _objective(known, odds, 0.0)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        if float(objective(share * odds)[1] @ odds) > _FLAT:
            high = share
        else:
            low = share
    return high


def fit(items: Matrix, prior: Floats, ridge: float) -> Floats:
    """Return the weights that make the right options likeliest, by Newton's method.

    Args:
        items: Marked decisions.
        prior: (m,), where the ridge pulls to; also the start.
        ridge: Strength of the pull, in decisions.
    """
    known = items.only(items.right >= 0)
    if not len(known):
        return np.maximum(prior, 0.0)
    weights = prior
    objective = _objective(known, prior, ridge)
    loss, gradient, curvature = objective(weights)
    for _ in range(_STEPS):
        step: Floats = np.linalg.solve(curvature, gradient).astype(np.float64)
        fall, length = float(gradient @ step), 1.0
        after = objective(weights - step)
        while after[0] > loss - 1e-4 * length * fall and length > _FLAT:
            length /= 2
            after = objective(weights - length * step)
        weights = weights - length * step
        gained, (loss, gradient, curvature) = loss - after[0], after
        if gained < _FLAT:
            break
    return np.maximum(weights, 0.0).round(6)


def _objective(
    items: Matrix, prior: Floats, ridge: float
) -> Callable[[Floats], tuple[float, Floats, Floats]]:
    """Return what gives loss, gradient (m,) and curvature (m, m) at some weights."""
    named, n = items.named, len(items)
    count, seats = np.arange(n), len(prior)
    right = named[count, :, items.right]
    absent = np.where(named.any(axis=1), 0.0, -np.inf)
    flat = named.transpose(1, 0, 2).reshape(seats, -1)

    def at(weights: Floats) -> tuple[float, Floats, Floats]:
        score = np.einsum("f,nfk->nk", weights, named) + absent
        score -= score.max(axis=1, keepdims=True)
        chance = np.exp(score)
        total = chance.sum(axis=1)
        chance /= total[:, None]
        loss = float((np.log(total) - score[count, items.right]).mean())
        expected = np.einsum("nk,nfk->nf", chance, named)
        pull = ridge / n * (weights - prior)
        gradient = (expected - right).mean(axis=0) + pull
        spread = (flat * chance.reshape(-1)) @ flat.T - expected.T @ expected
        loss += float(pull @ (weights - prior)) / 2
        return loss, gradient, spread / n + np.eye(seats) * ridge / n

    return at
