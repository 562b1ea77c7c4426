"""At the start: what to do with turns that a program left which is gone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from textual.binding import Binding, BindingType
from typing_extensions import override

from ui.screens.buttons import ButtonScreen


class Orphans(StrEnum):
    """What the person wants done with them."""

    RESUME = "resume"
    DROP = "drop"
    LATER = "later"


class OrphansScreen(ButtonScreen[Orphans]):
    """Asks once; nothing is repeated or dropped without an answer."""

    AUTO_FOCUS = "#later"
    LABELS: ClassVar[Mapping[str, str]] = {
        "resume": "Continue (c)",
        "drop": "Drop (d)",
        "later": "Later (Esc)",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "choose('resume')", "continue", id="orphans.resume"),
        Binding("d", "choose('drop')", "drop", id="orphans.drop"),
        Binding("escape", "choose('later')", "later", id="orphans.later"),
    ]

    def __init__(self, turns: int, agents: tuple[str, ...], questions: int = 0) -> None:
        """Say how many turns there are, and whose; without any, how many questions."""
        left = (
            f"{_number(turns, 'turn')} unfinished ({', '.join(agents)})"
            if turns
            else f"{_number(questions, 'question')} open"
        )
        super().__init__(
            f"A program that is gone left {left}. Continue sends what was never answered again, and "
            "what is still missing; a call that may have reached its provider may be billed twice. "
            "Threads with unfinished turns take no new question until you choose."
        )

    @override
    def answer(self, name: str) -> Orphans:
        return Orphans(name)


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
