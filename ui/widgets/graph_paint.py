"""Turns the tones of a drawing into the colours of the app's theme."""

from __future__ import annotations

from typing import Any

from rich.style import Style
from textual.app import App
from textual.color import Color

from ui.theme import tone
from ui.widgets.graph_cells import Ink

_TINT = 0.22
"""How much of its tone a filled cell's background takes."""
_STEPS = 8
"""Grades of brightness that an edge can have."""
_FAINT, _PLAIN = 0.3, 0.75
"""Edges up to here are dim, and bold above, where a theme has no shades."""


class Palette:
    """The styles of one theme over one background; build a new one when either changes."""

    def __init__(self, app: App[Any], background: Color, foreground: Color) -> None:
        """Take the colours of the app's theme as they are now."""
        self._app = app
        self._background = background
        self._foreground = foreground
        self._styles: dict[Ink, Style] = {}

    def style(self, ink: Ink) -> Style:
        """Return the style of a cell, with the background of its widget left to the widget."""
        style = self._styles.get(ink)
        if style is None:
            style = self._styles[ink] = self._made(ink)
        return style

    def _made(self, ink: Ink) -> Style:
        bold = ink.bold or None
        if self._app.current_theme.ansi:
            return self._plain(ink)
        if ink.fill:
            tint = self._background.blend(tone(self._app, ink.fill), _TINT, alpha=1.0)
            return Style(color=self._foreground.rich_color, bgcolor=tint.rich_color, bold=bold)
        if ink.tone == "edge":
            share = round(ink.strength * _STEPS) / _STEPS
            colour = tone(self._app, "edge").blend(tone(self._app, "hot"), share, alpha=1.0)
            return Style(color=colour.rich_color, bold=bold)
        colour = tone(self._app, ink.tone) if ink.tone else self._foreground
        return Style(color=colour.rich_color, bold=bold)

    def _plain(self, ink: Ink) -> Style:
        """Return the style among the terminal's sixteen colours, which cannot be mixed."""
        if ink.tone == "edge":
            strong = ink.bold or ink.strength > _PLAIN
            return Style(dim=ink.strength <= _FAINT or None, bold=strong or None)
        name = ink.fill or ink.tone
        colour = tone(self._app, name).rich_color if name else None
        return Style(color=colour, bold=ink.bold or None)
