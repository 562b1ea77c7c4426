"""Who is reliable, seen from agreement alone: no answer has to be known.

One-coin Dawid-Skene (1979) by expectation and maximisation. Colluders look reliable to it: three of
seven bring it to nothing, so what it says is only ever advice.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hub.consensus.learning.calibration import Calibration, took_part
from hub.consensus.learning.matrix import Bools, Floats, Matrix, Seats, matrix

ENOUGH = 200
"""Decisions from which on agreement says something."""
ROUNDS = 200
"""Steps of expectation and maximisation at most."""
_STILL = 1e-8
LEAST, MOST = 0.02, 0.98
"""Nobody is known to be better or worse than that."""


@lru_cache(maxsize=16)
def reliability(calibration: Calibration, seats: Seats) -> Floats | None:
    """Return each seat's chance of being right, .02-.98; None before 200 decisions."""
    rows = tuple(row for row in calibration.rows if took_part(row, seats))
    if len(rows) < ENOUGH:
        return None
    return one_coin(matrix(rows, seats))[1]


def one_coin(items: Matrix) -> tuple[Floats, Floats]:
    """Return (n, m) chances of each option that was named, and (m,) of each seat being right.

    Begins with the shares of the votes. P(o) is proportional to the product of p_i for those who
    named o and (1 - p_i)/(k - 1) for those who named another, over all k options: what nobody named
    may be right too. p_i = (sum P(v_i) + 1)/(n_i + 2).
    """
    named = items.named
    cast = named.sum(axis=2)
    seen: Bools = named.max(axis=1, initial=0.0) > 0
    k = np.maximum(items.k, 2)[:, None]
    unseen = np.maximum(k - seen.sum(axis=1, keepdims=True), 0.0)
    chance = named.sum(axis=1) / np.maximum(cast.sum(axis=1, keepdims=True), 1)
    p = np.zeros(named.shape[1])
    for _ in range(ROUNDS):
        before = p
        hits = np.einsum("nk,nmk->m", chance, named)
        p = np.clip((hits + 1) / (cast.sum(axis=0) + 2), LEAST, MOST)
        gain = np.log(p)[None, :] - np.log((1 - p)[None, :] / (k - 1))
        score = np.where(seen, np.einsum("nm,nmk->nk", gain, named), -np.inf)
        most = score.max(axis=1, keepdims=True, initial=0.0)
        chance = np.exp(score - most)
        chance /= chance.sum(axis=1, keepdims=True) + unseen * np.exp(-most)
        if np.abs(p - before).max() < _STILL:
            break
    return chance, p.round(6)
