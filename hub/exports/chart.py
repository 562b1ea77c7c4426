"""A panel with a time axis and a measure: what the pictures of series are drawn into."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.exports.canvas import Fonts, drawing, save
from hub.exports.curves import Point
from hub.exports.palette import DARK, LIGHT, Palette
from hub.exports.scene import Box
from hub.exports.sheet import Sheet
from hub.exports.svg import finished

PAGE = Box(0.0, 0.0, 864.0, 540.0)
"""12 by 7.5 inches, in points, as the interaction graph."""
SHAPES = ("o", "s", "D", "^", "v", "p", "h", "8")
"""Markers of series, so that colour is never alone."""
_TIMES = 6
_LEVELS = 4
_MINUTE = 60_000_000
_DAY = 1_440 * _MINUTE
_STEPS = tuple(
    k * _MINUTE
    for k in (1, 5, 15, 30, 60, 180, 360, 720, 1_440, 2_880, 10_080, 20_160, 43_200, 129_600)
)
"""Microseconds between two labels of a time axis."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Data to points, along one axis."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value; all values are one where the span is nothing."""
        if self.high <= self.low:
            return (self.begin + self.end) / 2
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)


class Panel:
    """One chart on a sheet."""

    def __init__(
        self,
        sheet: Sheet,
        box: Box,
        *,
        heading: str,
        span: tuple[int, int],
        most: float,
        say: Callable[[float], str],
        lift: float = 16.0,
    ) -> None:
        """Draw frame, grid and axes.

        Args:
            sheet: To draw on.
            box: Where the data go; labels stand outside it.
            heading: What is measured.
            span: UTC microseconds at the left and the right end.
            most: The largest value; the smallest is 0.
            say: Writes a value of the axis.
            lift: Points from the box up to the heading, for markers that stand at its top.
        """
        self.sheet, self.box = sheet, box
        levels = _levels(most)
        self.x = Scale(*span, box.left, box.right)
        self.y = Scale(0.0, levels[-1], box.bottom, box.top)
        palette = sheet.palette
        sheet.write((box.left, box.top + lift), heading, size=10, bold=True)
        for level in levels:
            y = self.y.at(level)
            sheet.line([(box.left, y), (box.right, y)], palette.line, width=0.7, layer=1.0)
            sheet.write((box.left - 7, y), say(level), size=8, colour=palette.quiet, align="right")
        for at, text in time_ticks(*span):
            x = self.x.at(at)
            sheet.line([(x, box.bottom), (x, box.bottom - 4)], palette.quiet, width=0.7, layer=1.0)
            sheet.write((x, box.bottom - 13), text, size=8, colour=palette.quiet, align="center")

    def point(self, at: float, value: float) -> Point:
        """Return where a value at a moment stands."""
        return self.x.at(at), self.y.at(value)


def picture(
    format: str,  # noqa: A002  the facade's word
    *,
    title: str,
    subtitle: str,
    words: Sequence[str],
    dark: bool,
    draw: Callable[[Sheet], None],
    page: Box = PAGE,
) -> bytes:
    """Return a picture as a PNG or SVG file, the same bytes for the same data.

    Args:
        format: `png` or `svg`.
        title: Cleaned, on one line.
        subtitle: The totals below it.
        words: Every text that is drawn and comes from strangers, so that fonts are found for it.
        dark: Light ink on a dark ground.
        draw: Draws what is below the heading.
        page: Its size.
    """
    palette = DARK if dark else LIGHT
    with drawing():
        sheet = Sheet(page, palette, Fonts(title + subtitle + "".join(words)), halo=format == "png")
        sheet.write((20, page.top - 24), title, size=15, bold=True)
        sheet.write((20, page.top - 45), subtitle, size=10, colour=palette.quiet)
        draw(sheet)
        data = save(sheet.figure, format)
    if format == "png":
        return data
    named = f"{title}: {subtitle}"
    svg = finished(
        data.decode(), title=named, tips=sheet.tips, texts=sheet.texts, paper=palette.paper
    )
    return svg.encode()


def colours(palette: Palette) -> tuple[str, ...]:
    """Return the colours of series, in order."""
    return (palette.person, palette.openai, palette.grok, palette.local, *palette.others)


def time_ticks(begin: int, end: int) -> list[tuple[int, str]]:
    """Return round moments of a span with what stands below them, in UTC."""
    if end <= begin:
        return [(begin, _moment(begin, "%m-%d %H:%M"))]
    step = next((s for s in _STEPS if (end - begin) // s < _TIMES), 365 * _DAY)
    form = "%Y-%m-%d" if step >= _DAY else "%H:%M" if end - begin <= _DAY else "%m-%d %H:%M"
    first = -(-begin // step) * step
    return [(at, _moment(at, form)) for at in range(first, end + 1, step)]


def _moment(at: int, form: str) -> str:
    return f"{datetime.fromtimestamp(at / 1e6, UTC):{form}}"


def _levels(most: float) -> list[float]:
    """Return round values from 0 to at least `most`."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / _LEVELS
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * k for k in (1, 2, 2.5, 5, 10) if size * k >= rough)
    return [step * k for k in range(math.ceil(most / step - 1e-9) + 1)]
