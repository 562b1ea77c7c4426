"""The graph as an adjacency matrix: for crowds, where lines would only be a tangle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from hub.domain.transcript import Interactions
from ui.format import provider_mark
from ui.widgets.cell_text import pad
from ui.widgets.graph_cells import Box, Canvas, Drawing, Ink
from ui.widgets.graph_links import Link, Look

_SHADES = "·░▒▓█"
_ASCII_SHADES = ".:+*#"
_NAME = 14
_HEAD_ROWS = 2
_FOOT_ROWS = 1
_DIGITS = 3


def draw_matrix(canvas: Canvas, graph: Interactions, links: Sequence[Link], look: Look) -> Drawing:
    """Draw a row and a column for each of the busiest participants.

    A cell's shade and colour say how much the row's participant said to the column's. Columns are
    numbered as the rows are; the last line says what is shown.
    """
    said = _activity(links)
    ranked = sorted(graph.nodes, key=lambda node: (-said[node.name], node.name))
    label = min(_NAME, max(4, canvas.width // 3))
    start = label + _DIGITS + 1
    rows = canvas.height - _HEAD_ROWS - _FOOT_ROWS
    shown = ranked[: max(0, min(rows, canvas.width - start))]
    wide = 2 if start + 2 * len(shown) <= canvas.width else 1
    if look.selected is not None and shown and all(n.name != look.selected for n in shown):
        shown[-1] = next((n for n in ranked if n.name == look.selected), shown[-1])
    weights = {(link.source, link.target): link.weight for link in links}
    shades = _ASCII_SHADES if look.ascii_only else _SHADES
    boxes = {}
    for row, node in enumerate(shown):
        y = row + _HEAD_ROWS
        mark = provider_mark(node.provider)
        chosen = node.name == look.selected
        sign = mark.sign(ascii_only=look.ascii_only)
        name = pad(f"{sign} {node.name}", label, ascii_only=look.ascii_only)
        bold = chosen or node.name in look.active
        canvas.write(0, y, name, Ink("hot" if chosen else mark.tone, bold=bold))
        canvas.write(label, y, f"{row + 1:>{_DIGITS}}", Ink("muted", bold=chosen))
        _column_head(canvas, start + row * wide + wide - 1, row + 1, bold=chosen)
        for column, other in enumerate(shown):
            weight = weights.get((node.name, other.name), 0.0)
            shade = shades[0] if not weight else shades[1 + min(3, int(weight * 4))]
            filled = shade * wide if weight else shade.rjust(wide)
            canvas.write(start + column * wide, y, filled, Ink("edge", weight))
        boxes[node.name] = Box(0, y, canvas.width, 1)
    _foot(canvas, len(shown), len(ranked), look)
    return canvas.freeze(boxes)


def _activity(links: Sequence[Link]) -> Counter[str]:
    said: Counter[str] = Counter()
    for link in links:
        said[link.source] += link.messages
        said[link.target] += link.messages
    return said


def _column_head(canvas: Canvas, x: int, number: int, *, bold: bool) -> None:
    tens, units = divmod(number, 10)
    if tens:
        canvas.put(x, 0, str(tens % 10), Ink("muted", bold=bold))
    canvas.put(x, 1, str(units), Ink("muted", bold=bold))


def _foot(canvas: Canvas, shown: int, of: int, look: Look) -> None:
    words = f"rows speak to columns · {shown} of {of} shown"
    if look.ascii_only:
        words = words.replace("·", "-")
    if cell_len(words) > canvas.width:
        words = f"{shown} of {of}"
    canvas.write(0, canvas.height - 1, words, Ink("muted"))
