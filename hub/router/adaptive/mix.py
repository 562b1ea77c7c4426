"""The best static mix: which two deployments, drawn by lot, give the most quality for a mean cost.

A learned policy that does worse than this lottery has learned nothing, so it is the floor under it.
Source: the zero router of RouterBench (Hu et al., 2024), over the means measured so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Mix(NamedTuple):
    """A lottery between two deployments, by their places in the lists that it was made from."""

    low: int
    high: int
    share: float
    """Probability of `high`."""


def hull(means: Sequence[float], costs: Sequence[float]) -> list[int]:
    """Return the places of those that no mix of others beats, cheapest first.

    Args:
        means: Mean quality of each.
        costs: Mean cost of each.
    """
    order = sorted(range(len(means)), key=lambda i: (costs[i], -means[i]))
    found: list[int] = []
    for place in order:
        if found and means[place] <= means[found[-1]]:
            continue
        while len(found) > 1 and _below(means, costs, found[-2], found[-1], place):
            found.pop()
        found.append(place)
    return found


def mixed(hull_costs: Sequence[float], rate: float) -> tuple[int, int, float]:
    """Return the two corners of the hull, and the share of the second, that cost `rate` on average.

    Args:
        hull_costs: Mean costs along the hull, ascending.
        rate: What a turn may cost on average, in the same unit.
    """
    last = len(hull_costs) - 1
    if rate <= hull_costs[0]:
        return 0, 0, 0.0
    for low in range(last):
        if rate < hull_costs[low + 1]:
            step = hull_costs[low + 1] - hull_costs[low]
            return low, low + 1, (rate - hull_costs[low]) / step
    return last, last, 0.0


def best_mix(means: Sequence[float], costs: Sequence[float], rate: float) -> Mix:
    """Return the lottery with the highest mean quality that costs at most `rate` on average."""
    corners = hull(means, costs)
    low, high, share = mixed([costs[place] for place in corners], rate)
    return Mix(corners[low], corners[high], share)


def _below(
    means: Sequence[float], costs: Sequence[float], left: int, middle: int, right: int
) -> bool:
    """Tell whether the middle one lies on or below the line between the other two."""
    rise = (means[right] - means[left]) * (costs[middle] - costs[left])
    return (means[middle] - means[left]) * (costs[right] - costs[left]) <= rise
