"""Where the participants stand in the cells: scaled into the frame and pushed apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ui.widgets.graph_cells import Box

Floats = NDArray[np.float64]

_ROUNDS = 160
_ROUNDING = 1e-6
_GAPS = ((6.0, 2.0), (3.0, 1.0), (2.0, 0.0), (1.0, 0.0))
"""Columns and rows to keep free between two boxes: the widest that can be had is taken."""


def place(
    names: Sequence[str],
    positions: Mapping[str, tuple[float, float]],
    sizes: Sequence[tuple[int, int]],
    frame: tuple[int, int],
) -> dict[str, Box] | None:
    """Put a box for each name into the frame: near its position, none over another.

    Args:
        names: Participants.
        positions: Wherever the layout put them, in any unit, y upwards; a name that it lacks
            gets a place on a circle.
        sizes: Width and height of each box in cells.
        frame: Width and height to fill, in cells.

    Returns:
        The boxes by name, or None where they do not fit.
    """
    extent = np.array(sizes, dtype=np.float64)
    room = np.array(frame, dtype=np.float64)
    if (extent > room).any() or float(extent.prod(axis=1).sum()) > float(room.prod()):
        return None
    centres = _scaled(_known(names, positions), extent, room)
    for gap in _GAPS:
        corners = _cells(_apart(centres, extent, np.array(gap), room) - extent / 2)
        if not _collide(corners + extent / 2, extent):
            return {
                name: Box(int(x), int(y), width, height)
                for name, (x, y), (width, height) in zip(names, corners, sizes, strict=True)
            }
    return None


def _cells(corners: Floats) -> Floats:
    """Return whole cells; what differs by a hair alone must not end in different rows."""
    whole: Floats = np.floor(np.round(corners, 1) + 0.5)
    return whole


def _known(names: Sequence[str], positions: Mapping[str, tuple[float, float]]) -> Floats:
    """Return the positions as (n, 2), those that are missing on a circle round the others."""
    given = np.array([positions[name] for name in names if name in positions], dtype=np.float64)
    given = given[np.isfinite(given).all(axis=1)] if len(given) else np.zeros((0, 2))
    middle = given.mean(axis=0) if len(given) else np.zeros(2)
    radius = float(np.abs(given - middle).max()) if len(given) else 1.0
    points = np.empty((len(names), 2))
    for index, name in enumerate(names):
        angle = 2 * math.pi * index / len(names)
        circle = middle + (radius or 1.0) * np.array([math.cos(angle), math.sin(angle)])
        point = np.array(positions.get(name, circle), dtype=np.float64)
        points[index] = point if np.isfinite(point).all() else circle
    return points


def _scaled(points: Floats, extent: Floats, room: Floats) -> Floats:
    """Stretch the points over the frame, so that the outermost boxes touch its border."""
    low, high = points.min(axis=0), points.max(axis=0)
    span = high - low
    share = np.where(span > 0, (points - low) / np.where(span > 0, span, 1), 0.5)
    share = np.round(share, 6)
    share[:, 1] = 1 - share[:, 1]
    return extent / 2 + share * (room - extent)


def _apart(centres: Floats, extent: Floats, gap: Floats, room: Floats) -> Floats:
    """Push boxes that touch away from one another along the shorter way, inside the frame."""
    centres = centres.copy()
    # A nudge that differs for each box separates those that lie on the same spot.
    order = np.arange(len(centres))[:, None]
    centres += 0.01 * np.concatenate((np.sin(order * 2.4), np.cos(order * 2.4)), axis=1)
    for _ in range(_ROUNDS):
        step = _push(centres, extent, gap)
        if not step.any():
            break
        centres = np.clip(centres + step, extent / 2, room - extent / 2)
    return centres


def _push(centres: Floats, extent: Floats, gap: Floats) -> Floats:
    """Return how each box has to move, as (n, 2); zeros once nothing touches."""
    away = centres[:, None] - centres[None]
    wanted = (extent[:, None] + extent[None]) / 2 + gap
    overlap = wanted - np.abs(away)
    touching = (overlap > _ROUNDING).all(axis=2) & ~np.eye(len(centres), dtype=bool)
    # A row is as high as two columns are wide: compare the ways by eye, not by cell.
    sideways = overlap[..., 0] / 2 <= overlap[..., 1]
    direction = np.where(away >= 0, 1.0, -1.0)
    push = direction * (overlap / 2 + 0.05)
    push[..., 0] *= touching & sideways
    push[..., 1] *= touching & ~sideways
    crowd = np.maximum(1, touching.sum(axis=1))[:, None]
    moved: Floats = push.sum(axis=1) / np.sqrt(crowd)
    return moved


def _collide(centres: Floats, extent: Floats) -> bool:
    away = np.abs(centres[:, None] - centres[None])
    wanted = (extent[:, None] + extent[None]) / 2
    touching = (away < wanted - _ROUNDING).all(axis=2) & ~np.eye(len(centres), dtype=bool)
    return bool(touching.any())
