"""Tables in a transcript: columns as wide as their text, narrower where the line is short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ui.widgets.transcript_text import Ink, Line, Run, measure, wrap

_BAR = " │ "
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    runs: list[Run]
    align: str = "left"


def lay_out(rows: Sequence[Sequence[Cell]], width: int) -> list[Line]:
    """Return a table's lines; the first row is its head, long cells are wrapped."""
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return []
    widths = _widths(rows, columns, width)
    lines: list[Line] = []
    for place, row in enumerate(rows):
        lines += _row(row, widths)
        if place == 0:
            rule = "─┼─".join("─" * size for size in widths)
            lines.append(Line(((rule, Ink.MARKER),)))
    return lines


def _widths(rows: Sequence[Sequence[Cell]], columns: int, width: int) -> list[int]:
    """Take from the widest column until the table fits, or until all are at their least."""
    widths = [1] * columns
    for row in rows:
        for place, cell in enumerate(row):
            widths[place] = max(widths[place], measure(cell.runs))
    room = width - len(_BAR) * (columns - 1)
    while sum(widths) > room and max(widths) > _LEAST:
        widest = widths.index(max(widths))
        others = sum(widths) - widths[widest]
        second = max([w for i, w in enumerate(widths) if i != widest], default=_LEAST)
        widths[widest] = max(_LEAST, room - others, min(second, widths[widest] - 1))
    return widths


def _row(row: Sequence[Cell], widths: Sequence[int]) -> list[Line]:
    wrapped = [wrap(cell.runs, size) for cell, size in zip(row, widths, strict=False)]
    height = max((len(lines) for lines in wrapped), default=1)
    return [Line(tuple(_across(row, wrapped, widths, y))) for y in range(height)]


def _across(
    row: Sequence[Cell], wrapped: Sequence[Sequence[Line]], widths: Sequence[int], y: int
) -> list[Run]:
    runs: list[Run] = []
    for place, size in enumerate(widths):
        if place:
            runs.append((_BAR, Ink.MARKER))
        lines = wrapped[place] if place < len(wrapped) else ()
        cell = list(lines[y].runs) if y < len(lines) else []
        padding = (" " * max(0, size - measure(cell)), Ink.TEXT)
        is_right = place < len(row) and row[place].align == "right"
        runs += [padding, *cell] if is_right else [*cell, padding]
    return runs
