"""At the start: what to do with turns that a program left which is gone."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static
from typing_extensions import override


class Orphans(StrEnum):
    """What the person wants done with them."""

    RESUME = "resume"
    DROP = "drop"
    LATER = "later"


class OrphansScreen(ModalScreen[Orphans]):
    """Asks once; nothing is repeated or dropped without an answer."""

    AUTO_FOCUS = "#later"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "choose('resume')", "continue", id="orphans.resume"),
        Binding("d", "choose('drop')", "drop", id="orphans.drop"),
        Binding("escape", "choose('later')", "later", id="orphans.later"),
    ]
    CSS = """
    OrphansScreen { align: center middle; background: $background 60%; }
    OrphansScreen > Vertical {
        width: 64;
        max-width: 94%;
        height: auto;
        padding: 1 2;
        background: $surface;
        border: round $primary;
    }
    OrphansScreen Horizontal { height: auto; margin-top: 1; }
    OrphansScreen Button {
        margin-right: 2;
        height: 1;
        min-width: 12;
        border: none;
        background: $panel;
        color: $text;
        text-style: none;
    }
    OrphansScreen Button:focus { background: $primary; color: $background; text-style: bold; }
    """

    def __init__(self, turns: int, agents: tuple[str, ...], questions: int = 0) -> None:
        """Say how many turns there are, and whose; without any, how many questions."""
        super().__init__()
        self._left = (
            f"{_number(turns, 'turn')} unfinished ({', '.join(agents)})"
            if turns
            else f"{_number(questions, 'question')} open"
        )

    @override
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                Content(
                    f"A program that is gone left {self._left}. Continue sends what was never "
                    "answered again, and what is still missing; a call that may have reached its provider may be billed twice. "
                    "Threads with unfinished turns take no new question until you choose."
                )
            )
            with Horizontal():
                yield Button(Content("Continue (c)"), id="resume")
                yield Button(Content("Drop (d)"), id="drop")
                yield Button(Content("Later (Esc)"), id="later")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's choice."""
        event.stop()
        _ = self.dismiss(Orphans(event.button.id or Orphans.LATER))

    def action_choose(self, choice: str) -> None:
        """Answer with a key's choice."""
        _ = self.dismiss(Orphans(choice))


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
