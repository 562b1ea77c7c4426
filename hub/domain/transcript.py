"""A thread as it leaves the hub: everything an export, a picture or a second front end needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.domain.decision import Decision
from hub.domain.ids import TurnId
from hub.domain.route import Route
from hub.domain.thread import Message, Thread, ThreadSummary
from hub.domain.turn import TurnState
from hub.domain.usage import UsageRow

FORMAT = "gitbridge-transcript"
"""Value of `format` in an exported JSON transcript, by which a reader knows it."""
VERSION = 1
"""Version of the exported JSON shape."""


@dataclass(frozen=True, slots=True)
class TurnSummary:
    """What a transcript shows of the turn behind a message or a ballot."""

    id: TurnId
    agent: str
    state: TurnState
    provider: str | None = None
    model: str | None = None
    """The model that answered."""
    cost: int | None = None
    """Micro-dollars; None: unknown."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    latency_s: float | None = None
    route: Route | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A thread with its messages, turns and decisions, in order."""

    thread: Thread
    messages: tuple[Message, ...]
    turns: Mapping[TurnId, TurnSummary] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    usage: UsageRow | None = None

    @property
    def summary(self) -> ThreadSummary:
        """The thread as a list shows it."""
        usage, newest = self.usage, self.messages[-1] if self.messages else self.thread
        return ThreadSummary(
            self.thread,
            len(self.messages),
            cost=usage.cost if usage else 0,
            unknown_cost_calls=usage.unknown_cost_calls if usage else 0,
            updated_at=newest.created_at,
        )


@dataclass(frozen=True, slots=True)
class Imports:
    """What importing a file came to."""

    threads: tuple[ThreadSummary, ...]
    """The threads that are new here."""
    here: tuple[Thread, ...] = ()
    """The threads of the file that were here already, unchanged."""
    strangers: tuple[str, ...] = ()
    """Who speaks or votes in the new ones and is no configured agent."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One participant of the interaction graph."""

    name: str
    provider: str | None
    """The provider that served most of its turns; None for the person and the hub."""
    messages: int
    tokens: int
    cost: int
    """Micro-dollars, known ones."""
    unknown_cost_turns: int = 0
    """Turns that used tokens at a cost nobody knows."""
    answered: int = 0
    """Messages of theirs that somebody answered."""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One reply or mention: who speaks to whom."""

    source: str
    target: str
    kind: str
    """`reply`, `mention` or `to`."""
    seq: int
    tokens: int = 0
    cost: int = 0
    messages: int = 1
    """How many are summed up in it; above 1, `seq` is the newest one's place."""


@dataclass(frozen=True, slots=True)
class Accord:
    """How often two agents chose alike in decisions; `a` comes before `b`."""

    a: str
    b: str
    together: int
    """Decisions in whose last round both chose an option."""
    alike: int

    @property
    def share(self) -> float:
        """0..1."""
        return self.alike / self.together if self.together else 0.0


@dataclass(frozen=True, slots=True)
class Interactions:
    """The interaction graph as values: a directed multigraph, edges in the order they happened."""

    title: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    accord: tuple[Accord, ...] = ()
