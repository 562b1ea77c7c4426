"""One text as it was written, to read and to select from."""

from __future__ import annotations

from textual.widget import Widget
from textual.widgets import TextArea
from typing_extensions import override

from hub.domain.text import visible
from ui.screens.dialog import Dialog


class ReadingScreen(Dialog[str]):
    """Shows a text; Esc goes back."""

    def __init__(self, heading: str, text: str) -> None:
        """Show a text.

        Args:
            heading: Whose it is.
            text: From anywhere; cleaned here.
        """
        super().__init__(heading, large=True)
        self._text = visible(text)

    @override
    def content(self) -> list[Widget]:
        return [TextArea(self._text, read_only=True, soft_wrap=True, show_line_numbers=False)]

    def on_mount(self) -> None:
        """Let it scroll."""
        self.query_one(TextArea).focus()
