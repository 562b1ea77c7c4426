"""What widgets and the bridge tell their screen: messages go up, attributes go down."""

from __future__ import annotations

from textual.message import Message as TextualMessage

from hub.domain.event import Event
from hub.domain.ids import ThreadId
from ui.deeds import Deed
from ui.facts import Fact
from ui.view import Row


class Happened(TextualMessage):
    """Events of the hub, or facts read from it, in order: one redraw for all of them."""

    def __init__(self, events: tuple[Event | Fact, ...]) -> None:
        super().__init__()
        self.events = events


class Submitted(TextualMessage):
    """The person sent what the composer held."""

    def __init__(self, text: str, *, sure: bool = False) -> None:
        super().__init__()
        self.text = text
        self.sure = sure
        """True: it was asked whether it may be sent though it looks like a key."""


class DraftChanged(TextualMessage):
    """The composer holds another text; what it may cost has to be estimated again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ThreadChosen(TextualMessage):
    """The person picked a thread."""

    def __init__(self, thread_id: ThreadId) -> None:
        super().__init__()
        self.thread_id = thread_id


class OlderWanted(TextualMessage):
    """The top of what is loaded came near: the page before it is wanted."""


class DeedWanted(TextualMessage):
    """The person wants something done with a message or an ended turn; None: asks what can be."""

    def __init__(self, row: Row, deed: Deed | None = None) -> None:
        super().__init__()
        self.row = row
        self.deed = deed


class CopyWanted(TextualMessage):
    """The person wants this text in the clipboard."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
