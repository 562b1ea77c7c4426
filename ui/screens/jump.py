"""Ctrl+O: a letter on every panel, and letters for every screen; the next key goes there.

Every F-key has a letter here, for keyboards and browsers that keep the F-keys to themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.widgets import Static
from typing_extensions import override

from ui.keymap import Jump


class JumpScreen(ModalScreen[str | None]):
    """Answers with the letter that was pressed; any other key goes back."""

    DEFAULT_CSS = """
    JumpScreen { background: $background 30%; }
    JumpScreen Static { width: auto; height: 1; }
    JumpScreen .letter { position: absolute; padding: 0 1; background: $accent; color: $background; text-style: bold; }
    JumpScreen #letters {
        dock: bottom;
        width: 100%;
        height: auto;
        padding: 0 1;
        background: $panel;
        color: $text;
    }
    """

    def __init__(self, panels: Mapping[str, Region], jumps: Sequence[Jump]) -> None:
        """Label what is on the screen.

        Args:
            panels: Where the panel of a letter is.
            jumps: Letters that lead elsewhere.
        """
        super().__init__()
        self._panels = panels
        self._jumps = tuple(jumps)

    @override
    def compose(self) -> ComposeResult:
        for letter, region in self._panels.items():
            label = Static(Content(letter), classes="letter")
            label.styles.offset = (region.x, region.y)
            yield label
        yield Static(Content("\n").join(self._lines()), id="letters", markup=False)

    def _lines(self) -> list[Content]:
        """Return the letters with their names, as many on a line as fit whole."""
        room, lines = self.app.size.width - 2, [Content("")]
        for jump in self._jumps:
            piece = Content.assemble(
                (f"{jump.letter} ", "bold $accent"), (f"{jump.name}   ", "$text-muted")
            )
            if lines[-1].cell_length + piece.cell_length > room:
                lines.append(Content(""))
            lines[-1] += piece
        return lines

    def on_key(self, event: events.Key) -> None:
        """Go where the letter leads."""
        event.stop()
        known = {*self._panels, *(jump.letter for jump in self._jumps)}
        _ = self.dismiss(event.key if event.key in known else None)
