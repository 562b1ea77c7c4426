"""The way of each edge: a curve apart from its opposite, round the pills in between, with a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ui.raster import DOTS_X, DOTS_Y, Floats, quadratic
from ui.widgets.graph_cells import Box, Path
from ui.widgets.graph_links import Link

_HEADS = "→↘↓↙←↖↑↗"
_ASCII_HEADS = ">>v<<<^>"
_ASCII_LINES = "-\\|/"

_BEND = 0.08
_PAIR_BEND = 0.2
"""Part of its length that an edge bends sideways; more where there is one the other way."""
_PAIR_SHIFT = 2.6
"""Dots between the middle of a pill and the end of an edge that has an opposite."""
_DETOURS = (1.0, -1.0, 2.4, -2.4, 4.0, -4.0)
_PAIR_DETOURS = (1.0, 1.8, 2.8, 0.4)
_SAMPLE = 3
"""Every such point is looked at where ways are compared."""
_HEAD_REACH = 6
"""Points (half dots) that a head's direction is taken from."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One edge as it will be drawn: outside its own two boxes."""

    link: Link
    points: Floats
    """(n, 2), in dots."""
    path: Path
    """The cells it passes, from source to target."""
    eighth: int
    """Direction at its end, in eighths of a turn clockwise from the right."""

    def head(self, *, ascii_only: bool) -> str:
        """Return the arrowhead."""
        return (_ASCII_HEADS if ascii_only else _HEADS)[self.eighth]

    def ascii_cells(self) -> list[tuple[int, int, str]]:
        """Return (x, y, character) for each of its cells, leaning as the stroke does there."""
        cells = []
        for index, (x, y) in enumerate(self.path):
            before, after = (
                self.path[max(0, index - 1)],
                self.path[min(index + 1, len(self.path) - 1)],
            )
            across, down = (after[0] - before[0]) * DOTS_X, (after[1] - before[1]) * DOTS_Y
            quarter = round(np.arctan2(down, across) / (np.pi / 4)) % 4
            cells.append((x, y, _ASCII_LINES[quarter]))
        return cells


def strokes(
    links: Sequence[Link], boxes: Mapping[str, Box], frame: tuple[int, int]
) -> tuple[Stroke, ...]:
    """Return a stroke for each link that can be seen between its boxes, in the given order.

    Args:
        links: What is to be drawn.
        boxes: Where the participants stand.
        frame: Width and height in cells; a way that leaves it is avoided.
    """
    directions = {(link.source, link.target) for link in links}
    covered = frozenset(cell for box in boxes.values() for cell in box.cells())
    found = []
    for link in links:
        paired = (link.target, link.source) in directions
        points = _best_way(link, boxes, frame, paired=paired)
        if len(points):
            back = points[-1] - points[max(0, len(points) - 1 - _HEAD_REACH)]
            eighth = round(float(np.arctan2(back[1], back[0])) / (np.pi / 4)) % 8
            found.append(Stroke(link, points, _cells(points, covered), eighth))
    return tuple(stroke for stroke in found if stroke.path)


def _best_way(
    link: Link, boxes: Mapping[str, Box], frame: tuple[int, int], *, paired: bool
) -> Floats:
    """Return the visible points of the bend that meets the fewest other boxes."""
    source, target = boxes[link.source], boxes[link.target]
    others = np.array(
        [
            (box.x, box.y, box.x + box.width, box.y + box.height)
            for name, box in boxes.items()
            if name not in (link.source, link.target)
        ],
        dtype=np.float64,
    ).reshape(-1, 4)
    best, least = np.zeros((0, 2)), np.inf
    for detour in _PAIR_DETOURS if paired else _DETOURS:
        points = _clipped(_way(source, target, detour, paired=paired), source, target)
        cost = _trouble(points[::_SAMPLE], others, frame)
        if cost < least:
            best, least = points, cost
        if not least:
            break
    return best


def _trouble(points: Floats, others: Floats, frame: tuple[int, int]) -> float:
    """Return how many of the points other boxes would hide or the frame would cut off."""
    cells = points / (DOTS_X, DOTS_Y)
    x, y = cells[:, :1], cells[:, 1:]
    hidden = (
        (x >= others[:, 0] - 0.5)
        & (x < others[:, 2] + 0.5)
        & (y >= others[:, 1] - 0.25)
        & (y < others[:, 3] + 0.25)
    )
    outside = ((cells < 0) | (cells >= frame)).any(axis=1)
    return float(hidden.sum() + outside.sum())


def _way(source: Box, target: Box, detour: float, *, paired: bool) -> Floats:
    """Return the whole curve from middle to middle, in dots."""
    start, end = ((np.array(box.centre) + 0.5) * (DOTS_X, DOTS_Y) - 0.5 for box in (source, target))
    along = end - start
    length = max(1.0, float(np.hypot(*along)))
    side = np.array((-along[1], along[0])) / length
    if paired:
        start, end = start + side * _PAIR_SHIFT, end + side * _PAIR_SHIFT
    bend = (_PAIR_BEND if paired else _BEND) * length * detour
    control: Floats = (start + end) / 2 + side * bend
    return quadratic(start, control, end)


def _clipped(points: Floats, source: Box, target: Box) -> Floats:
    """Return the part between the last point in the source and the first in the target."""
    cells = points / (DOTS_X, DOTS_Y)
    leaving = np.flatnonzero(_inside(cells, source))
    arriving = np.flatnonzero(_inside(cells, target))
    first = int(leaving[-1]) + 1 if len(leaving) else 0
    last = int(arriving[0]) if len(arriving) else len(points)
    return points[first:last]


def _inside(cells: Floats, box: Box) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    x, y = np.rint(cells[:, 0] * DOTS_X) // DOTS_X, np.rint(cells[:, 1] * DOTS_Y) // DOTS_Y
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        (x >= box.x) & (x < box.x + box.width) & (y >= box.y) & (y < box.y + box.height)
    )
    return inside


def _cells(points: Floats, covered: frozenset[tuple[int, int]]) -> Path:
    """Return the cells of the points, each once in a row, without those behind a box."""
    dots = np.rint(points).astype(int)
    cells = zip((dots[:, 0] // DOTS_X).tolist(), (dots[:, 1] // DOTS_Y).tolist(), strict=True)
    return tuple(cell for cell, _ in groupby(cells) if cell not in covered)
