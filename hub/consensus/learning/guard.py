"""What `auto` trusts: rules are tried on marked decisions that they were not fitted on.

A committee of unequal members can lose 10 to 50 points to its best one, and marks tell when. Five
folds, dealt by the decision's id: each is judged by what the other four teach.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from hub.consensus.learning.calibration import Calibration
from hub.consensus.learning.matrix import Bools, Floats, Matrix, Seats, matrix_of
from hub.consensus.learning.records import GRADES, grade, odds_of, strongest
from hub.consensus.learning.stacked import stacked
from hub.domain.decision import Rule
from hub.domain.ids import seeded

FEW, MANY = 30, 100
"""Marks from which on anything, and every difference on what was held out, is trusted."""
_FOLDS = 5
_PRIOR = 2.0
TRIED = (Rule.SINGLE, Rule.WEIGHTED, Rule.PLURALITY, Rule.STACKED)


@dataclass(frozen=True, slots=True)
class Trial:
    """How rules did on decisions that they were not fitted on."""

    categories: NDArray[np.str_]
    hits: Mapping[Rule, Floats]
    """(n,), 1 where the rule was right; a tie counts in parts."""
    strength: Mapping[Rule, Floats]
    """(n,), 0..1: share of the votes, or posterior among what was named, of what it chose."""

    def fitting(self, category: str) -> Bools:
        """Return which decisions speak for a category: its own if there are 100, else all."""
        own: Bools = self.categories == category
        return own if own.sum() >= MANY else np.ones(len(own), dtype=np.bool_)


@lru_cache(maxsize=256)
def choose(calibration: Calibration, seats: Seats, category: str) -> tuple[Rule, int]:
    """Return the rule to trust, and the marked decisions that speak for it.

    Stacked weights, unless the best agent alone did better on what was held out (with fewer than
    100 marks, by more than a standard error) or would outweigh all others anyway. CONSENSUS takes
    the best of single, plurality and log-odds below 100, the single where they are equal: on drawn
    committees that was right .3 points less often. From 100 on it wants the standard error as well:
    that was significantly below the best agent on 3 of 24 committees drawn from CRUX, this on one at
    most.
    """
    trial = tried(calibration, seats)
    these = trial.fitting(category)
    n = int(these.sum())
    if n < FEW:
        return Rule.MAJORITY, n
    lost = trial.hits[Rule.SINGLE][these] - trial.hits[Rule.STACKED][these]
    chance = float(lost.std(ddof=1)) / sqrt(n) if n < MANY else 0.0
    alone = float(lost.mean()) > chance or _outweighs(calibration, seats, category)
    return (Rule.SINGLE if alone else Rule.STACKED), n


def _outweighs(calibration: Calibration, seats: Seats, category: str) -> bool:
    """Tell whether the strongest agent outweighs all others together, and so decides anyway."""
    weights = stacked(calibration, seats, category)
    first = seats.index(strongest(calibration, seats, category)[0])
    return float(2 * weights[first] - weights.sum()) > 0


@lru_cache(maxsize=16)
def chances(calibration: Calibration, seats: Seats, rule: Rule) -> tuple[float, ...]:
    """Return how often a rule was right in each grade of its strength; empty before 30 marks.

    Grades with few marks are drawn to the mean. By category it would tell right from wrong a little
    better, and be off by more (ECE .014 against .003 on MMLU-Pro).
    """
    trial = tried(calibration, seats)
    if len(trial.categories) < FEW or rule not in trial.hits:
        return ()
    hits = trial.hits[rule]
    grades = [grade(strength) for strength in trial.strength[rule].tolist()]
    right = np.bincount(grades, hits, minlength=GRADES) + _PRIOR * hits.mean()
    found = right / (np.bincount(grades, minlength=GRADES) + _PRIOR)
    return tuple(round(float(chance), 6) for chance in found)


@lru_cache(maxsize=4)
def tried(calibration: Calibration, seats: Seats) -> Trial:
    """Try each rule on each fold."""
    items = matrix_of(calibration, seats)
    n = len(items)
    order = sorted(range(n), key=lambda row: seeded("fold", str(items.decisions[row])))
    fold = np.zeros(n, dtype=int)
    fold[order] = np.arange(n) % _FOLDS
    hits = {rule: np.zeros(n) for rule in TRIED}
    strength = {rule: np.zeros(n) for rule in TRIED}
    for number in range(_FOLDS if n >= FEW else 0):
        held = set(items.decisions[fold == number].tolist())
        rows = tuple(row for row in calibration.rows if row.decision not in held)
        training = replace(calibration, rows=rows)
        for group, category, k in _groups(items, fold == number):
            for rule in TRIED:
                weights = _weights(rule, training, seats, category, k)
                found = judged(items.only(group), weights, by_odds=rule in _BY_ODDS)
                hits[rule][group], strength[rule][group] = found
    return Trial(items.categories, hits, strength)


_BY_ODDS = (Rule.WEIGHTED, Rule.STACKED)


def _groups(items: Matrix, held: Bools) -> Iterator[tuple[Bools, str, int]]:
    """Yield the held out decisions by category and number of options."""
    for category in np.unique(items.categories[held]):
        of_category = held & (items.categories == category)
        for k in np.unique(items.k[of_category]):
            yield of_category & (items.k == k), str(category), int(k)


def _weights(rule: Rule, training: Calibration, seats: Seats, category: str, k: int) -> Floats:
    match rule:
        case Rule.STACKED:
            return stacked(training, seats, category)
        case Rule.WEIGHTED:
            return np.array(odds_of(training, seats, category, k))
        case Rule.SINGLE:  # the next best speaks only where the best is silent
            order = strongest(training, seats, category)
            return np.array([2.0 ** -order.index(seat) for seat in seats])
        case _:
            return np.ones(len(seats))


def judged(items: Matrix, weights: Floats, *, by_odds: bool) -> tuple[Floats, Floats]:
    """Return (n,) hits, ties in parts, and (n,) strengths of what the weights choose.

    Args:
        items: Decisions.
        weights: (m,); all zero counts as all one.
        by_odds: True: the strength is the posterior among what was named, else the share of the
            votes.
    """
    weights = weights if weights.any() else np.ones_like(weights)
    named, n = items.named, np.arange(len(items))
    seen = named.any(axis=1)
    score = np.where(seen, np.einsum("f,nfk->nk", weights, named), -np.inf)
    best = score.max(axis=1, keepdims=True)
    leads = seen & (score >= best - 1e-9)
    right = leads[n, np.maximum(items.right, 0)] & (items.right >= 0)
    hits = right / np.maximum(leads.sum(axis=1), 1)
    if by_odds:
        strength = 1 / np.maximum(np.exp(score - np.maximum(best, 0)).sum(axis=1), 1)
    else:
        leader = np.argmax(score, axis=1)
        strength = named[n, :, leader].sum(axis=1) / np.maximum(named.sum(axis=(1, 2)), 1)
    return hits, strength
