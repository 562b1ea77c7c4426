"""One call of a turn: what is about to be made, and what is known once it has ended.

A failed call costs nothing (NOT_SENT, REJECTED), what its text is worth, or an unknown amount that
keeps counting: STORAGE, table "outcome of a call".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from hub.domain.limits import RateLimits
from hub.domain.query import CallFact
from hub.domain.route import Route, RouteRequest
from hub.domain.turn import Call, CallState, Reply, SentRecord, Turn, View
from hub.domain.usage import Hold, HoldState, Usage
from hub.errors import GitBridgeError, ProviderError, SendOutcome
from hub.ledger.tokens import estimate_tokens


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call about to be made: where it goes, what it may cost, what it sends."""

    route: Route
    call: Call
    holds: tuple[Hold, ...]
    view: View
    request: RouteRequest
    """What the router was asked."""
    warning: str | None = None
    """What the person should know before it is made: a default cap that it may pass."""

    @property
    def tokens(self) -> int:
        """Tokens that it should take, prompt and answer together."""
        return self.view.prompt_tokens + (self.route.chosen.output_tokens or 0)


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended, and what it has cost as far as anyone can know."""

    attempt: Attempt
    call: Call
    holds: HoldState
    """What becomes of the money that it held."""
    usage: Usage | None = None
    """What to book; None: nothing."""


def answered(attempt: Attempt, reply: Reply, at: int) -> CallEnd:
    """Return the end of a call that was answered: it is paid for, whatever becomes of the text."""
    call = replace(
        attempt.call,
        state=CallState.DONE,
        tries=reply.tries,
        served_model=reply.model,
        usage=reply.usage,
        first_token_s=reply.first_token_s,
        ended_at=at,
    )
    return CallEnd(attempt, call, HoldState.SETTLED, reply.usage)


def broken(attempt: Attempt, error: ProviderError, partial: str, at: int) -> CallEnd:
    """Return the end of a call that its provider's error ended.

    What the provider counted is booked, else text that had arrived at its estimate. An unknown
    outcome without either stays unsettled.
    """
    call = replace(
        attempt.call,
        state=CallState(error.outcome.value),
        tries=error.tries,
        status=error.status,
        error=str(error),
        ended_at=at,
    )
    usage = Usage(*error.spent) if error.spent else None
    if not error.maybe_billed:
        return CallEnd(attempt, call, HoldState.RELEASED)
    if usage is None and not partial:
        return CallEnd(attempt, call, HoldState.UNSETTLED)
    usage = usage or _estimated(attempt, partial)
    return CallEnd(attempt, replace(call, usage=usage), HoldState.SETTLED, usage)


def stopped(
    attempt: Attempt, error: GitBridgeError, partial: str, at: int, *, sent: bool
) -> CallEnd:
    """Return the end of a call that we gave up: booked at its estimate if it may have been sent."""
    if not sent:
        call = replace(attempt.call, state=CallState.NOT_SENT, error=str(error), ended_at=at)
        return CallEnd(attempt, call, HoldState.RELEASED)
    usage = _estimated(attempt, partial)
    if attempt.route.deployment.whole:
        usage = replace(usage, completion_tokens=attempt.route.chosen.output_tokens or 0)
    call = replace(attempt.call, state=CallState.UNKNOWN, error=str(error), ended_at=at)
    return CallEnd(attempt, replace(call, usage=usage), HoldState.SETTLED, usage)


def _estimated(attempt: Attempt, partial: str) -> Usage:
    written = estimate_tokens(partial) if partial else 0
    return Usage(attempt.view.prompt_tokens, written, estimated=True)


def fact(
    attempt: Attempt, turn: Turn, at: int, reply: Reply | None, error: ProviderError | None
) -> CallFact:
    """Return what the router learns from a call."""
    return CallFact(
        deployment=attempt.route.deployment.id,
        ok=reply is not None,
        ended_at=at,
        first_token_s=reply.first_token_s if reply else None,
        latency_s=reply.latency_s if reply else (at - attempt.call.started_at) / 1e6,
        prompt_tokens=reply.usage.prompt_tokens if reply else 0,
        completion_tokens=reply.usage.completion_tokens if reply else 0,
        error=str(error) if error else "",
        purpose=turn.order.purpose,
        estimate=attempt.tokens,
        tokens=_tokens(reply, error),
        tries=_reached(reply, error),
        declined=reply.declined if reply else 0,
        limits=reply.limits if reply else _limits(error),
    )


def overtaken(attempt: Attempt, turn: Turn, at: int) -> CallFact:
    """Return what the router learns from a call that was stopped for another one: its slowness."""
    return replace(fact(attempt, turn, at, None, None), overtaken=True)


def _reached(reply: Reply | None, error: ProviderError | None) -> int:
    """Return how many requests reached the provider, as far as anybody knows."""
    if reply is not None or error is None:
        return reply.tries if reply else 1
    return 0 if error.outcome is SendOutcome.NOT_SENT else error.tries


def _tokens(reply: Reply | None, error: ProviderError | None) -> int | None:
    """Return the tokens that count against the provider's limits; None: nobody knows."""
    usage = reply.usage if reply else Usage(*error.spent) if error and error.spent else None
    if usage is not None:
        return usage.prompt_tokens + usage.completion_tokens
    return 0 if error and not error.maybe_billed else None


def _limits(error: ProviderError | None) -> RateLimits | None:
    return RateLimits(*error.limits) if error and error.limits else None


def sent_record(view: View) -> SentRecord:
    """Return the record of what a view sends."""
    return SentRecord(
        parts=view.parts,
        persona=view.persona.name,
        persona_version=view.persona.version,
        attachments=view.attachments,
        left_out=view.left_out,
        max_output=view.max_output,
        temperature=view.temperature,
        schema=view.schema,
    )


def request_hash(view: View) -> str:
    """Return the SHA-256 of what is sent, so that a record can be checked against it."""
    pieces = [view.model, str(view.max_output), str(view.temperature)]
    pieces += [f"{part.role}\0{part.text}" for part in view.parts]
    return hashlib.sha256("\0\0".join(pieces).encode()).hexdigest()
