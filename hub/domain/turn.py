"""One agent's go at posting: what it is sent, what comes back, and each call made for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hub.domain.agent import Persona
from hub.domain.ids import CallId, DecisionId, MessageId, ThreadId, TurnId
from hub.domain.limits import RateLimits
from hub.domain.usage import Price, Usage


class Purpose(StrEnum):
    """What a turn is for; the router and the view depend on it."""

    REPLY = "reply"
    DRAFT = "draft"
    CRITIQUE = "critique"
    BALLOT = "ballot"


class TurnState(StrEnum):
    """Where a turn stands; the last four are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        """True for the four states that a turn never leaves."""
        return self not in (TurnState.QUEUED, TurnState.RUNNING)


@dataclass(frozen=True, slots=True)
class TurnOrder:
    """What the person or the deliberation asks of a turn; kept in the journal with it."""

    purpose: Purpose
    agent: str
    prompt_to: MessageId | None = None
    """The message it answers: becomes `reply_to`."""
    up_to_seq: int | None = None
    """Blind rounds see nothing after this sequence number; None: all there is."""
    blind: bool = False
    """True: other agents' names, providers and models are replaced by `participant k`."""
    committee: bool = False
    """True: one of the seats of a decision, which are filled from several model families."""
    decision_id: DecisionId | None = None
    round: int = 0
    schema: Mapping[str, object] | None = None
    """JSON schema that the answer has to follow (ballots)."""
    options: tuple[str, ...] = ()
    """Ids of the options that a ballot was shown; empty: all of the decision's."""
    regroupings: int = 0
    """How often the options had been joined or split when the ballot was drawn up."""
    casting: bool = False
    """True: one more ballot, to settle a tie."""
    instruction: str = ""
    """What this turn is asked to do, as the last part of what is sent."""
    provider: str | None = None
    """Forced provider, or None."""
    model: str | None = None
    """Forced model, or None."""
    strategy: str | None = None
    max_output: int | None = None
    """Output tokens to ask for at most; None: the deployment's own."""
    timeout_s: float | None = None
    question_budget: int | None = None
    """Micro-dollars for the whole question (`ask --budget`); None: the configured default."""
    question_id: str = ""
    """Groups the turns of one question for its budget; empty: the turn itself."""
    tags: tuple[str, ...] = ()
    only: bool = False
    """True: its question is over with it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn as the journal holds it."""

    id: TurnId
    thread_id: ThreadId
    order: TurnOrder
    partition_key: str
    state: TurnState
    queued_at: int
    """UTC microseconds, as are the two below."""
    ordinal: int = 0
    """Place in its partition; the store gives it."""
    fence: int = 0
    """Grows with each claim; only the holder of the newest may commit."""
    owner: str | None = None
    attempts: int = 0
    cancel_at: int | None = None
    started_at: int | None = None
    ended_at: int | None = None
    partial: str = ""
    """Text that had arrived when the turn ended without a message."""
    error: str = ""


class PartRole(StrEnum):
    """Who a part of a prompt speaks for, in the providers' protocol."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a prompt, exactly as it is sent."""

    role: PartRole
    text: str
    message_id: MessageId | None = None
    """The thread's message it shows, where it shows one."""


@dataclass(frozen=True, slots=True)
class View:
    """What an agent is given for one turn: complete, and under its token cap."""

    turn_id: TurnId
    thread_id: ThreadId
    persona: Persona
    purpose: Purpose
    parts: tuple[Part, ...]
    prompt_tokens: int
    """Estimate, for reserving and for the context check."""
    model: str = ""
    """The model to ask; set from the route."""
    max_output: int = 4_000
    temperature: float | None = None
    schema: Mapping[str, object] | None = None
    timeout_s: float | None = None
    """Total deadline of the call in seconds; None: the transport's default."""
    left_out: int = 0
    """Messages of the thread that did not fit."""
    attachments: tuple[str, ...] = ()
    """Hashes of the files shown."""
    asked: str = ""
    """The text that it answers, as its author wrote it: what the router looks at."""


@dataclass(frozen=True, slots=True)
class SentRecord:
    """The record of what was sent for a turn; `turn show` prints it."""

    parts: tuple[Part, ...]
    persona: str
    """Name of the persona."""
    persona_version: str
    attachments: tuple[str, ...]
    left_out: int
    max_output: int
    temperature: float | None
    schema: Mapping[str, object] | None = None


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "content_filter"
    REFUSAL = "refusal"
    TOOL = "tool_calls"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered, cleaned and counted."""

    text: str
    model: str
    """The model that answered, which may differ from the one asked for."""
    usage: Usage
    finish: FinishReason
    latency_s: float
    """From sending to the closing event."""
    first_token_s: float | None = None
    """From sending to the first visible token; None when not streamed."""
    request_id: str | None = None
    tries: int = 1
    """Requests that were needed; the first ones cannot have cost anything."""
    declined: int = 0
    """How many of those the provider declined: a rate limit, or overload."""
    limits: RateLimits | None = None
    """What its headers said of rate limits."""
    tool_calls: tuple[Mapping[str, object], ...] = ()
    """Carried through as data; agents here call none."""
    notes: tuple[str, ...] = ()
    """What the person should know: another model answered, a parameter was refused, ..."""


class CallState(StrEnum):
    """What is known about a call."""

    INTENT = "intent"
    DONE = "done"
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


GIVEN_UP = "given up"
"""How the error of a call begins that was stopped since the one beside it goes on."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider, made for a turn; failover and hedging make several."""

    id: CallId
    turn_id: TurnId
    n: int
    """1, 2, ... within the turn."""
    provider: str
    model: str
    started_at: int
    """UTC microseconds."""
    request_hash: str
    """SHA-256 of the parts, model and limits that were sent."""
    price: Price | None
    """Snapshot at reservation."""
    reserved: int | None = None
    """Micro-dollars held for it; None where the price is unknown."""
    state: CallState = CallState.INTENT
    tries: int = 1
    served_model: str | None = None
    usage: Usage | None = None
    status: int | None = None
    error: str = ""
    first_token_s: float | None = None
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """All that the journal knows of a turn, for `turn show`."""

    turn: Turn
    sent: SentRecord | None
    calls: tuple[Call, ...] = ()
    reply: str = ""
    """The text that came back: its message, its ballot, or the partial text."""
    message_id: MessageId | None = None
