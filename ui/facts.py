"""What the front end has read from the hub, told to the reducer like an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.domain.agent import Persona
from hub.domain.decision import Decision
from hub.domain.ids import ThreadId, TurnId
from hub.domain.route import Health
from hub.domain.thread import Message, Thread, ThreadSummary
from hub.domain.transcript import TurnSummary
from hub.domain.usage import Budget


@dataclass(frozen=True, slots=True)
class HubOpened:
    """The hub is there."""

    personas: tuple[Persona, ...]
    providers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThreadsRead:
    """The list of threads was read."""

    threads: tuple[ThreadSummary, ...]


@dataclass(frozen=True, slots=True)
class ThreadOpened:
    """The person opened a thread; its newest messages were read."""

    thread: Thread
    messages: tuple[Message, ...]
    complete: bool
    """True: these are all messages."""
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class ThreadClosed:
    """No thread is open: the next message starts one."""


@dataclass(frozen=True, slots=True)
class OlderRead:
    """A page before the oldest loaded message was read."""

    thread_id: ThreadId
    messages: tuple[Message, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class NewerRead:
    """Everything behind the newest loaded message was read: nothing is missing now."""

    thread_id: ThreadId
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message was pinned or unpinned, or its text was taken out."""

    message: Message


@dataclass(frozen=True, slots=True)
class CameBack:
    """The person is back: messages from a number on came while they were away."""

    thread_id: ThreadId
    unread_from: int
    """0: nothing came, or all of it has been seen."""
    said: str = ""
    """What the line above the first of them says."""


@dataclass(frozen=True, slots=True)
class TurnsRead:
    """What the journal knows of a thread's turns was read."""

    thread_id: ThreadId
    turns: Mapping[TurnId, TurnSummary]
    decision: Decision | None = None
    """The thread's newest one."""


@dataclass(frozen=True, slots=True)
class HealthRead:
    """The providers were asked how they are."""

    health: tuple[Health, ...]


@dataclass(frozen=True, slots=True)
class BudgetsRead:
    """The caps and what counts against them were read."""

    budgets: Mapping[str, Budget]


Fact = (
    HubOpened
    | ThreadsRead
    | ThreadOpened
    | ThreadClosed
    | OlderRead
    | NewerRead
    | MessageChanged
    | CameBack
    | TurnsRead
    | HealthRead
    | BudgetsRead
)
