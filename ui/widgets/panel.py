"""What the panels beside the transcript share: lines of styled text, as many as they need."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.style import Style
from textual.widget import Widget
from typing_extensions import override

from ui.format import bar, speaks_unicode
from ui.theme import tone
from ui.widgets.cell_text import flat, pad


class Panel(Widget):
    """A few lines that a subclass builds for the width it is given."""

    DEFAULT_CSS = """
    Panel {
        width: 1fr;
        height: auto;
    }
    """

    def __init__(self, *, id: str | None = None, ascii_only: bool | None = None) -> None:  # noqa: A002  Textual's own name
        """Begin empty.

        Args:
            id: Textual's id of the widget.
            ascii_only: None: as the terminal's encoding allows.
        """
        super().__init__(id=id)
        self.ascii_only = not speaks_unicode() if ascii_only is None else ascii_only

    def lines(self, width: int) -> list[Content]:
        """Return the lines; each fits into `width` cells."""
        raise NotImplementedError

    @override
    def render(self) -> Content:
        """Return the lines for the present width."""
        return Content("\n").join(self.lines(max(1, self.size.width)))

    @override
    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many lines there will be."""
        return len(self.lines(max(1, width)))

    def on_mount(self) -> None:
        """Follow the theme: its colours are in the content, not in the style sheet."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh())

    def style(self, name: str, *, bold: bool = False) -> Style:
        """Return the style of a tone in the app's theme."""
        return Style(foreground=tone(self.app, name), bold=bold or None)

    def heading(self, title: str, rest: str, width: int) -> Content:
        """Return the first line: what the panel is, and what it is about."""
        first = pad(title.upper(), len(title) + 2)
        return self.row(width, (first, Style(bold=True)), (rest, self.style("muted")))

    def row(self, width: int, *pieces: tuple[str, Style]) -> Content:
        """Return pieces of outside text as one line, cut where it would be too long."""
        content = Content.assemble(*((flat(text), style) for text, style in pieces))
        return content.truncate(width, ellipsis=not self.ascii_only)

    def meter(self, share: float, length: int, style: Style) -> tuple[tuple[str, Style], ...]:
        """Return a bar in its own style, and dots for the part that is not filled."""
        filled = bar(share, length, ascii_only=self.ascii_only).rstrip()
        rest = ("." if self.ascii_only else "·") * (length - len(filled))
        return (filled, style), (rest, self.style("muted"))

    def wrapped(self, text: str, width: int, *, style: Style, indent: int = 0) -> list[Content]:
        """Return outside text as lines of at most `width` cells, indented by blanks."""
        lines = Content.styled(flat(text), style).wrap(max(8, width - indent))
        return [Content(" " * indent) + line.rstrip() for line in lines]
