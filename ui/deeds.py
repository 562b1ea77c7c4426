"""What can be done with one message or one ended turn: keys, menu and help come from this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hub.domain.agent import HUB, YOU
from hub.domain.thread import REDACTED, Message, MessageKind
from ui.view import EndedTurn, Row


class Deed(StrEnum):
    """One of them."""

    COPY = "copy"
    COPY_BLOCK = "copy_block"
    RAW = "raw"
    EDITOR = "editor"
    REPLY = "reply"
    RETRY = "retry"
    CONTINUE = "continue"
    BRANCH = "branch"
    ROUTE = "route"
    DECISION = "decision"
    PIN = "pin"
    RIGHT = "right"
    WRONG = "wrong"
    REDACT = "redact"


def _is_message(row: Row) -> bool:
    return isinstance(row, Message)


def _has_text(row: Row) -> bool:
    return isinstance(row, Message) and row.body != REDACTED


def _is_agents(row: Row) -> bool:
    return isinstance(row, Message) and row.author not in (YOU, HUB)


def _has_code(row: Row) -> bool:
    return isinstance(row, Message) and ("```" in row.body or "~~~" in row.body)


def _was_asked(row: Row) -> bool:
    return isinstance(row, Message) and row.author == YOU


def _was_made(row: Row) -> bool:
    return isinstance(row, EndedTurn) or _is_agents(row)


def _was_decided(row: Row) -> bool:
    return isinstance(row, Message) and row.kind in (MessageKind.OUTCOME, MessageKind.QUESTION)


@dataclass(frozen=True, slots=True)
class Doing:
    """A deed with its key."""

    deed: Deed
    key: str
    does: str
    fits: Callable[[Row], bool]
    """Tells whether it can be done with a row."""

    @property
    def id(self) -> str:
        """What configuration calls its key."""
        return f"message.{self.deed}"


DOINGS = (
    Doing(Deed.COPY, "y", "copy the message", _has_text),
    Doing(Deed.COPY_BLOCK, "c", "copy its code block; again: the next one", _has_code),
    Doing(Deed.RAW, "w", "read it as it was written", _has_text),
    Doing(Deed.EDITOR, "v", "open it in your editor", _has_text),
    Doing(Deed.REPLY, "r", "reply to it", _is_message),
    Doing(Deed.RETRY, "t", "have it answered again", _was_made),
    Doing(Deed.CONTINUE, "o", "have it go on where it ends", _was_made),
    Doing(Deed.BRANCH, "b", "ask it otherwise, in a branch", _was_asked),
    Doing(Deed.ROUTE, "m", "why this model", _was_made),
    Doing(Deed.DECISION, "d", "the vote", _was_decided),
    Doing(Deed.PIN, "p", "pin it into every prompt, or take the pin out", _has_text),
    Doing(Deed.RIGHT, "plus", "mark it right", _is_agents),
    Doing(Deed.WRONG, "minus", "mark it wrong", _is_agents),
    Doing(Deed.REDACT, "x", "take its text out of everything", _has_text),
)
"""In the order of the menu."""


def fitting(row: Row) -> tuple[Doing, ...]:
    """Return what can be done with a row."""
    return tuple(doing for doing in DOINGS if doing.fits(row))
