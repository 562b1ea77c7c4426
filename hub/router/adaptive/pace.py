"""How a budget is spread over the turns to come: what this turn may cost, and what money is worth.

`Worth` prices a dollar in quality: the least price at which the policy itself would have spent no
more than the rate on the last prompts. Source of re-solving: Jasin, Kumar, "A Re-Solving Heuristic
with Bounded Revenue Loss", 2012.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.domain.route import Pacing
from hub.router.adaptive.mix import hull, mixed
from hub.router.features import Floats

MARGIN = 0.3
"""Standard deviations by which another must be better before the lottery's choice is left."""
FREE_HAND = 0.5e-6
"""Quality that a micro-dollar is worth where no budget says otherwise: .5 per dollar."""
_CATCH_UP = 150.0
"""Turns over which what was saved or overspent is made good."""
_AHEAD = 3
_LARGEST_DEBT = 20.0
_STEPS = 10
_LOG_PRICES = np.arange(-9 * _STEPS, _STEPS + 1) / _STEPS
_PRICES = np.r_[0.0, 10.0**_LOG_PRICES]
"""Quality per micro-dollar: free, and 1e-3 to 1e7 per dollar."""


def rate(pacing: Pacing) -> float:
    """Return what this turn may cost on average, in micro-dollars."""
    saved = pacing.per_turn * pacing.turns - pacing.spent
    return max(0.0, pacing.per_turn + saved / _CATCH_UP)


def bank(pacing: Pacing) -> float:
    """Return what may be spent at once, in micro-dollars; negative: in debt."""
    return pacing.per_turn * (pacing.turns + _AHEAD) - pacing.spent


def affordable(costs: Sequence[float], pacing: Pacing | None) -> list[bool]:
    """Tell for each deployment whether the pace allows it now; the cheapest always.

    This paces; the hard stop is the reservation.

    Args:
        costs: Expected cost of this turn on each, micro-dollars.
        pacing: None: no budget.
    """
    if pacing is None:
        return [True] * len(costs)
    saved, most = bank(pacing), 0.0
    if saved > -_LARGEST_DEBT * pacing.per_turn:
        most = pacing.per_turn
    most = max(most, saved / 2.0)
    allowed = [cost <= most for cost in costs]
    allowed[costs.index(min(costs))] = True
    return allowed


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """What the policy would have spent on the last prompts, by the price put on a micro-dollar."""

    turn: int
    """Turns that had been routed when it was worked out."""
    corners: tuple[int, ...]
    """Places among the deployments of the best static mixes, cheapest first."""
    costs: tuple[float, ...]
    """Mean cost of each corner, micro-dollars."""
    spent: Floats
    """(corners, prices): mean cost a turn where the lottery drew that corner."""

    def at(self, rate: float) -> tuple[int, int, float, float]:
        """Return the lottery (low, high, share of high) and the price of money at a rate.

        Args:
            rate: What a turn may cost on average, micro-dollars.
        """
        low, high, share = mixed(self.costs, rate)
        curve = (1.0 - share) * self.spent[low] + share * self.spent[high]
        return self.corners[low], self.corners[high], share, price_at(curve, rate)


def price_at(curve: Floats, rate: float) -> float:
    """Return the least price of a micro-dollar at which the mean cost is within the rate.

    Args:
        curve: (prices,): mean cost at each price of the grid.
        rate: Micro-dollars.
    """
    within = np.flatnonzero(curve <= rate)
    if not len(within):
        return float(_PRICES[-1])
    first = int(within[0])
    if first < 2:  # noqa: PLR2004  nothing to interpolate before the first price that is not 0
        return float(_PRICES[first])
    above, below = curve[first - 1], curve[first]
    part = (above - rate) / (above - below)
    exponent = _LOG_PRICES[first - 2] + part / _STEPS
    return float(10.0**exponent)


def worth(
    turn: int,
    means: Sequence[float],
    mean_costs: Sequence[float],
    qualities: Floats,
    doubts: Floats,
    costs: Floats,
) -> Worth:
    """Work out the curves from the last prompts.

    Args:
        turn: Turns that were routed so far.
        means: Mean quality of each of k deployments.
        mean_costs: Mean cost of each, micro-dollars.
        qualities: (n, k): expected quality on the last n prompts.
        doubts: (n, k): its standard deviation.
        costs: (n, k): expected cost, micro-dollars.
    """
    corners = hull(means, mean_costs)
    spent = np.array([spending(qualities, doubts, costs, corner) for corner in corners])
    return Worth(turn, tuple(corners), tuple(mean_costs[c] for c in corners), spent)


def spending(
    qualities: Floats, doubts: Floats, costs: Floats, drawn: int, paid: Floats | None = None
) -> Floats:
    """Return the mean cost at each price of the grid where the lottery drew `drawn`.

    Args:
        qualities: (n, k): expected quality.
        doubts: (n, k): its standard deviation.
        costs: (n, k): expected cost, micro-dollars: what the choice looks at.
        drawn: Place of the deployment that the lottery drew.
        paid: (n, k): what each really cost; None: what was expected.
    """
    places = picks(qualities, doubts, costs, drawn, _PRICES)
    paid = costs if paid is None else paid
    mean: Floats = paid[np.arange(len(paid)), places].mean(1)
    return mean


def picks(
    qualities: Floats, doubts: Floats, costs: Floats, drawn: int, prices: Floats
) -> NDArray[np.intp]:
    """Return (prices, n) places of what the policy takes where the lottery drew `drawn`.

    Args:
        qualities: (n, k): expected quality.
        doubts: (n, k): its standard deviation.
        costs: (n, k): expected cost, micro-dollars.
        drawn: Place of the deployment that the lottery drew.
        prices: Quality per micro-dollar.
    """
    price = prices[:, None]
    best = qualities[:, drawn] - price * costs[:, drawn]
    places = np.full(best.shape, drawn, np.intp)
    for other in range(qualities.shape[1]):
        if other == drawn:
            continue
        margin = MARGIN * np.hypot(doubts[:, other], doubts[:, drawn])
        value = qualities[:, other] - margin - price * costs[:, other]
        better = value > best
        np.copyto(best, value, where=better)
        np.copyto(places, other, where=better)
    return places
