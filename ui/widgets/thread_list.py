"""The threads, the one with the newest message first; what runs, votes or is unread is marked."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from hub.domain.ids import ThreadId
from hub.domain.text import one_line
from ui.format import speaks_unicode
from ui.messages import ThreadChosen
from ui.view import ThreadRow
from ui.widgets.transcript_text import cells


def thread_line(row: ThreadRow, width: int, *, is_open: bool, ascii_only: bool) -> Content:
    """Return a thread as one line: mark, title, what is new."""
    if row.running:
        mark, style = (">" if ascii_only else "▸"), "$tone-busy"
    elif row.voting:
        mark, style = ("*" if ascii_only else "◆"), "$tone-warn"
    else:
        mark, style = " ", ""
    right = f" {row.unread} new" if row.unread else " vote" if row.voting else ""
    room = max(4, width - 2 - cells(right))
    title = Content(one_line(row.summary.thread.title, 80)).truncate(room, ellipsis=True)
    padding = " " * max(0, room - title.cell_length)
    return Content.assemble(
        (f"{mark} ", style),
        title.stylize("bold") if is_open else title,
        padding,
        (right, "$tone-busy" if row.unread else "$text-muted"),
    )


class ThreadList(OptionList):
    """A list to pick a thread from."""

    HELP = "Up and Down move, Enter opens the thread, / narrows the list."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "app.filter_threads", "Find a thread", show=False, id="threads.filter"),
    ]
    DEFAULT_CSS = """
    ThreadList {
        height: 1fr;
        border: none;
        padding: 0;
        background: transparent;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
    }
    ThreadList:focus { border: none; background: transparent; }
    ThreadList > .option-list--option { padding: 0 1; }
    ThreadList > .option-list--option-highlighted, ThreadList:focus > .option-list--option-highlighted {
        color: $text;
        background: $block-cursor-blurred-background;
        text-style: none;
    }
    ThreadList:focus > .option-list--option-highlighted { text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, markup=False)
        self._shown: list[tuple[ThreadRow, bool]] = []
        self._rows: tuple[ThreadRow, ...] = ()
        self._open: ThreadId | None = None

    def show(self, rows: tuple[ThreadRow, ...], open_id: ThreadId | None) -> None:
        """Show the threads; only lines that differ are written again.

        Args:
            rows: In the order they are shown.
            open_id: The thread in the transcript.
        """
        self._rows, self._open = rows, open_id
        wanted = [(row, row.id == open_id) for row in rows]
        if [row.id for row, _ in wanted] != [row.id for row, _ in self._shown]:
            self._rebuild(wanted)
        else:
            for place, (before, after) in enumerate(zip(self._shown, wanted, strict=True)):
                if before != after:
                    self.replace_option_prompt_at_index(place, self._line(*after))
        self._shown = wanted

    def _rebuild(self, wanted: list[tuple[ThreadRow, bool]]) -> None:
        chosen = self.highlighted
        under = self._shown[chosen][0].id if chosen is not None and self._shown else None
        self.clear_options()
        self.add_options([Option(self._line(row, here), id=row.id) for row, here in wanted])
        ids = [row.id for row, _ in wanted]
        keep = under if self.has_focus and under in ids else self._open
        self.highlighted = ids.index(keep) if keep in ids else None

    def _line(self, row: ThreadRow, is_open: bool) -> Content:
        width = max(12, self.size.width - 2)
        return thread_line(row, width, is_open=is_open, ascii_only=not speaks_unicode())

    def on_resize(self) -> None:
        """Write every line for the new width."""
        self._shown = []
        self.show(self._rows, self._open)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell the screen which thread was picked."""
        event.stop()
        if event.option_id is not None:
            self.post_message(ThreadChosen(ThreadId(event.option_id)))
