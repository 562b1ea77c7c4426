"""Who speaks to whom as a matrix: what a drawing of many participants cannot show line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hub.domain.text import one_line
from hub.domain.transcript import GraphNode
from hub.exports.scene import Box
from hub.exports.sheet import Sheet
from hub.exports.words import counted

NAMED = 100
"""Participants up to which every row has its name and every field a tooltip."""
CELLS = 4_000
"""Fields that are drawn at most, the heaviest ones: a picture has to open."""


def matrix_into(
    sheet: Sheet, nodes: Sequence[GraphNode], weights: Mapping[tuple[str, str], int], field: Box
) -> None:
    """Draw a row for each who speaks and a column for each spoken to, the busiest first.

    Args:
        sheet: To draw on.
        nodes: The participants.
        weights: Messages by (source, target).
        field: Where the fields go; names stand left of it and above it.
    """
    from matplotlib import colormaps

    busy: Counter[str] = Counter()
    for (source, target), weight in weights.items():
        busy[source] += weight
        busy[target] += weight
    names = sorted((node.name for node in nodes), key=lambda name: (-busy[name], name))
    place = {name: k for k, name in enumerate(names)}
    side = min(field.width, field.height) / max(len(names), 1)
    whole = Box(
        field.left, field.top - side * len(names), field.left + side * len(names), field.top
    )
    sheet.box(whole, sheet.palette.panel, ring=sheet.palette.line, layer=1.0)
    heaviest = sorted(weights, key=lambda pair: (-weights[pair], pair))[:CELLS]
    most = max(weights.values(), default=1)
    ramp = colormaps["viridis"]
    fields = []
    for source, target in heaviest:
        left, top = whole.left + place[target] * side, whole.top - place[source] * side
        fields.append(Box(left, top - side, left + side, top))
    fills = [ramp(0.15 + 0.85 * weights[pair] / most) for pair in heaviest]
    if len(names) > NAMED:
        sheet.boxes(fields, fills)
    else:
        for (source, target), one, fill in zip(heaviest, fields, fills, strict=True):
            said = counted(weights[source, target], "message")
            sheet.box(one, fill, tip=f"{_short(source)} to {_short(target)}: {said}")
    _names(sheet, names, whole, side)
    _captions(sheet, whole, len(weights), most)


def _names(sheet: Sheet, names: Sequence[str], whole: Box, side: float) -> None:
    if len(names) > NAMED:
        return
    size = max(3.6, min(8.0, side * 0.85))
    for k, name in enumerate(names):
        at = (whole.left - 4, whole.top - (k + 0.5) * side)
        sheet.write(at, _short(name), size=size, align="right")


def _captions(sheet: Sheet, whole: Box, pairs: int, most: int) -> None:
    quiet = sheet.palette.quiet
    sheet.write(
        (whole.left, whole.top + 24), "Who speaks (rows) to whom (columns)", size=9, bold=True
    )
    said = f"columns in the order of the rows, the busiest first · brightest: {most:,} messages"
    sheet.write((whole.left, whole.top + 10), said, size=7.5, colour=quiet)
    if pairs > CELLS:
        left_out = f"the {CELLS:,} heaviest of {pairs:,} pairs"
        sheet.write((whole.left, whole.bottom - 10), left_out, size=7.5, colour=quiet)


def _short(name: str) -> str:
    return one_line(name, 18) or "?"
