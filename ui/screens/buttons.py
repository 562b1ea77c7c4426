"""A question that has to be answered: a few buttons side by side, each with a key of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static
from typing_extensions import override

T = TypeVar("T")


class ButtonScreen(ModalScreen[T], Generic[T]):
    """Answers with what a button or its key stands for; without an answer it stays."""

    LABELS: ClassVar[Mapping[str, str]]
    """By the answer's name, in the order they are shown; an id is the name with hyphens."""
    CSS = """
    ButtonScreen { align: center middle; background: $background 60%; }
    ButtonScreen > Vertical {
        width: 64;
        max-width: 94%;
        height: auto;
        padding: 1 2;
        background: $surface;
        border: round $primary;
    }
    ButtonScreen Horizontal { height: auto; margin-top: 1; }
    ButtonScreen Button {
        margin-right: 2;
        height: 1;
        min-width: 12;
        border: none;
        background: $panel;
        color: $text;
        text-style: none;
    }
    ButtonScreen Button:focus { background: $primary; color: $background; text-style: bold; }
    """

    def __init__(self, text: str) -> None:
        """Begin.

        Args:
            text: What is asked; outside text in it is cleaned before.
        """
        super().__init__()
        self._text = text

    @abstractmethod
    def answer(self, name: str) -> T:
        """Return the answer of that name."""

    @override
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._text))
            with Horizontal():
                for name, label in self.LABELS.items():
                    yield Button(Content(label), id=name.replace(" ", "-"))

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's choice."""
        event.stop()
        self.action_choose((event.button.id or "").replace("-", " "))

    def action_choose(self, name: str) -> None:
        """Answer with a key's choice."""
        _ = self.dismiss(self.answer(name))
