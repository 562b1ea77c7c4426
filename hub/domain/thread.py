"""Threads and the messages in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from hub.domain.ids import MessageId, ThreadId, TurnId


class MessageKind(StrEnum):
    """What a message is for."""

    QUESTION = "question"
    """From the person."""
    REPLY = "reply"
    """An agent's answer, in a chat or a discussion."""
    DRAFT = "draft"
    """An agent's blind first answer in a deliberation."""
    CRITIQUE = "critique"
    """An agent's answer to other agents' drafts."""
    OUTCOME = "outcome"
    """The hub's sentence on a decision."""
    NOTE = "note"
    """Posted by a script."""


@dataclass(frozen=True, slots=True)
class Thread:
    """An ordered conversation."""

    id: ThreadId
    title: str
    created_at: int
    """UTC microseconds."""
    last_seq: int = 0
    archived_at: int | None = None
    imported: int = 0
    """Messages up to this number came with a file: nobody said them here."""


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """A thread as a list shows it."""

    thread: Thread
    messages: int
    cost: int
    """Micro-dollars, known ones only: booked here, or told by the file that it came with."""
    unknown_cost_calls: int
    updated_at: int
    """UTC microseconds of the last message, or of the thread's creation."""


@dataclass(frozen=True, slots=True)
class Message:
    """One post in a thread; never changed once committed."""

    id: MessageId
    thread_id: ThreadId
    seq: int
    """1, 2, ... without a gap; 0 while the store has not numbered it."""
    author: str
    kind: MessageKind
    body: str
    created_at: int
    """UTC microseconds."""
    reply_to: MessageId | None = None
    mentions: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    """Agents it is addressed to; empty: everyone."""
    turn_id: TurnId | None = None
    attachments: tuple[Attachment, ...] = ()
    pinned: bool = False

    @property
    def without_texts(self) -> tuple[Attachment, ...]:
        """Its attachments as a message keeps them; their texts are stored by hash."""
        return tuple(replace(file, text="") for file in self.attachments)

    def numbered(self, seq: int) -> Message:
        """Return it as it was stored (`replace` takes four times as long)."""
        return Message(
            self.id,
            self.thread_id,
            seq,
            self.author,
            self.kind,
            self.body,
            self.created_at,
            self.reply_to,
            self.mentions,
            self.to,
            self.turn_id,
            self.without_texts if self.attachments else (),
            self.pinned,
        )


REDACTED = "[redacted]"
"""Stands where a text was taken out."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """What taking a message's text out came to; none of it is stored."""

    message: Message
    """As it stands now."""
    text: str
    """What it said, to look for in files beside the journal."""
    providers: tuple[str, ...]
    """Who was sent the text, or wrote it: they have it."""
    repeated_in: tuple[int, ...]
    """Sequence numbers of other messages of the thread that repeat all of it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that went along with a message; its text is stored once per hash."""

    name: str
    hash: str
    """SHA-256, hexadecimal."""
    size: int
    """Bytes."""
    text: str = ""
    """Its content; empty in listings."""
