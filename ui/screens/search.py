"""Ctrl+F: full text, in this thread or in all of them; Enter jumps to the message."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Protocol

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option
from typing_extensions import override

from hub.domain.text import one_line
from hub.domain.thread import Message
from hub.errors import GitBridgeError
from ui.format import date_time
from ui.screens.dialog import Dialog
from ui.view import View

MOST = 200
"""Messages that one search finds."""
Found = tuple[tuple[str, ...], tuple[Message, ...], int]
"""The words, what was found, and which of it was picked."""


class Searcher(Protocol):
    """Finds messages; documented at `hub.facade.record.Record.search`."""

    async def search(
        self, text: str, *, ref: str | None = None, limit: int = 50
    ) -> tuple[Message, ...]:
        """Return messages that contain all the words, newest first."""
        ...


class SearchScreen(Dialog[Found]):
    """Answers with what was found and which of it was picked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "elsewhere", "this thread / all", priority=True, id="search.where"),
        Binding("down", "move(1)", "next", show=False, priority=True, id="search.next"),
        Binding("up", "move(-1)", "before", show=False, priority=True, id="search.before"),
    ]

    def __init__(
        self,
        hub: Searcher,
        view: View,
        words: str,
        complain: Callable[[str], None],
    ) -> None:
        """Look in the open thread first, where there is one.

        Args:
            hub: Finds them.
            view: Its thread is the open one; what is loaded of it is searched letter by letter.
            words: To begin with.
            complain: Says what went wrong.
        """
        super().__init__("Search", large=True)
        self._hub, self._words, self._complain = hub, words, complain
        self._view, self._thread = view, view.thread
        self._everywhere = view.thread is None
        self._found: tuple[Message, ...] = ()

    @override
    def content(self) -> list[Widget]:
        self.line = Input(self._words, placeholder="all of these words")
        self.list = OptionList(markup=False)
        self.note = Static(classes="note", markup=False)
        return [self.line, self.list, self.note]

    def on_mount(self) -> None:
        """Begin at once with words that were given."""
        self.line.focus()
        self._look()

    @work(exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        words, ref = self.line.value, None
        if not self._everywhere and self._thread is not None:
            ref = self._thread.id
        try:
            found = await self._hub.search(words, ref=ref, limit=MOST) if words.strip() else ()
        except GitBridgeError as error:
            self._complain(str(error))
            return
        if ref is not None:
            found = self._with_loaded(found, words.lower().split())
        self._found = found
        self.list.clear_options()
        self.list.add_options(Option(self._line(m), id=str(n)) for n, m in enumerate(found))
        self.list.highlighted = 0 if found else None
        where = "all threads" if ref is None else "this thread"
        many = f"{MOST} or more" if len(found) == MOST else str(len(found))
        self.note.update(Content(f"{many} in {where} · Tab: the other · Enter: go there"))

    def _with_loaded(self, found: tuple[Message, ...], parts: list[str]) -> tuple[Message, ...]:
        """Add what holds the words only as parts of others, among what is loaded; newest first."""
        loaded = (row for row in self._view.rows if isinstance(row, Message))
        more = {m.seq: m for m in loaded if parts and all(p in m.body.lower() for p in parts)}
        both = more | {message.seq: message for message in found}
        return tuple(both[seq] for seq in sorted(both, reverse=True))[:MOST]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look again."""
        event.stop()
        self._look()

    def action_elsewhere(self) -> None:
        """Look in all threads, or in this one."""
        self._everywhere = not self._everywhere or self._thread is None
        self._look()

    def action_move(self, step: int) -> None:
        """Move in the list while one types."""
        (self.list.action_cursor_down if step > 0 else self.list.action_cursor_up)()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Pick what is under the cursor."""
        event.stop()
        self.list.action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with all of it."""
        event.stop()
        words = tuple(self.line.value.lower().split())
        _ = self.dismiss((words, self._found, event.option_index))

    def _line(self, message: Message) -> Content:
        at = date_time(message.created_at) if message.created_at else ""
        line = Content.assemble(
            (f"{at}  ", "$text-muted"),
            (f"{one_line(message.author, 20)}  ", "bold"),
            one_line(message.body, 160),
        )
        return line.truncate(max(20, self.list.size.width - 2), ellipsis=True)
