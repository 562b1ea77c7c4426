"""Edges on paper: one filled arrow per direction, bent so that both directions stay apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hub.exports.scene import Box, Spot

BENDS = (0.16, 0.06, 0.3, 0.42)
"""Distances of the control point from the chord, as shares of it, in order of preference."""
GAP = 3.0
"""Points between an arrow and the shapes it joins."""

SHORTEST = 0.05
"""Share of a curve that has to be visible between two shapes for it to be drawn."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A quadratic Bézier curve."""

    start: Point
    control: Point
    end: Point

    def at(self, t: float) -> Point:
        """Return the point at `t`, 0..1."""
        a, b, c = (1 - t) ** 2, 2 * (1 - t) * t, t**2
        return (
            a * self.start[0] + b * self.control[0] + c * self.end[0],
            a * self.start[1] + b * self.control[1] + c * self.end[1],
        )

    def heading(self, t: float) -> Point:
        """Return the unit vector along the curve at `t`."""
        dx = (1 - t) * (self.control[0] - self.start[0]) + t * (self.end[0] - self.control[0])
        dy = (1 - t) * (self.control[1] - self.start[1]) + t * (self.end[1] - self.control[1])
        length = math.hypot(dx, dy) or 1.0
        return dx / length, dy / length

    def part(self, t0: float, t1: float) -> Curve:
        """Return the piece between two parameters, as a curve of its own."""
        first, second, third = (1 - t0) * (1 - t1), t0 + t1 - 2 * t0 * t1, t0 * t1
        control = (
            first * self.start[0] + second * self.control[0] + third * self.end[0],
            first * self.start[1] + second * self.control[1] + third * self.end[1],
        )
        return Curve(self.at(t0), control, self.at(t1))


@dataclass(frozen=True, slots=True)
class Arrow:
    """All messages of one direction."""

    source: Spot
    target: Spot
    weight: int
    strength: float
    """Share of the heaviest, 0..1."""
    width: float
    """Points."""
    curve: Curve
    """From shape to shape; its end is the arrow's tip."""

    def outline(self) -> tuple[list[Point], Curve, list[Point], Curve]:
        """Return the arrow's outline: its base, one side, the head, the way back on the other."""
        length = _length(self.curve)
        head = min(7.0 + 1.3 * self.width, 0.6 * length)
        body = self.curve.part(0.0, 1.0 - head / max(length, 1e-6))
        half, wing = self.width / 2, max(3.4 + 0.75 * self.width, self.width * 0.9)
        left, right = _shifted(body, half), _shifted(body, -half)
        nx, ny = _normal(body, 1.0)
        foot, tip = body.end, self.curve.end
        return (
            [right.start, left.start],
            left,
            [
                (foot[0] + nx * wing, foot[1] + ny * wing),
                tip,
                (foot[0] - nx * wing, foot[1] - ny * wing),
            ],
            Curve(right.end, right.control, right.start),
        )


def arrows(
    spots: Mapping[str, Spot], weights: Mapping[tuple[str, str], int], page: Box
) -> list[Arrow]:
    """Return the arrows between nodes, light ones first so that heavy ones lie on top."""
    most = max(weights.values(), default=1)
    thin = max(0.35, min(1.0, 6.0 / math.sqrt(len(weights) or 1)))
    drawn = []
    for (source, target), weight in sorted(weights.items(), key=lambda item: item[1]):
        a, b = spots[source], spots[target]
        others = [spot for spot in spots.values() if spot is not a and spot is not b]
        curve = _clearest(a, b, others, page) if a is not b else None
        strength = weight / most
        width = thin * min(0.6 + 4.2 * strength, 1.3 + 0.8 * weight)
        if curve is not None:
            drawn.append(Arrow(a, b, weight, strength, width, curve))
    return drawn


def backbone(weights: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Return for each participant the direction it speaks in most; earlier ones win ties."""
    strongest: dict[str, tuple[str, str]] = {}
    for pair, weight in weights.items():
        if pair[0] not in strongest or weight > weights[strongest[pair[0]]]:
            strongest[pair[0]] = pair
    return {pair: weights[pair] for pair in strongest.values()}


def _clearest(a: Spot, b: Spot, others: Sequence[Spot], page: Box) -> Curve | None:
    """Return the visible curve over the fewest other shapes on the page, None where two touch.

    All bend to the same side of their direction, so that there and back never coincide.
    """
    best, fewest = None, len(others) + 1
    for bend in BENDS:
        curve = _between(a, b, bend)
        hits = _run_over(curve, others, page) if curve else fewest
        if hits < fewest:
            best, fewest = curve, hits
        if not fewest:
            break
    return best


def _run_over(curve: Curve, others: Sequence[Spot], page: Box) -> int:
    """Return how many shapes a curve runs over; leaving the page counts as all of them."""
    points = [curve.at(k / 10) for k in range(1, 10)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)
    if left < page.left or right > page.right or low < page.bottom or high > page.top:
        return len(others)
    hit = 0
    for spot in others:
        near = spot.radius + 2 * GAP
        if left - near < spot.x < right + near and low - near < spot.y < high + near:
            hit += any((x - spot.x) ** 2 + (y - spot.y) ** 2 < near**2 for x, y in points)
    return hit


def _between(a: Spot, b: Spot, bend: float) -> Curve | None:
    """Return the visible curve from one shape to another, or None where they touch."""
    dx, dy = b.x - a.x, b.y - a.y
    bent = (a.x + b.x) / 2 + bend * dy, (a.y + b.y) / 2 - bend * dx
    whole = Curve((a.x, a.y), bent, (b.x, b.y))
    leave = _crossing(whole, a, 0.0, 0.5)
    arrive = _crossing(whole, b, 1.0, 0.5)
    return whole.part(leave, arrive) if arrive - leave > SHORTEST else None


def _crossing(curve: Curve, spot: Spot, inside: float, outside: float) -> float:
    """Return where a curve leaves a shape, by halving between a point inside and one outside."""
    for _ in range(24):
        t = (inside + outside) / 2
        x, y = curve.at(t)
        angle = math.atan2(y - spot.y, x - spot.x)
        if math.hypot(x - spot.x, y - spot.y) < spot.reach(angle) + GAP:
            inside = t
        else:
            outside = t
    return outside


def _length(curve: Curve) -> float:
    points = [curve.at(k / 16) for k in range(17)]
    return sum(math.dist(p, q) for p, q in pairwise(points))


def _normal(curve: Curve, t: float) -> Point:
    dx, dy = curve.heading(t)
    return -dy, dx


def _shifted(curve: Curve, by: float) -> Curve:
    """Return the curve moved sideways: exact at its ends, near enough between for gentle bends."""
    moved = []
    for point, t in ((curve.start, 0.0), (curve.control, 0.5), (curve.end, 1.0)):
        nx, ny = _normal(curve, t)
        moved.append((point[0] + nx * by, point[1] + ny * by))
    return Curve(moved[0], moved[1], moved[2])
