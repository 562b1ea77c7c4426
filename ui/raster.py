"""Lines and curves in Braille dots: two by four of them in each cell of the terminal.

Pure arithmetic on numpy arrays; graph and charts turn the result into what their terminal shows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DOTS_X = 2
"""Dots side by side in a cell."""
DOTS_Y = 4
"""Dots on top of one another in a cell; a cell is twice as high as wide, so dots are square."""
BRAILLE = 0x2800
"""Code point of the Braille cell without dots; the others follow, one bit per dot."""
NOBODY = -1
"""Owner of a cell without dots."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_SPACING = 0.5


def straight(start: Floats, end: Floats) -> Floats:
    """Return points along a straight line, two for every dot.

    Args:
        start: (2,), x and y in dots.
        end: (2,), the same.

    Returns:
        (n, 2), both ends included.
    """
    return start + _steps(float(np.hypot(*(end - start)))) * (end - start)


def quadratic(start: Floats, control: Floats, end: Floats) -> Floats:
    """Return points along a quadratic Bezier curve, at least two for every dot.

    Args:
        start: (2,), x and y in dots.
        control: (2,), the point that the curve bends towards; it passes half-way to it.
        end: (2,).

    Returns:
        (n, 2), both ends included.
    """
    length = float(np.hypot(*(control - start)) + np.hypot(*(end - control)))
    t = _steps(length)
    return (1 - t) ** 2 * start + 2 * (1 - t) * t * control + t**2 * end


def normals(points: Floats) -> Floats:
    """Return the unit vectors to the right of the direction of travel, as (n, 2)."""
    if len(points) < 2:  # noqa: PLR2004  one point has no direction
        return np.zeros_like(points)
    along = np.gradient(points, axis=0)
    across = np.stack((-along[:, 1], along[:, 0]), axis=1)
    length = np.hypot(across[:, 0], across[:, 1])[:, None]
    return across / np.where(length > 0, length, 1)


def thick(points: Floats, lines: int) -> Floats:
    """Return the points with `lines - 1` copies beside them, one dot apart."""
    sides = normals(points)
    copies = [points + sides * float((k + 1) // 2 * (1 if k % 2 else -1)) for k in range(lines)]
    return np.concatenate(copies)


def _steps(length: float) -> Floats:
    count = max(2, int(np.ceil(length / _SPACING)) + 1)
    return np.linspace(0.0, 1.0, count)[:, None]


class Raster:
    """A field of cells that strokes are plotted into."""

    def __init__(self, width: int, height: int) -> None:
        """Begin without a dot.

        Args:
            width: Cells.
            height: Cells.
        """
        self.width = width
        self.height = height
        self.mask: NDArray[np.uint8] = np.zeros((height, width), dtype=np.uint8)
        """The dots of each cell, as the low byte of its Braille code point."""
        self.owner: NDArray[np.int64] = np.full((height, width), NOBODY, dtype=np.int64)
        """Which stroke gives a cell its colour; `NOBODY` where there are no dots."""

    def plot(self, points: Floats, owner: int = 0) -> None:
        """Set the dots at the points; a later stroke takes over the cells it shares.

        Args:
            points: (n, 2), x and y in dots; what lies outside is left out.
            owner: Number of the stroke, 0 or above.
        """
        dots = np.rint(points).astype(np.int64)
        x, y = dots[:, 0], dots[:, 1]
        inside = (x >= 0) & (y >= 0) & (x < self.width * DOTS_X) & (y < self.height * DOTS_Y)
        x, y = x[inside], y[inside]
        cells = (y // DOTS_Y, x // DOTS_X)
        np.bitwise_or.at(self.mask, cells, _BITS[y % DOTS_Y, x % DOTS_X])
        self.owner[cells] = owner

    def cells(self) -> Iterator[tuple[int, int, str, int]]:
        """Yield (x, y, Braille character, owner) of every cell that has a dot."""
        rows, columns = np.nonzero(self.mask)
        for y, x in zip(rows.tolist(), columns.tolist(), strict=True):
            yield x, y, chr(BRAILLE + int(self.mask[y, x])), int(self.owner[y, x])

    def rows(self) -> tuple[str, ...]:
        """Return the whole field as text, blanks where there are no dots."""
        return tuple(
            "".join(chr(BRAILLE + bits) if bits else " " for bits in row)
            for row in self.mask.tolist()
        )
