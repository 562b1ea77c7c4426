"""Rows in columns, for people; scripts take `--json`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.domain.text import one_line
from ui.cli.console import Console

SHORT = 8
"""Characters of an id in a listing; the beginning of an id is enough wherever one is asked for."""
WIDEST = 60
"""Characters of a cell."""


def table(console: Console, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows below a head, each column as wide as its widest cell; figures go to the right."""
    body = [[one_line(cell, WIDEST) for cell in row] for row in rows]
    lines = [list(head), *body]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    right = [
        bool(body) and all(_is_figure(row[column]) for row in body) for column in range(len(head))
    ]
    for line in lines:
        cells = (
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        )
        console.line("  ".join(cells).rstrip())


def _is_figure(cell: str) -> bool:
    return cell[:1] in "$?-0123456789" and not any(c.isalpha() for c in cell)
