"""Ctrl+T where the list has no column of its own: the threads as a drawer."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static
from typing_extensions import override

from hub.domain.ids import ThreadId
from ui.messages import ThreadChosen
from ui.view import View
from ui.widgets.thread_list import ThreadList


class ThreadsDrawer(ModalScreen[ThreadId | None]):
    """Slides over the transcript; answers with the thread that was picked, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+t", "close", "close", id="drawer.close"),
    ]
    CSS = """
    ThreadsDrawer { align: left top; background: $background 60%; }
    ThreadsDrawer > Vertical {
        width: 40;
        max-width: 100%;
        height: 100%;
        background: $surface;
        border-right: tall $border-blurred;
    }
    ThreadsDrawer Static { height: 1; padding: 0 1; color: $text-muted; text-style: bold; }
    """

    def __init__(self, view: View) -> None:
        """Begin with the threads of a view."""
        super().__init__()
        self._view = view

    @override
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(f"THREADS  {len(self._view.threads)}"))
            yield ThreadList(id="drawer")

    def on_mount(self) -> None:
        """Show the list with the open thread under the cursor."""
        threads = self.query_one(ThreadList)
        threads.show(self._view.threads, self._view.thread_id)
        threads.focus()

    def on_thread_chosen(self, message: ThreadChosen) -> None:
        """Close with the choice."""
        message.stop()
        _ = self.dismiss(message.thread_id)

    def action_close(self) -> None:
        """Close without a choice."""
        _ = self.dismiss(None)
