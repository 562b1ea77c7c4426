"""The interaction graph as text for a plain terminal: the widget's drawing, printed."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.transcript import Interactions
from ui.format import speaks_unicode
from ui.widgets.graph_cells import Drawing, Ink
from ui.widgets.graph_drawing import draw
from ui.widgets.graph_links import Look

_CODES = {
    "openai": "32",
    "grok": "35",
    "local": "36",
    "compatible": "33",
    "person": "1",
    "muted": "2",
    "hot": "1",
}
"""SGR colours out of the terminal's own sixteen, so that they fit its background."""
_FAINT, _STRONG = 0.3, 0.7
"""Edges up to the first are dim, from the second on bold: no colour fits every background."""


def render(
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    width: int,
    height: int,
    *,
    colour: bool,
    ascii_only: bool | None = None,
) -> str:
    """Return the drawing as lines of text.

    Args:
        graph: Who spoke to whom.
        positions: Coordinates from the layout, in any unit.
        width: Columns of the terminal.
        height: Rows to use.
        colour: True for ANSI colours; False for characters alone.
        ascii_only: None: as the terminal's encoding allows.
    """
    plain = not speaks_unicode() if ascii_only is None else ascii_only
    drawing = draw(graph, positions, width, height, Look(ascii_only=plain))
    if not colour:
        return drawing.text()
    return "\n".join(_coloured(drawing, y) for y in range(drawing.height))


def _coloured(drawing: Drawing, y: int) -> str:
    pieces = []
    for text, ink in drawing.runs(y):
        code = _code(ink) if text.strip() else ""
        pieces.append(f"\x1b[{code}m{text}\x1b[0m" if code else text)
    return "".join(pieces).rstrip()


def _code(ink: Ink) -> str:
    if ink.tone == "edge":
        return "2" if ink.strength <= _FAINT else "1" if ink.strength >= _STRONG else ""
    codes = [_CODES.get(ink.fill or ink.tone, "")]
    if ink.bold and "1" not in codes:
        codes.append("1")
    return ";".join(code for code in codes if code)
