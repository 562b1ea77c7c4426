"""From abstract places to points on paper: nodes sized, fitted into a box and pushed apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hub.domain.transcript import GraphNode, Interactions
from hub.exports.palette import Look, kind_of

STRETCH = 1.6
"""A picture may be pulled at most this much more one way than the other to fill its box."""
LABEL_ROOM = 13.0
"""Points kept free below a node for its name."""
ROUNDS = 60
"""Upper bound of the passes that push nodes apart."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in points; y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Points."""
        return self.top - self.bottom

    def shared(self, other: Box) -> float:
        """Return the area that two boxes have in common, in square points."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        if wide <= 0:
            return 0.0
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(wide * high, 0.0)


@dataclass(frozen=True, slots=True)
class Spot:
    """A node on paper."""

    node: GraphNode
    look: Look
    x: float
    y: float
    radius: float
    """Of the circle whose area its shape has."""

    def reach(self, angle: float) -> float:
        """Return how far its shape extends from the centre in a direction (radians)."""
        across, up = abs(math.cos(angle)), abs(math.sin(angle))
        match self.look.marker:
            case "s":
                return self.radius * 0.886 / max(across, up)
            case "D":
                return self.radius * 1.253 / (across + up)
            case "o":
                return self.radius
            case _:
                return self.radius * 1.2

    @property
    def box(self) -> Box:
        """What the shape covers."""
        r, up = self.reach(0.0), self.reach(math.pi / 2)
        return Box(self.x - r, self.y - up, self.x + r, self.y + up)


def arrange(
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    known: Mapping[tuple[str, str | None], Look],
    box: Box,
) -> list[Spot]:
    """Return every node with its size and its place in the box.

    Args:
        graph: The nodes; more messages make a bigger one.
        positions: Places by name, in any unit; a node without one stands in the middle.
        known: The look of each kind of participant.
        box: Where the shapes, with their names, have to stay.
    """
    if not graph.nodes:
        return []
    most = max(node.messages for node in graph.nodes)
    largest = min(27.0, 78.0 / math.sqrt(len(graph.nodes) + 2))
    spots = [
        Spot(
            node=node,
            look=known[kind_of(node.name, node.provider)],
            x=positions.get(node.name, (0.0, 0.0))[0],
            y=positions.get(node.name, (0.0, 0.0))[1],
            radius=largest * (0.5 + 0.5 * math.sqrt(node.messages / most if most else 1.0)),
        )
        for node in graph.nodes
    ]
    edge = largest * 1.26
    inner = Box(box.left + edge, box.bottom + edge + LABEL_ROOM, box.right - edge, box.top - edge)
    return _apart(_fitted(spots, inner), inner)


def _fitted(spots: list[Spot], box: Box) -> list[Spot]:
    """Return the spots scaled to fill the box, and centred in it."""
    left, right = min(s.x for s in spots), max(s.x for s in spots)
    low, high = min(s.y for s in spots), max(s.y for s in spots)
    across = box.width / (right - left) if right > left else math.inf
    up = box.height / (high - low) if high > low else math.inf
    across, up = min(across, up * STRETCH), min(up, across * STRETCH)
    across, up = (0.0 if math.isinf(k) else k for k in (across, up))
    return [
        replace(
            s,
            x=(box.left + box.right) / 2 + (s.x - (left + right) / 2) * across,
            y=(box.bottom + box.top) / 2 + (s.y - (low + high) / 2) * up,
        )
        for s in spots
    ]


def _apart(spots: list[Spot], box: Box) -> list[Spot]:
    """Return the spots pushed apart until none touches another or its name, inside the box."""
    x, y = [s.x for s in spots], [s.y for s in spots]
    for _ in range(ROUNDS):
        moved = False
        for i in range(len(spots)):
            for j in range(i):
                need = 1.15 * (spots[i].radius + spots[j].radius) + 6.0
                dx, dy = x[i] - x[j], (y[i] - y[j]) * need / (need + LABEL_ROOM)
                apart = math.hypot(dx, dy)
                if apart >= need:
                    continue
                moved = True
                if not apart:  # two on one spot part in a direction of their own
                    dx, dy, apart = math.cos(2.4 * i), math.sin(2.4 * i), 1.0
                push = 0.5 * (need - apart) / apart
                x[i], x[j] = x[i] + dx * push, x[j] - dx * push
                y[i], y[j] = y[i] + dy * push, y[j] - dy * push
        x = [min(max(v, box.left), box.right) for v in x]
        y = [min(max(v, box.bottom), box.top) for v in y]
        if not moved:
            break
    return [replace(s, x=x[k], y=y[k]) for k, s in enumerate(spots)]
