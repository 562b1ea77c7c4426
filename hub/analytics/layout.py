"""Where the participants of an interaction graph stand: a circle for few, least stress for many.

The same graph always gives the same picture, and a picture that grows stays recognisable: pass
the last one as `start`. This module and the two it calls need numpy; import it late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hub.analytics.circle import circle
from hub.analytics.graph import summed
from hub.analytics.stress import Floats, least_stress
from hub.domain.transcript import Interactions

CIRCLE_UP_TO = 12
"""Nodes that a circle shows without clutter."""


def place(
    graph: Interactions, start: Mapping[str, tuple[float, float]] | None = None
) -> dict[str, tuple[float, float]]:
    """Return a place for every node.

    Args:
        graph: Who speaks to whom, how often.
        start: Places of an earlier picture, of some or all nodes; the new one resembles it.

    Returns:
        Coordinates by name, x to the right and y upwards, each within -1..1 and centred on 0.
    """
    names = [node.name for node in graph.nodes]
    known = start or {}
    kept = np.array([name in known for name in names], dtype=np.bool_)
    old = np.array([known.get(name, (0.0, 0.0)) for name in names]).reshape(-1, 2)
    weights = _weights(names, summed(graph))
    draw = circle if len(names) <= CIRCLE_UP_TO else least_stress
    spots = draw(weights, old, kept)
    return {
        name: (round(float(x), 6), round(float(y), 6))
        for name, (x, y) in zip(names, spots, strict=True)
    }


def _weights(names: Sequence[str], both_ways: Mapping[tuple[str, str], int]) -> Floats:
    """Return (n, n) symmetric weights: messages between two nodes, whoever sent them."""
    index = {name: k for k, name in enumerate(names)}
    weights = np.zeros((len(names), len(names)))
    for (source, target), weight in both_ways.items():
        weights[index[source], index[target]] += weight
        weights[index[target], index[source]] += weight
    np.fill_diagonal(weights, 0.0)
    return weights
