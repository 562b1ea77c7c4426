"""What the terminal UI shows, as frozen values: no widget, no I/O, made by `ui.reducer` alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from hub.domain.decision import Decision
from hub.domain.event import Notice, RoundStarted
from hub.domain.ids import MessageId, ThreadId, TurnId
from hub.domain.route import Health, Route
from hub.domain.thread import Message, Thread, ThreadSummary
from hub.domain.turn import Purpose, TurnState
from hub.domain.usage import Budget

COSTS_KEPT = 30
"""Turns that the cost sparkline shows."""


class Phase(StrEnum):
    """What an agent is at, in the open thread."""

    IDLE = "idle"
    WAITING = "waiting"
    THINKING = "thinking"
    WRITING = "writing"
    VOTING = "voting"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_working(self) -> bool:
        """True while a turn of the agent is queued or running."""
        return self in (Phase.WAITING, Phase.THINKING, Phase.WRITING, Phase.VOTING)


@dataclass(frozen=True, slots=True)
class TurnView:
    """A turn as the transcript's header row shows it."""

    id: TurnId
    thread_id: ThreadId
    agent: str
    state: TurnState
    purpose: Purpose = Purpose.REPLY
    since: int = 0
    """UTC microseconds since when it is in its state; 0 where unknown."""
    provider: str | None = None
    model: str | None = None
    reply_to: MessageId | None = None
    text: str = ""
    """What has arrived of a turn that has no message yet."""
    booked: bool = False
    """True once a cost, known or not, was booked for it."""
    cost: int | None = None
    """Micro-dollars; None: unknown."""
    latency_s: float | None = None
    error: str = ""

    @property
    def phase(self) -> Phase:
        """What its agent is at."""
        if self.state is TurnState.RUNNING:
            if self.purpose is Purpose.BALLOT:
                return Phase.VOTING
            return Phase.WRITING if self.text else Phase.THINKING
        return _PHASES[self.state]


_PHASES = {
    TurnState.QUEUED: Phase.WAITING,
    TurnState.DONE: Phase.DONE,
    TurnState.FAILED: Phase.FAILED,
    TurnState.UNKNOWN: Phase.FAILED,
    TurnState.CANCELLED: Phase.STOPPED,
}


@dataclass(frozen=True, slots=True)
class EndedTurn:
    """A row of the transcript for a turn that ended without a message."""

    id: TurnId


Row = Message | EndedTurn
"""One row of the transcript; a turn that still runs has its row in `View.live`."""


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread as the list shows it."""

    summary: ThreadSummary
    unread: int = 0
    running: int = 0
    voting: bool = False

    @property
    def id(self) -> ThreadId:
        """The thread's id."""
        return self.summary.thread.id


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent as the list shows it."""

    name: str
    role: str = ""
    phase: Phase = Phase.IDLE
    since: int = 0
    """UTC microseconds since when it is in its phase; 0: since ever."""
    provider: str | None = None
    detail: str = ""
    """Why it waits or failed."""


def _nothing() -> Mapping[TurnId, TurnView]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class View:
    """Everything on the screen; each event gives a new one."""

    threads: tuple[ThreadRow, ...] = ()
    thread: Thread | None = None
    opened: int = 0
    """Grows with each thread that is opened: rows of different openings share nothing."""
    rows: tuple[Row, ...] = ()
    base: int = 0
    """Place of the first row; falls as older rows are put in front, so places never change."""
    edited: int = 0
    """Grows when a message that is shown was changed: pinned, or its text taken out."""
    unread_from: int = 0
    """Number of the first message that came while the person was away; 0: none."""
    unread: str = ""
    """What the line above that message says."""
    complete: bool = True
    """False: there are older messages to load."""
    stale: bool = False
    """True: events were missed, the newest messages have to be read again."""
    live: Mapping[TurnId, TurnView] = field(default_factory=_nothing)
    """Turns of all threads that have not ended, in the order they were queued."""
    turns: Mapping[TurnId, TurnView] = field(default_factory=_nothing)
    """Turns of the open thread that have ended."""
    agents: tuple[AgentView, ...] = ()
    round: RoundStarted | None = None
    decision: Decision | None = None
    route: Route | None = None
    costs: tuple[int | None, ...] = ()
    """Micro-dollars of the newest calls of the open thread, oldest first."""
    health: tuple[Health, ...] = ()
    budgets: Mapping[str, Budget] = field(default_factory=lambda: MappingProxyType({}))
    notice: Notice | None = None
    banner: str = ""
    """What is wrong with the hub itself and stays so: shown until it is over."""

    @property
    def thread_id(self) -> ThreadId | None:
        """The open thread's id."""
        return self.thread.id if self.thread else None

    @property
    def summary(self) -> ThreadSummary | None:
        """What the list knows of the open thread: its cost, its count."""
        return next((row.summary for row in self.threads if row.id == self.thread_id), None)

    @property
    def first_seq(self) -> int | None:
        """Sequence number of the oldest loaded message."""
        return next((row.seq for row in self.rows if isinstance(row, Message)), None)

    @property
    def last_seq(self) -> int:
        """Sequence number of the newest loaded message; 0 without one."""
        return next((row.seq for row in reversed(self.rows) if isinstance(row, Message)), 0)

    @property
    def live_here(self) -> tuple[TurnView, ...]:
        """Turns of the open thread that have not ended."""
        return tuple(turn for turn in self.live.values() if turn.thread_id == self.thread_id)

    @property
    def running(self) -> int:
        """Turns that run now, over all threads."""
        return sum(turn.state is TurnState.RUNNING for turn in self.live.values())

    @property
    def ballots_open(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who the open decision waits for, and who writes a ballot now."""
        if self.decision is None or self.decision.closed_at is not None:
            return (), ()
        newest = max((b.round for b in self.decision.ballots), default=0)
        voted = {b.voter for b in self.decision.ballots if b.round == newest}
        writing = tuple(t.agent for t in self.live_here if t.phase is Phase.VOTING)
        missing = set(self.decision.proposal.eligible) - voted - set(writing)
        return tuple(n for n in self.decision.proposal.eligible if n in missing), writing
