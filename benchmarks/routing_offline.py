"""The cross-validated curve: quality over budget on prompts that nothing was learned or tuned on.

Five folds, several deals. In each, quality and cost are learned on four folds; the price of money
for each budget comes from predictions inside those four (five inner folds), never from the fifth.
The learning and the choice are the shipped ones; the lottery is averaged over, not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.routing_data import Recorded
from benchmarks.routing_static import ENOUGH, cost_at, hull_at, mix_scores, mix_share_at
from hub.router.adaptive.belief import UNKNOWN_QUALITY, Belief, believed
from hub.router.adaptive.bill import Bill, billed
from hub.router.adaptive.mix import best_mix
from hub.router.adaptive.pace import picks, price_at, spending
from hub.router.features import Floats

_FOLDS = 5
_BUDGETS = 24
_RESAMPLES = 2_000
_LARGE = 3_000
"""A set of more prompts is dealt fewer times: it is less noisy, and takes longer."""
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What a policy scored and cost on each prompt, by budget; means over the deals."""

    budgets: Floats
    """(b,), micro-dollars a prompt."""
    scores: Floats
    """(b, n)."""
    costs: Floats
    """(b, n), micro-dollars."""


@dataclass(frozen=True, slots=True, eq=False)
class _Taught:
    beliefs: list[Belief]
    bills: list[Bill]
    usual: Floats
    """(k,): mean cost of each model on what it was taught, micro-dollars."""

    def on(self, vectors: Floats) -> tuple[Floats, Floats, Floats]:
        """Return (n, k) expected quality, its doubt, and expected cost."""
        return (
            np.column_stack([b.expected(vectors) for b in self.beliefs]),
            np.column_stack([b.doubt(vectors) for b in self.beliefs]),
            np.column_stack([b.factors(vectors) for b in self.bills]) * self.usual,
        )


def measured(recorded: Recorded, *, deals: int = 6) -> tuple[dict[str, object], Curve]:
    """Return the figures of one set as they are printed, and the curve that they were read from."""
    curve = cross_validated(recorded, deals if len(recorded) < _LARGE else max(1, deals // 4))
    means, costs = recorded.scores.mean(0), recorded.costs.mean(0)
    best = recorded.best
    target = ENOUGH * means[best]
    qualities, paid = curve.scores.mean(1), curve.costs.mean(1)
    reached = cost_at(paid, qualities, target)
    figures: dict[str, object] = {
        "best_single": round(float(means[best]), 4),
        "cheapest": round(float(means[recorded.cheapest]), 4),
        "random": round(float(means.mean()), 4),
        "hull_at_best_cost": round(hull_at(recorded, float(costs[best])), 4),
        "oracle": round(float(recorded.scores.max(1).mean()), 4),
        "mix_cost_share_at_95": round(mix_share_at(recorded, target), 4),
        "ours": {
            "cost_share_at_95": None if reached is None else round(reached / float(costs[best]), 4),
            "quality_at_best_cost": round(_at_cost(paid, qualities, float(costs[best])), 4),
            "hull_gap_ci": [round(edge, 4) + 0.0 for edge in gap_at_worst(recorded, curve)],
        },
    }
    return figures, curve


def cross_validated(recorded: Recorded, deals: int) -> Curve:
    """Return the curve over budgets between the cheapest and the best single model's cost."""
    costs = recorded.costs.mean(0)
    budgets = np.geomspace(costs.min(), costs[recorded.best], _BUDGETS)
    total = Curve(budgets, *np.zeros((2, _BUDGETS, len(recorded))))
    for deal in range(deals):
        rng = np.random.default_rng(deal)
        folds = _dealt(len(recorded), rng)
        for fold in range(_FOLDS):
            _score_fold(
                recorded, rng.permutation(np.flatnonzero(folds != fold)), folds == fold, total
            )
    return replace(total, scores=total.scores / deals, costs=total.costs / deals)


def gap_at_worst(recorded: Recorded, curve: Curve) -> tuple[float, float]:
    """Return the 95 % interval of ours minus the static hull where that is least.

    Paired bootstrap over prompts; at every budget the hull spends what ours spent.
    """
    gaps = [
        scores - mix_scores(recorded, float(costs.mean()))
        for scores, costs in zip(curve.scores, curve.costs, strict=True)
    ]
    worst = min(gaps, key=lambda gap: float(gap.mean()))
    drawn = np.random.default_rng(0).integers(0, len(worst), (_RESAMPLES, len(worst)))
    low, high = np.quantile(worst[drawn].mean(1), (0.025, 0.975))
    return float(low), float(high)


def _dealt(count: int, rng: np.random.Generator) -> Ints:
    folds = np.empty(count, np.intp)
    folds[rng.permutation(count)] = np.arange(count) % _FOLDS
    return folds


def _taught(recorded: Recorded, rows: Ints) -> _Taught:
    """Learn from some prompts, in their order, as the router would from marks and bills."""
    vectors, usual = recorded.vectors[rows], recorded.costs[rows].mean(0)
    beliefs, bills = [], []
    for place in range(len(recorded.models)):
        scores = recorded.scores[rows, place].tolist()
        beliefs.append(believed(UNKNOWN_QUALITY).taught(vectors, scores))
        bill = billed()
        for vector, cost in zip(vectors, recorded.costs[rows, place].tolist(), strict=True):
            bill = bill.paying(vector, cost, float(usual[place]))
        bills.append(bill)
    return _Taught(beliefs, bills, usual)


def _score_fold(recorded: Recorded, rows: Ints, tested: NDArray[np.bool_], total: Curve) -> None:
    """Add what the policy, taught on `rows`, does on the prompts that are tested."""
    taught = _taught(recorded, rows)
    inside = _inside(recorded, rows)
    paid = recorded.costs[rows]
    qualities, doubts, costs = taught.on(recorded.vectors[tested])
    means = [b.mean for b in taught.beliefs]
    curves: dict[int, Floats] = {}
    for place, budget in enumerate(total.budgets.tolist()):
        mix = best_mix(means, [b.mean for b in taught.bills], budget)
        for corner in {mix.low, mix.high} - curves.keys():
            curves[corner] = spending(*inside, corner, paid)
        curve = (1.0 - mix.share) * curves[mix.low] + mix.share * curves[mix.high]
        price = np.array([price_at(curve, budget)])
        for corner, share in ((mix.low, 1.0 - mix.share), (mix.high, mix.share)):
            chosen = picks(qualities, doubts, costs, corner, price)[0]
            at = np.arange(len(chosen))
            total.scores[place, tested] += share * recorded.scores[tested][at, chosen]
            total.costs[place, tested] += share * recorded.costs[tested][at, chosen]


def _inside(recorded: Recorded, rows: Ints) -> tuple[Floats, Floats, Floats]:
    """Return what inner folds expect of the prompts that they did not learn from."""
    folds = _dealt(len(rows), np.random.default_rng(len(rows)))
    found = np.zeros((3, len(rows), len(recorded.models)))
    for fold in range(_FOLDS):
        held = folds == fold
        found[:, held] = _taught(recorded, rows[~held]).on(recorded.vectors[rows[held]])
    return found[0], found[1], found[2]


def _at_cost(costs: Floats, qualities: Floats, cost: float) -> float:
    order = np.argsort(costs, kind="stable")
    return float(np.interp(cost, costs[order], qualities[order]))
