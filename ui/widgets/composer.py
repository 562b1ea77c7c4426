"""Where the person writes: grows to ten rows, completes names and commands, remembers what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import TextArea
from typing_extensions import override

from hub.domain.ids import MessageId
from hub.domain.text import one_line, sanitize
from ui.messages import DraftChanged, Submitted

_NEWLINES = frozenset({"ctrl+j", "shift+enter", "alt+enter"})


_PLACEHOLDERS = (
    "Message the thread…  @agent  /command   Enter sends, Ctrl+J new line",
    "Message…  @agent  /command  Enter sends",
    "Message…",
)


class Composer(TextArea):
    """The text of the next message; usable while agents speak."""

    HELP = "Enter sends, Ctrl+J starts a new line, Tab completes @agent and /command."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "back", "What was sent before", show=False),
        Binding("down", "forth", "What was sent after", show=False),
    ]
    DEFAULT_CSS = """
    Composer {
        height: auto;
        min-height: 3;
        max-height: 12;
        border: round $border-blurred;
        background: $background;
        padding: 0 1;
        scrollbar-size-vertical: 1;
    }
    Composer:focus { border: round $primary; }
    Composer .text-area--placeholder { color: $text-muted; }
    .-short Composer { max-height: 5; }
    """

    def __init__(
        self,
        complete: Callable[[str], str],
        *,
        id: str | None = None,  # noqa: A002  Textual's own name
    ) -> None:
        """Begin empty.

        Args:
            complete: Returns what completes a text at its end; empty: nothing does.
            id: Textual's id of the widget.
        """
        super().__init__(
            id=id,
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            placeholder=_PLACEHOLDERS[0],
        )
        self.reply_to: MessageId | None = None
        """The message that the next one answers."""
        self.branch_from: MessageId | None = None
        """The message that the next one is asked in the place of, in a branch."""
        self.drafts: dict[str, str] = {}
        """By thread: what was written and not sent."""
        self.sent: list[str] = []
        """What was sent in any thread, oldest first."""
        self._complete = complete
        self._thread = ""
        self._at: int | None = None

    def open_thread(self, thread_id: str) -> None:
        """Keep the draft of the thread that was open, and take up the one of another."""
        if thread_id == self._thread:
            return
        if self._thread or thread_id in self.drafts:
            self.drafts[self._thread] = self.text
            self.put(self.drafts.pop(thread_id, ""))
        self._thread, self._at = thread_id, None
        self.let_go()

    @property
    def all_drafts(self) -> dict[str, str]:
        """By thread, the open one among them: what is written and not sent."""
        return {**self.drafts, self._thread: self.text}

    def answer(self, message_id: MessageId, named: str) -> None:
        """Let the next message answer one."""
        self.reply_to, self.branch_from = message_id, None
        self._entitle(f"reply to {named} · Esc: no")

    def branch(self, message_id: MessageId, text: str) -> None:
        """Let the next message be asked in the place of one, in a branch; begin with its text."""
        self.reply_to, self.branch_from = None, message_id
        self.put(text)
        self._entitle("asked in a branch of this thread · Esc: no")

    def let_go(self) -> bool:
        """Let the next message stand for itself again; False: it did already."""
        bound = self.reply_to is not None or self.branch_from is not None
        self.reply_to = self.branch_from = None
        self.border_title = ""
        return bound

    def _entitle(self, title: str) -> None:
        self.border_title = Content(one_line(title, 100))

    def on_resize(self) -> None:
        """Say in the empty composer as much as fits on one line."""
        room = self.size.width - 4
        self.placeholder = next((p for p in _PLACEHOLDERS if len(p) <= room), "")

    def put(self, text: str) -> None:
        """Hold another text, the cursor behind it."""
        self.text = text
        self.move_cursor(self.document.end)

    @override
    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._enter()
        elif event.key in _NEWLINES:
            event.stop()
            event.prevent_default()
            self.insert("\n")
        elif event.key == "tab" and self.suggestion:
            event.stop()
            event.prevent_default()
            self.insert(self.suggestion)
        elif not event.is_printable or sanitize(event.character or "") == event.character:
            await super()._on_key(event)

    def _enter(self) -> None:
        """Send, or start a new line where a backslash asks for one."""
        row, column = self.cursor_location
        if self.document[row][:column].endswith("\\"):
            self.replace("\n", (row, column - 1), (row, column))
            return
        text = self.text.strip()
        if text:
            self._at = None
            self.post_message(Submitted(text))

    def take(self, text: str) -> None:
        """Empty the composer, unless the person has gone on typing since."""
        if self.text.strip() == text:
            self.text = ""
        self.sent = [*(one for one in self.sent if one != text), text]
        self.let_go()

    @override
    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.insert(sanitize(event.text.replace("\r\n", "\n").replace("\r", "\n")))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Tell the screen, which estimates what it would cost."""
        event.stop()
        self.post_message(DraftChanged(self.text))

    @override
    def update_suggestion(self) -> None:
        row, column = self.cursor_location
        line = self.document[row]
        self.suggestion = self._complete(line) if column == len(line) else ""

    def action_back(self) -> None:
        """Move up; on the first line, take what was sent before."""
        self._recall(-1) if self.cursor_location[0] == 0 else self.action_cursor_up()

    def action_forth(self) -> None:
        """Move down; on the last line, take what was sent after."""
        last = self.cursor_location[0] == self.document.line_count - 1
        self._recall(1) if last else self.action_cursor_down()

    def _recall(self, step: int) -> None:
        sent = self.sent
        if self._at is None and (step > 0 or (self.text and self.text not in sent)):
            (self.action_cursor_up if step < 0 else self.action_cursor_down)()
            return
        at = (len(sent) if self._at is None else self._at) + step
        if at >= len(sent):
            self._at = None
            self.put("")
        elif at >= 0:
            self._at = at
            self.put(sent[at])
