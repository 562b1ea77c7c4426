"""Who votes with whom, as a picture: how often each pair of agents chose alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hub.domain.text import one_line
from hub.domain.transcript import Accord
from hub.exports.chart import PAGE, picture
from hub.exports.insight_json import accord_json
from hub.exports.scene import Box
from hub.exports.sheet import Sheet
from hub.exports.words import counted

_FIELD = Box(170.0, 24.0, 660.0, 448.0)
_DARK_FILL = 0.55
"""Shares from here on have a fill on which light figures are read better."""
_FIGURED = 16
"""Agents up to which every field has its figure."""


def heat_map(
    names: Sequence[str],
    matrix: Sequence[Sequence[float | None]],
    *,
    title: str,
    format: str,  # noqa: A002  the facade's word
    dark: bool = False,
) -> bytes:
    """Draw how often agents chose alike.

    Args:
        names: Of the agents, in the order of the matrix.
        matrix: (n, n), 0..1; None where two never chose in the same decision.
        title: What it is of.
        format: `png` or `svg`.
        dark: Light ink on a dark ground.
    """
    shown = [one_line(name, 20) or "?" for name in names]
    known = [
        value
        for row, values in enumerate(matrix)
        for column, value in enumerate(values)
        if row < column and value is not None
    ]
    mean = f"mean agreement {sum(known) / len(known):.0%}" if known else "nobody voted with another"
    return picture(
        format,
        title=one_line(f"Agreement: {title}", 80),
        subtitle=f"{counted(len(names), 'agent')} · {mean}",
        words=shown,
        dark=dark,
        draw=lambda sheet: _draw(sheet, shown, matrix),
        page=PAGE,
    )


def agreement_json(names: Sequence[str], accord: Sequence[Accord]) -> str:
    """Return the same as JSON: each pair with how often it chose, and how often alike."""
    return json.dumps({"agents": list(names), "pairs": accord_json(accord)}, indent=2) + "\n"


def _draw(sheet: Sheet, names: Sequence[str], matrix: Sequence[Sequence[float | None]]) -> None:
    from matplotlib import colormaps

    palette, count = sheet.palette, len(names)
    if not count:
        middle = ((PAGE.left + PAGE.right) / 2, (PAGE.bottom + PAGE.top) / 2)
        sheet.write(
            middle, "No two agents have voted in one decision yet.", size=12, align="center"
        )
        return
    ramp = colormaps["cividis"]
    side = min(72.0, _FIELD.width / count, _FIELD.height / count)
    size = max(4.5, min(10.0, side * 0.4))
    top = _FIELD.top
    for row, name in enumerate(names):
        y = top - (row + 0.5) * side
        sheet.write((_FIELD.left - 8, y), name, size=min(size, 9.5), align="right")
        for column, other in enumerate(names):
            left = _FIELD.left + column * side
            field = Box(left, y - side / 2, left + side, y + side / 2)
            _field(sheet, field, matrix[row][column], ramp, f"{name} and {other}", size, count)
    for column, name in enumerate(names):
        at = (_FIELD.left + (column + 0.5) * side, top + 10)
        short = name if side > 55 else str(column + 1)  # noqa: PLR2004  a name fits a wide field
        sheet.write(at, short, size=min(size, 9.0), colour=palette.quiet, align="center")
    _legend(sheet, ramp)


def _field(
    sheet: Sheet, field: Box, value: float | None, ramp: Any, pair: str, size: float, count: int
) -> None:
    palette = sheet.palette
    if value is None:
        sheet.box(field, palette.panel, ring=palette.line, tip=f"{pair}: no decision together")
        return
    sheet.box(field, ramp(value), ring=palette.paper, tip=f"{pair}: alike in {value:.0%}")
    if count <= _FIGURED:
        middle = ((field.left + field.right) / 2, (field.bottom + field.top) / 2)
        ink = "#101010" if value >= _DARK_FILL else "#ffffff"
        sheet.write(middle, f"{value:.0%}", size=size * 0.85, colour=ink, align="center")


def _legend(sheet: Sheet, ramp: Any) -> None:
    box = Box(720.0, 200.0, 735.0, 380.0)
    sheet.write((box.left, box.top + 16), "Chose alike", size=9, bold=True)
    sheet.ramp(box, [ramp(k / 63) for k in range(64)])
    for share in (0.0, 0.5, 1.0):
        at = (box.right + 8, box.bottom + share * box.height)
        sheet.write(at, f"{share:.0%}", size=9, colour=sheet.palette.quiet)
    grey = Box(box.left, box.bottom - 30, box.right, box.bottom - 15)
    sheet.box(grey, sheet.palette.panel, ring=sheet.palette.line)
    sheet.write((box.right + 8, box.bottom - 22), "never together", size=9)
