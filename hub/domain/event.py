"""What happened, told to whoever subscribed: after the commit, in order. Events go up."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.decision import Ballot, Decision, Tally
from hub.domain.ids import DecisionId, MessageId, ThreadId, TurnId
from hub.domain.route import Health, Route
from hub.domain.thread import Message, Thread
from hub.domain.turn import Turn
from hub.domain.usage import Booking


@dataclass(frozen=True, slots=True)
class ThreadChanged:
    """A thread was created, renamed, archived or restored."""

    thread: Thread


@dataclass(frozen=True, slots=True)
class ThreadDeleted:
    """A thread is gone."""

    thread_id: ThreadId


@dataclass(frozen=True, slots=True)
class MessagePosted:
    """A message was committed; it will not be lost."""

    message: Message


@dataclass(frozen=True, slots=True)
class TurnChanged:
    """A turn was queued, started, or ended; its state says which."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class RouteChosen:
    """The router chose; also on failover, with the new choice."""

    thread_id: ThreadId
    route: Route


@dataclass(frozen=True, slots=True)
class HedgeSent:
    """A second call was sent beside one that is later than usual."""

    thread_id: ThreadId
    route: Route
    """Of the second call."""
    waited_s: float
    """Seconds for which the first had said nothing."""


@dataclass(frozen=True, slots=True)
class HedgeEnded:
    """One of two calls for an answer was heard first, or is left alone: its answer is the turn's."""

    thread_id: ThreadId
    route: Route
    """Of the call that goes on."""
    stopped: str
    """Deployment of the other one."""
    failed: bool
    """True: that one failed by itself."""


@dataclass(frozen=True, slots=True)
class Delta:
    """Text of a running turn; ephemeral, the committed message is the truth."""

    thread_id: ThreadId
    turn_id: TurnId
    agent: str
    text: str


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """A turn ended without a result, with the sentence to show."""

    turn: Turn
    error: str


@dataclass(frozen=True, slots=True)
class UsageRecorded:
    """Tokens and cost of a call were booked."""

    booking: Booking


@dataclass(frozen=True, slots=True)
class DecisionOpened:
    """A question was put to the vote; again whenever its options have changed."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A round of a discussion or a vote begins."""

    thread_id: ThreadId
    round: int
    rounds: int
    purpose: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BallotCast:
    """A ballot was committed; the tally is what the count is now."""

    thread_id: ThreadId
    decision_id: DecisionId
    ballot: Ballot
    tally: Tally


@dataclass(frozen=True, slots=True)
class BallotMissing:
    """A voter cast none: it failed, was late, or wrote nothing that could be read."""

    thread_id: ThreadId
    decision_id: DecisionId
    voter: str
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionClosed:
    """The outcome stands."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the person that belongs to no turn: a warning, a wait, a recovery."""

    text: str
    thread_id: ThreadId | None = None
    severity: str = "information"
    """`information`, `warning` or `error`."""
    stands: bool = False
    """True: it holds until the next such notice; a banner shows it unless that is information."""


@dataclass(frozen=True, slots=True)
class HealthChecked:
    """A provider was asked how it is."""

    health: Health
    state: str
    """`Health.state` under the threshold of whoever asked."""


@dataclass(frozen=True, slots=True)
class PictureDrawn:
    """A graph or picture was made, for the log."""

    subject: str
    """Id of a thread or decision, or `all`."""
    kind: str
    """`graph`, `card`, ..."""
    format: str
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class OutageMet:
    """Turns of a decision could reach nobody, or one model family alone: wait, go on, or stop?"""

    thread_id: ThreadId
    question_id: MessageId
    agents: tuple[str, ...]
    """Who cannot be reached: agents, or the model family that their seats were to be served by."""
    reason: str
    """One sentence: who cannot be reached, and why."""


@dataclass(frozen=True, slots=True)
class Lagged:
    """The subscriber was too slow and events were dropped: reload what is shown."""

    missed: int


Event = (
    ThreadChanged
    | ThreadDeleted
    | MessagePosted
    | TurnChanged
    | RouteChosen
    | HedgeSent
    | HedgeEnded
    | Delta
    | TurnFailed
    | UsageRecorded
    | DecisionOpened
    | RoundStarted
    | BallotCast
    | BallotMissing
    | DecisionClosed
    | Notice
    | HealthChecked
    | PictureDrawn
    | OutageMet
    | Lagged
)
