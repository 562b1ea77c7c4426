"""A question with a few answers, each with a letter of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from typing_extensions import override

from hub.domain.text import one_line
from ui.screens.dialog import Dialog


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer."""

    id: str
    key: str
    """One character, or `plus`, `minus`."""
    says: str

    @property
    def sign(self) -> str:
        """The key as it is shown."""
        return {"plus": "+", "minus": "-"}.get(self.key, self.key)


class ChoiceScreen(Dialog[str]):
    """Answers with an answer's id; arrows and Enter, its letter, or a click choose it."""

    def __init__(self, heading: str, answers: Sequence[Answer]) -> None:
        """Ask.

        Args:
            heading: What is asked.
            answers: In the order they are shown; the first one has the cursor.
        """
        super().__init__(heading)
        self._answers = tuple(answers)

    @override
    def content(self) -> list[Widget]:
        options = [
            Option(
                Content.assemble((f"{a.sign}  ", "bold $primary"), one_line(a.says, 160)), id=a.id
            )
            for a in self._answers
        ]
        return [OptionList(*options, markup=False)]

    def on_mount(self) -> None:
        """Let the arrows choose."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with what was chosen."""
        event.stop()
        _ = self.dismiss(event.option_id)

    def on_key(self, event: events.Key) -> None:
        """Answer with what the letter stands for."""
        found = next((a for a in self._answers if a.key == event.key), None)
        if found is not None:
            event.stop()
            _ = self.dismiss(found.id)
