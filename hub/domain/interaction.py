"""What the journal has to tell of who spoke to whom, and of the calls that were made for it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.ids import ThreadId
from hub.domain.route import HEDGE
from hub.domain.turn import GIVEN_UP, CallState, Purpose


@dataclass(frozen=True, slots=True)
class Place:
    """How far the journal was read; every part of it only grows while no thread is deleted."""

    message: int = 0
    booking: int = 0
    imported: int = 0


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message without its text."""

    thread_id: ThreadId
    author: str
    at: int
    """UTC microseconds."""
    answered: str | None
    """Author of the message that it answers."""
    first: bool
    """True where nothing had answered that message before."""
    to: tuple[str, ...]
    mentions: tuple[str, ...]
    tokens: int = 0
    cost: int | None = 0
    """Micro-dollars of the turn behind it; None: unknown."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What one booking, or one turn of an imported file, adds to an agent."""

    thread_id: ThreadId
    agent: str
    provider: str | None
    tokens: int
    cost: int | None
    """Micro-dollars; None: unknown."""
    at: int
    """UTC microseconds; 0 where a file does not say."""


@dataclass(frozen=True, slots=True)
class News:
    """What is new since a place."""

    place: Place
    threads: frozenset[ThreadId]
    """All threads there are now; one that is missing was deleted."""
    utterances: tuple[Utterance, ...] = ()
    spendings: tuple[Spending, ...] = ()
    complete: bool = True
    """False: there is more, behind the place."""


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One call that ended, for series, shares and dashboards."""

    thread_id: ThreadId
    agent: str
    purpose: Purpose
    deployment: str
    """`provider/model` that was asked."""
    served: str
    """`provider/model` that answered."""
    state: CallState
    n: int
    """1, 2, ... within its turn: above 1 it is a failover, a re-send or a hedge."""
    tries: int
    """Requests that were needed."""
    started_at: int
    """UTC microseconds, as is the end."""
    ended_at: int
    first_token_s: float | None
    tokens: int
    cost: int | None
    """Micro-dollars; None: unknown; 0 where nothing was booked."""
    error: str
    strategy: str
    """Of its route; empty where none is kept."""

    @property
    def ok(self) -> bool:
        """True where it was answered."""
        return self.state is CallState.DONE

    @property
    def failed(self) -> bool:
        """True where it was not, and not because another call of its turn was quicker."""
        return not self.ok and not self.error.startswith(GIVEN_UP)

    @property
    def follows(self) -> bool:
        """True for a failover or a re-send: a call that came after another one of its turn."""
        return self.n > 1 and self.strategy != HEDGE

    @property
    def latency_s(self) -> float:
        """Seconds from start to end."""
        return (self.ended_at - self.started_at) / 1e6


LATENCY_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Upper ends of latency buckets, in seconds; 2 is the limit of a healthy ping."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How long the answered calls of one deployment took."""

    deployment: str
    count: int
    total_s: float
    below: tuple[int, ...]
    """How many took at most so long, for each of `LATENCY_BOUNDS`."""


@dataclass(frozen=True, slots=True)
class CallCount:
    """How many calls of one deployment ended one way."""

    deployment: str
    state: CallState
    calls: int
    repeats: int
    """Requests beyond the first of each."""


@dataclass(frozen=True, slots=True)
class CallSums:
    """All calls that ended, summed up."""

    counts: tuple[CallCount, ...] = ()
    latency: tuple[Histogram, ...] = ()
    first_token: tuple[Histogram, ...] = ()
