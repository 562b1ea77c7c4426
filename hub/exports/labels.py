"""Finds room for names and figures, so that none hides a node or another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.exports.scene import Box, Spot

Size = tuple[float, float]

GAP = 2.5
"""Points between a shape and its name."""


class Room:
    """What of the paper is taken."""

    def __init__(self, page: Box, taken: Iterable[Box]) -> None:
        self._page = page
        self._taken = list(taken)

    def claim(self, choices: Sequence[Box], *, tolerance: float | None = None) -> Box | None:
        """Take the first of the freest places, the earlier ones preferred.

        Args:
            choices: Places in order of preference.
            tolerance: Square points that may be covered; None: any, the text has to stand.

        Returns:
            The place taken, or None where all cover too much.
        """
        costs = [self._cost(box) + 4.0 * k for k, box in enumerate(choices)]
        best = min(range(len(choices)), key=costs.__getitem__)
        if tolerance is not None and self._cost(choices[best]) > tolerance:
            return None
        self._taken.append(choices[best])
        return choices[best]

    def _cost(self, box: Box) -> float:
        covered = sum(box.shared(other) for other in self._taken)
        outside = box.width * box.height - box.shared(self._page)
        return covered + 5.0 * outside


def around(spot: Spot, size: Size) -> list[Box]:
    """Return the places for a node's name: below, above, at its sides, at its corners."""
    width, height = size
    across = spot.box.width / 2 + GAP + width / 2
    up = spot.box.height / 2 + GAP + height / 2
    slant = 0.72
    offsets = (
        (0.0, -up),
        (0.0, up),
        (across, 0.0),
        (-across, 0.0),
        (across * slant, -up * slant),
        (-across * slant, -up * slant),
        (across * slant, up * slant),
        (-across * slant, up * slant),
    )
    return [centred(spot.x + dx, spot.y + dy, size) for dx, dy in offsets]


def centred(x: float, y: float, size: Size) -> Box:
    """Return a box of this size round a point."""
    width, height = size
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
