"""What dialogs have in common: a box over the screen, closed by Esc without an answer."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

T = TypeVar("T")


class Dialog(ModalScreen[T | None], Generic[T]):
    """A box with a heading; answers with a value, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", id="dialog.close"),
    ]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > Vertical {
        width: 72;
        max-width: 96%;
        height: auto;
        max-height: 90%;
        padding: 1 2;
        background: $surface;
        border: round $primary;
    }
    Dialog .asks { height: auto; color: $text; text-style: bold; margin-bottom: 1; }
    Dialog .note { height: auto; color: $text-muted; margin-top: 1; }
    Dialog OptionList {
        height: auto;
        max-height: 24;
        border: none;
        padding: 0;
        background: transparent;
        scrollbar-size-vertical: 1;
        scrollbar-background: $surface;
        scrollbar-color: $border-blurred;
    }
    Dialog OptionList:focus { border: none; background: transparent; }
    Dialog OptionList > .option-list--option-highlighted, Dialog OptionList:focus > .option-list--option-highlighted {
        color: $text;
        background: $block-cursor-blurred-background;
        text-style: none;
    }
    Dialog OptionList:focus > .option-list--option-highlighted { text-style: bold; }
    Dialog Input { border: round $border-blurred; background: $background; height: 3; }
    Dialog Input:focus { border: round $primary; }
    Dialog TextArea { height: 1fr; border: none; background: $surface; padding: 0; }
    Dialog.-large > Vertical { width: 110; height: 90%; }
    Dialog.-large OptionList { height: 1fr; max-height: 100%; }
    .-short Dialog > Vertical, Dialog.-short > Vertical { padding: 0 1; max-height: 100%; }
    """

    def __init__(self, heading: str, *, large: bool = False) -> None:
        """Begin.

        Args:
            heading: What the box is about; outside text in it is cleaned before.
            large: True: the box takes most of the screen.
        """
        super().__init__()
        self.set_class(large, "-large")
        self._heading = heading

    @override
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._heading), classes="asks")
            yield from self.content()

    def content(self) -> list[Widget]:
        """Return the widgets below the heading."""
        raise NotImplementedError

    def action_close(self) -> None:
        """Close without an answer."""
        _ = self.dismiss(None)
