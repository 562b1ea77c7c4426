"""Policies that look at no prompt, in hindsight: what any router has to beat."""

from __future__ import annotations

import numpy as np

from benchmarks.routing_data import Recorded
from hub.router.adaptive.mix import Mix, best_mix
from hub.router.features import Floats

ENOUGH = 0.95
"""Share of the best single model's quality that curves are read off at."""


def mix_at(recorded: Recorded, budget: float) -> Mix:
    """Return the best static mix in hindsight for a budget in micro-dollars a prompt."""
    return best_mix(recorded.scores.mean(0).tolist(), recorded.costs.mean(0).tolist(), budget)


def mix_scores(recorded: Recorded, budget: float) -> Floats:
    """Return (n,) what that mix scores on each prompt, on average over its lottery."""
    mix = mix_at(recorded, budget)
    scores = recorded.scores
    found: Floats = (1.0 - mix.share) * scores[:, mix.low] + mix.share * scores[:, mix.high]
    return found


def hull_at(recorded: Recorded, budget: float) -> float:
    """Return the quality of the best static mix in hindsight for a budget."""
    return float(mix_scores(recorded, budget).mean())


def mix_share_at(recorded: Recorded, target: float) -> float:
    """Return what the cheapest static mix of a quality costs, over the best single model's cost."""
    costs = recorded.costs.mean(0)
    low, high = float(costs.min()), float(costs[recorded.best])
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if hull_at(recorded, middle) >= target else (middle, high)
    return high / float(costs[recorded.best])


def cost_at(costs: Floats, qualities: Floats, target: float) -> float | None:
    """Return the cost at which a curve first reaches a quality, or None where it never does.

    Args:
        costs: Mean cost of each point.
        qualities: Mean quality of each point.
        target: Quality.
    """
    order = np.argsort(costs, kind="stable")
    costs, qualities = costs[order], qualities[order]
    reached = np.flatnonzero(qualities >= target)
    if not len(reached):
        return None
    first = int(reached[0])
    if first == 0:
        return float(costs[0])
    rise = (target - qualities[first - 1]) / (qualities[first] - qualities[first - 1])
    return float(costs[first - 1] + rise * (costs[first] - costs[first - 1]))
