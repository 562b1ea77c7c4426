"""Voters of one model family make the same mistakes: how much oftener than strangers do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations

from hub.consensus.learning.calibration import Calibration

ENOUGH = 10
"""Pairs of wrong answers from which on a rate is known."""


@lru_cache(maxsize=16)
def kinship(calibration: Calibration) -> dict[str, float]:
    """Return rho by family, 0..1: (s_f - s)/(1 - s), where s is P(same wrong | both wrong).

    s_f is taken within a family, s across families. A family of which too little is known is left
    out. Source: Kim et al. 2025, arXiv 2506.07962.
    """
    both: Counter[str | None] = Counter()
    same: Counter[str | None] = Counter()
    for row in calibration.marked:
        wrong = [v for v in row.votes if v.choice not in (None, row.right) and v.family]
        for one, other in combinations(wrong, 2):
            group = one.family if one.family == other.family else None
            both[group] += 1
            same[group] += one.choice == other.choice
    if both[None] < ENOUGH or same[None] == both[None]:
        return {}
    strangers = same[None] / both[None]
    return {
        family: max(0.0, (same[family] / pairs - strangers) / (1 - strangers))
        for family, pairs in both.items()
        if family is not None and pairs >= ENOUGH
    }


def effective(families: Iterable[str | None], rho: Mapping[str, float]) -> float | None:
    """Return how many independent voters these ballots come to: sum of n/(1 + (n - 1) rho).

    None while it is unknown: a ballot without a family, or a family of several without a rho.
    """
    total = 0.0
    for family, n in Counter(families).items():
        if family is None or (n > 1 and family not in rho):
            return None
        total += n / (1 + (n - 1) * rho.get(family, 0.0))
    return round(total, 6)
