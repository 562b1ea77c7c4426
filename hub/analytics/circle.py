"""Places few nodes on a circle, in the order with the fewest crossings and shortest heavy chords."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hub.analytics.stress import Floats

Order = npt.NDArray[np.int64]

CALM = 0.9
"""A circle that is shown is reordered only for a cost below this share of its own."""
PAIR = 2
"""Nodes that lie side by side: pictures and terminals are wider than high."""


def circle(weights: Floats, old: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """Return (n, 2) places on the unit circle, clockwise, the first node on top.

    Args:
        weights: (n, n), symmetric; 0 where two nodes never spoke.
        old: (n, 2), the places of an earlier picture.
        kept: (n,), True for the nodes that have such a place.
    """
    n = len(weights)
    if n <= 1:
        return np.zeros((n, 2))
    shown = _order_of(old, kept)
    order = _improved(weights, shown)
    if kept.all() and _cost(weights, order) > CALM * _cost(weights, shown):
        order = shown
    turn = np.arange(n) * 2 * np.pi / n - (np.pi / 2 if n == PAIR else 0.0)
    spots = np.empty((n, 2))
    spots[order] = np.column_stack((np.sin(turn), np.cos(turn)))
    return spots


def _order_of(old: Floats, kept: npt.NDArray[np.bool_]) -> Order:
    """Return node numbers clockwise from the first node's old place; newcomers follow, as given."""
    begin = np.arctan2(old[0, 0], old[0, 1])
    turn = np.round((np.arctan2(old[:, 0], old[:, 1]) - begin) % (2 * np.pi), 6) % (2 * np.pi)
    turn = np.where(kept, turn, 2 * np.pi)
    turn[0] = -1.0
    return np.argsort(turn, kind="stable")


def _improved(weights: Floats, order: Order) -> Order:
    """Return a better order by moving or reversing runs while that helps; the first node stays."""
    n = len(order)
    best, cost = order, _cost(weights, order)
    spans = [(i, j) for i in range(1, n) for j in range(i + 1, n)]
    while spans:
        tries = np.array(
            [
                np.concatenate((best[:i], middle, best[j + 1 :]))
                for i, j in spans
                for middle in (
                    best[i : j + 1][::-1],
                    np.roll(best[i : j + 1], 1),
                    np.roll(best[i : j + 1], -1),
                )
            ]
        )
        costs = _costs(weights, tries)
        winner = int(costs.argmin())
        if costs[winner] > cost - 1e-9:
            break
        best, cost = tries[winner], float(costs[winner])
    return best


def _cost(weights: Floats, order: Order) -> float:
    return float(_costs(weights, order[None])[0])


def _costs(weights: Floats, orders: Order) -> Floats:
    """Return for each order its crossings, and the length of its chords where heavy ones count more.

    Args:
        weights: (n, n), symmetric.
        orders: (k, n) node numbers.
    """
    a, b = np.nonzero(np.triu(weights))
    if not len(a):
        return np.zeros(len(orders))
    n = len(weights)
    spot = np.argsort(orders, axis=1)
    low, high = np.minimum(spot[:, a], spot[:, b]), np.maximum(spot[:, a], spot[:, b])
    strength = weights[a, b] / weights.max()
    chords = np.sin(np.pi * (high - low) / n) @ strength
    inside = (low[:, :, None] < low[:, None, :]) & (low[:, None, :] < high[:, :, None])
    crossing = inside & (high[:, :, None] < high[:, None, :])
    heavy = strength[:, None] * strength[None, :]
    crossed: Floats = (crossing * (0.2 + heavy)).sum(axis=(1, 2))
    total: Floats = chords + crossed
    return total
