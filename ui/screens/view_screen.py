"""What every screen has in common: it draws views, and closes with Esc unless it is the main one."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Static
from typing_extensions import override

from ui.session import Picture
from ui.view import View

FRAME_S = 1 / 120
"""Least time between two drawings. Textual's own sixtieth of a second is what a key waited for most."""


class ViewScreen(Screen[None]):
    """A screen that only draws."""

    _frames: Timer | None = None

    @property
    @override
    def _update_timer(self) -> Timer:
        if self._frames is None:
            update = self._on_timer_update
            self._frames = self.set_interval(FRAME_S, update, name="screen_update", pause=True)
        return self._frames

    def show(self, view: View, now: int) -> None:
        """Draw a view.

        Args:
            view: What to show.
            now: UTC microseconds, for clocks.
        """
        raise NotImplementedError

    def show_picture(self, picture: Picture) -> None:
        """Draw the interaction graph, where the screen has one."""

    def pulse(self, source: str, target: str) -> None:
        """Let a posted message travel through the graph, where the screen has one."""


class SideScreen(ViewScreen):
    """One subject, full size, over the main screen."""

    CSS_PATH = Path(__file__).with_name("side.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.close_side", "back", id="back"),
    ]
    SUBJECT: ClassVar[str] = ""
    """What the first line says; a fixed text."""

    def __init__(self, view: View, now: int) -> None:
        """Begin with what the main screen shows."""
        super().__init__()
        self.view = view
        self.now = now

    @override
    def compose(self) -> ComposeResult:
        yield Static(Content(self.SUBJECT), classes="subject")
        yield from self.content()
        yield Footer()

    def content(self) -> list[Widget]:
        """Return the widgets between the first line and the footer."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Draw what there is."""
        self.show(self.view, self.now)
