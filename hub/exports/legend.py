"""The column beside the graph that says what shapes, sizes, arrows and fills mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hub.domain.text import one_line
from hub.exports.curves import Arrow, Curve
from hub.exports.palette import Look
from hub.exports.scene import Box, Spot
from hub.exports.sheet import Sheet

LINE = 17.0
"""Points from one line to the next."""
SECTION = 28.0
"""Points from the last line of a part to the heading of the next."""
SHOWN = 7
"""Kinds of participants that get a line; more are counted."""


class Legend:
    """Writes downwards from the top of its column."""

    def __init__(self, sheet: Sheet, box: Box) -> None:
        self._sheet = sheet
        self._box = box
        self._y = box.top

    def kinds(self, looks: Sequence[Look]) -> None:
        """Explain shapes and rings."""
        self._heading("Shape and ring")
        for look in looks[:SHOWN]:
            self._y -= LINE
            at, ground = (self._box.left + 8, self._y), self._sheet.palette.panel
            self._sheet.marker(at, look.marker, 5.5, fill=ground, ring=look.colour)
            self._line(one_line(look.label, 20), 24)
        if len(looks) > SHOWN:
            self._y -= LINE
            self._line(f"and {len(looks) - SHOWN} more", 24)

    def sizes(self, spots: Sequence[Spot]) -> None:
        """Explain node sizes by the smallest and the largest."""
        self._heading("Size: messages posted")
        least = min(spots, key=lambda s: s.node.messages)
        most = max(spots, key=lambda s: s.node.messages)
        pair = (least, most) if least.node.messages < most.node.messages else (most,)
        self._y -= most.radius + 10
        x = self._box.left
        for spot in pair:
            x += spot.radius
            self._sheet.marker(
                (x, self._y), "o", spot.radius, fill="none", ring=self._sheet.palette.quiet
            )
            text = f"{spot.node.messages:,}"
            self._sheet.write((x, self._y), text, size=9, align="center")
            x += spot.radius + 12
        self._y -= most.radius - 4

    def arrows(self, drawn: Sequence[Arrow], alpha: Callable[[Arrow], float]) -> None:
        """Explain arrow widths by up to three of those drawn."""
        self._heading("Arrow: messages to")
        by_weight = {arrow.weight: arrow for arrow in drawn}
        weights = sorted(by_weight)
        for weight in dict.fromkeys((weights[0], weights[len(weights) // 2], weights[-1])):
            self._y -= LINE
            sample = by_weight[weight]
            start, end = (self._box.left, self._y), (self._box.left + 38, self._y)
            level = Curve(start, (self._box.left + 19, self._y), end)
            shown = replace(sample, curve=level)
            self._sheet.arrow(shown.outline(), alpha=alpha(sample))
            self._line(f"{weight:,}", 46)

    def fills(self, heading: str, colours: Sequence[Any], low: str, high: str) -> None:
        """Explain fills by a ramp from the least to the most."""
        self._heading(heading)
        top = self._y - 10
        ramp = Box(self._box.left, top - 76, self._box.left + 13, top)
        self._sheet.ramp(ramp, colours)
        self._sheet.write((ramp.right + 8, ramp.top - 5), high, size=9)
        self._sheet.write((ramp.right + 8, ramp.bottom + 5), low, size=9)
        self._y = ramp.bottom

    def _heading(self, text: str) -> None:
        self._y -= 0 if self._y == self._box.top else SECTION
        self._sheet.write((self._box.left, self._y), text, size=9, bold=True)

    def _line(self, text: str, indent: float) -> None:
        self._sheet.write((self._box.left + indent, self._y), text, size=9)
