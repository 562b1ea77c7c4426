"""A list that narrows while one types: what was sent before, threads, what a search found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from typing_extensions import override

from hub.domain.text import one_line
from ui.screens.dialog import Dialog

SHOWN = 200
"""Entries that are shown at once; typing finds the others."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list."""

    id: str
    text: str
    beside: str = ""
    """What stands faint in front of it."""


class Picker(Dialog[str]):
    """Answers with the id of the entry that was picked."""

    def __init__(
        self,
        heading: str,
        entries: Sequence[Entry] = (),
        *,
        prompt: str = "type to narrow",
        wanted: Callable[[str], None] | None = None,
    ) -> None:
        """Show a list.

        Args:
            heading: What is listed.
            entries: In their order.
            prompt: What the empty line says.
            wanted: Is told what was typed, and calls `show` with what fits; None: the list narrows by itself.
        """
        super().__init__(heading)
        self._entries = tuple(entries)
        self._prompt = prompt
        self._wanted = wanted

    @override
    def content(self) -> list[Widget]:
        self.line = Input(placeholder=self._prompt)
        self.list = OptionList(markup=False)
        return [self.line, self.list]

    def on_mount(self) -> None:
        """Show all, ready to type."""
        self.show(self._entries)
        self.line.focus()

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these entries."""
        self.list.clear_options()
        self.list.add_options(
            Option(
                Content.assemble(
                    (f"{e.beside}  " if e.beside else "", "$text-muted"), one_line(e.text, 200)
                ),
                id=e.id,
            )
            for e in entries[:SHOWN]
        )
        self.list.highlighted = 0 if entries else None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        event.stop()
        if self._wanted is not None:
            self._wanted(event.value)
            return
        words = event.value.casefold().split()
        self.show([e for e in self._entries if all(w in e.text.casefold() for w in words)])

    def on_key(self, event: events.Key) -> None:
        """Move in the list while the line has the keys."""
        moves = {"up": self.list.action_cursor_up, "down": self.list.action_cursor_down}
        if event.key in moves and self.line.has_focus:
            event.stop()
            moves[event.key]()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pick what is under the cursor."""
        event.stop()
        self.list.action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with what was picked."""
        event.stop()
        _ = self.dismiss(event.option_id)
