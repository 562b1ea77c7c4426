"""What a person asks of the hub, what it may cost, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.decision import AnswerKind, Ballot, Decision, Rule
from hub.domain.ids import MessageId
from hub.domain.thread import Attachment, Message, Thread
from hub.domain.transcript import TurnSummary
from hub.domain.turn import Purpose, Turn
from hub.domain.usage import Room, UsageRow


class Mode(StrEnum):
    """The three things a person can ask for."""

    MESSAGE = "message"
    """One routed answer by one agent."""
    DISCUSS = "discuss"
    """Rounds in which agents answer one another; no vote."""
    DECIDE = "decide"
    """Rounds, then ballots, then an outcome."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question with everything the person said about how to answer it."""

    question: str
    mode: Mode = Mode.MESSAGE
    agents: tuple[str, ...] = ()
    """Empty: the thread's default agent for a message, all of them otherwise."""
    options: tuple[str, ...] = ()
    """Choices of a decision; empty: the agents' own drafts become the choices."""
    rule: Rule = Rule.AUTO
    rounds: int | None = None
    """Rounds of discussion; None: one blind round, and one critique if the vote is split."""
    provider: str | None = None
    model: str | None = None
    strategy: str | None = None
    budget: int | None = None
    """Micro-dollars for the whole question; None: the configured default."""
    timeout_s: float | None = None
    """Seconds for the whole question; then what was paid for is tallied."""
    attachments: tuple[Attachment, ...] = ()
    tags: tuple[str, ...] = ()
    reply_to: MessageId | None = None
    threshold: float | None = None
    """As `Proposal.threshold`; None: the configured one."""
    quorum: int | None = None
    """Ballots needed; None: the configured number."""
    chair: str | None = None
    """Agent that judges under `chair`; None: the configured one."""
    stop_early: bool = False
    """True: ballots that could change nothing are not asked for."""
    category: str = ""
    """Kind of question; who is good at it is learned apart."""
    kind: AnswerKind = AnswerKind.TEXT
    """What the answers to an open question are."""
    supersedes: str = ""
    """Id of the decision that this one takes the place of."""
    review_at: int | None = None
    """UTC microseconds at which to look at the decision again."""
    unreached: bool = False
    """True once nobody could be reached for it: it waits to be sent again (`KeepQuestion`)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was posted, with the turn that was put in line for it."""

    question: Message
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class TurnSoFar:
    """A turn of a question under way, with what came of it if it has ended."""

    turn: Turn
    message: Message | None = None
    ballot: Ballot | None = None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question under way, as the journal holds it."""

    question: Message
    ask: Ask
    """As it was put, agents and all; its text and files are the question's own."""
    turns: tuple[TurnSoFar, ...] = ()
    """In the order they were queued."""


@dataclass(frozen=True, slots=True)
class EstimatedTurn:
    """One turn of a question as it would be routed now."""

    purpose: Purpose
    agent: str
    deployment: str
    cost: int | None
    """Expected micro-dollars; None: unknown."""
    ceiling: int | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a question may cost before anything is sent, in micro-dollars."""

    calls: int
    cost: int | None
    """Expected; None when a price is unknown."""
    ceiling: int | None
    """If every answer used its whole output limit; None when neither price nor ceiling is known."""
    unknown_models: tuple[str, ...] = ()
    turns: tuple[EstimatedTurn, ...] = ()
    """In the order in which they would be made."""
    room: Room | None = None
    """What the tightest cap that refuses leaves for it; None: no such cap."""

    @property
    def missing(self) -> int:
        """Micro-dollars by which it is expected to pass a cap that refuses; 0: it is not.

        Where only a ceiling is known, that is what the cap goes by.
        """
        needed = self.ceiling if self.cost is None else self.cost
        return max(0, (needed or 0) - self.room.left) if self.room else 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question."""

    thread: Thread
    question: Message
    messages: tuple[Message, ...]
    """The agents' posts, in order; the question itself is apart."""
    decision: Decision | None
    turns: tuple[TurnSummary, ...]
    """All turns made for it, ballots and failed ones included."""
    usage: UsageRow
    elapsed_s: float
    failures: tuple[str, ...] = ()
    """One sentence for each turn that ended without a result."""
    stopped: str = ""
    """What ended it early: `person`, `deadline` or `budget`; empty when nothing did."""

    @property
    def interrupted(self) -> bool:
        """True when it was ended early; what was paid for is there."""
        return bool(self.stopped)
