"""What a turn's calls are planned as, and what is known once they ended.

A failed call costs nothing (NOT_SENT, REJECTED), what its visible text is worth, or an unknown
amount that keeps counting: STORAGE, table "outcome of a call".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hub.bus import Bus
from hub.domain.agent import Deployment, Persona
from hub.domain.event import Notice
from hub.domain.ids import CallId, new_id
from hub.domain.query import AttachmentTexts, Budgets, CallFact, Messages, PinnedMessages
from hub.domain.route import Route, RouteRequest
from hub.domain.turn import Call, CallState, Purpose, Reply, SentRecord, Turn, View
from hub.domain.usage import Budget, Hold, HoldState, Usage
from hub.errors import ProviderError, SendOutcome
from hub.ledger.budget import Ledger
from hub.ledger.tokens import estimate_tokens
from hub.ports import Agent, Clock, Store, TurnEngine
from hub.router.router import SmartRouter
from hub.views import CAP, build_view

PAGE = 200
"""Newest messages that a view is chosen from."""
LONGEST_ANSWER = 4_000
"""Output tokens asked for where neither turn nor deployment says less (seed: max_tokens 4000)."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What turns work with; joined once, in `ui/wiring.py`."""

    store: Store
    engine: TurnEngine
    router: SmartRouter
    ledger: Ledger
    agents: Mapping[str, Agent]
    """By provider."""
    deployments: tuple[Deployment, ...]
    personas: Mapping[str, Persona]
    bus: Bus
    clock: Clock
    seats: dict[tuple[str, Purpose, int], list[str]] = field(default_factory=dict)
    """Model families chosen so far, by question, purpose and round: one committee, two families."""
    warned: set[str] = field(default_factory=set)
    """Questions whose person knows already that a default cap was passed."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call about to be made: where it goes, what it may cost, what it sends."""

    route: Route
    call: Call
    holds: tuple[Hold, ...]
    view: View


async def view_of(parts: Parts, turn: Turn) -> View:
    """Read what the agent may read, and build what it is sent."""
    store, order = parts.store, turn.order
    before = None if order.up_to_seq is None else order.up_to_seq + 1
    messages = await store.read(Messages(turn.thread_id, before=before, limit=PAGE))
    pinned = await store.read(PinnedMessages(turn.thread_id))
    hashes = tuple({a.hash for m in messages for a in m.attachments})
    texts = await store.read(AttachmentTexts(hashes)) if hashes else {}
    persona = parts.personas[order.agent]
    rooms = [
        d.window - d.max_output
        for d in parts.deployments
        if (not persona.deployments or {d.id, d.provider} & set(persona.deployments))
        and order.provider in (None, d.provider)
    ]
    view = build_view(
        turn,
        persona,
        messages,
        count=estimate_tokens,
        cap=min(CAP, max(rooms, default=CAP)),
        pinned=pinned,
        texts=texts.values(),
    )
    return replace(view, timeout_s=order.timeout_s)


async def plan(
    parts: Parts,
    turn: Turn,
    view: View,
    *,
    after: Attempt | None = None,
    failed: tuple[tuple[str, str], ...] = (),
) -> Attempt:
    """Choose a deployment for the turn's next call and work out what to hold for it.

    Args:
        after: The call that failed before it in this turn; it gives its seat back.
        failed: Deployments that failed in this turn already, with the reason.

    Raises:
        RoutingError: No deployment is left.
        BudgetRefusedError: A cap affords not even a short answer.
    """
    order = turn.order
    budgets = await _budgets(parts, turn)
    seats = parts.seats.setdefault(_seat(turn), [])
    taken = list(seats)
    if after is not None:
        taken.remove(after.route.deployment.family)
    limit = order.max_output or LONGEST_ANSWER
    request = RouteRequest(
        turn_id=turn.id,
        agent=order.agent,
        purpose=order.purpose,
        prompt_tokens=view.prompt_tokens,
        max_output=limit,
        allowed=view.persona.deployments,
        strategy=order.strategy,
        provider=order.provider,
        model=order.model,
        needs_schema=view.schema is not None,
        seated=tuple(taken) if order.committee else (),
        headroom=parts.ledger.headroom(turn, budgets),
        excluded=failed,
    )
    route = parts.router.choose(request)
    n = after.call.n + 1 if after else 1
    attempt = _attempt(parts, turn, route, view, n, limit, budgets)
    seats[:] = [*taken, route.deployment.family]
    return attempt


def give_back(parts: Parts, turn: Turn, attempt: Attempt) -> None:
    """Undo what `plan` took for a call that is not made after all: its seat and its place."""
    parts.seats[_seat(turn)].remove(attempt.route.deployment.family)
    parts.router.released(attempt.route.deployment.id)


def _seat(turn: Turn) -> tuple[str, Purpose, int]:
    return (turn.order.question_id or turn.id, turn.order.purpose, turn.order.round)


async def again(parts: Parts, turn: Turn, attempt: Attempt, view: View) -> Attempt:
    """Return another call of the turn on the route that stands.

    Raises:
        BudgetRefusedError: A cap affords not even a short answer.
    """
    budgets = await _budgets(parts, turn)
    n, limit = attempt.call.n + 1, attempt.view.max_output
    return _attempt(parts, turn, attempt.route, view, n, limit, budgets)


async def warn(parts: Parts, turn: Turn) -> None:
    """Tell once a question that it has passed a default cap, which refuses nothing."""
    question = turn.order.question_id
    if question in parts.warned:
        return
    if warning := parts.ledger.warning(turn, await _budgets(parts, turn)):
        parts.warned.add(question)
        parts.bus.publish(Notice(warning, turn.thread_id, "warning"))


async def _budgets(parts: Parts, turn: Turn) -> Mapping[str, Budget]:
    """Return what counts against the turn's budgets now, every provider's own included."""
    paid = {deployment.provider for deployment in parts.deployments}
    ids = {scope.id for provider in paid for scope in parts.ledger.scopes(turn, provider)}
    return await parts.store.read(Budgets(tuple(sorted(ids))))


def _attempt(
    parts: Parts,
    turn: Turn,
    route: Route,
    view: View,
    n: int,
    limit: int,
    budgets: Mapping[str, Budget],
) -> Attempt:
    deployment = route.deployment
    limit = min(limit, deployment.max_output)
    output, holds = parts.ledger.reserve(turn, deployment, view.prompt_tokens, limit, budgets)
    view = replace(view, model=deployment.model, max_output=output)
    call = Call(
        id=CallId(new_id()),
        turn_id=turn.id,
        n=n,
        provider=deployment.provider,
        model=deployment.model,
        started_at=parts.clock.now(),
        request_hash=request_hash(view),
        price=deployment.price,
        reserved=holds[0].amount if holds and deployment.price else None,
    )
    parts.router.started(deployment.id)
    return Attempt(route, call, holds, view)


def answered(attempt: Attempt, reply: Reply, at: int) -> Call:
    """Return the attempt's call as a reply ended it."""
    return replace(
        attempt.call,
        state=CallState.DONE,
        tries=reply.tries,
        served_model=reply.model,
        usage=reply.usage,
        first_token_s=reply.first_token_s,
        ended_at=at,
    )


def broken(attempt: Attempt, error: ProviderError, at: int) -> Call:
    """Return the attempt's call as a provider's error ended it."""
    return replace(
        attempt.call,
        state=CallState(error.outcome.value),
        tries=error.tries,
        status=error.status,
        error=str(error),
        ended_at=at,
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """What a call without a usable result has cost, as far as anyone can know."""

    call: Call
    holds: HoldState
    usage: Usage | None = None
    """What to book; None: nothing."""


def loss(attempt: Attempt, error: Exception, partial: str, at: int) -> Loss:
    """Return the end of a call that a provider's error, or whoever stopped it, ended.

    Text that had arrived is booked at its estimate, and so is a call that was stopped: it was
    sent, as far as we know. An unknown outcome without text stays unsettled.
    """
    usage = Usage(attempt.view.prompt_tokens, _tokens(partial), estimated=True)
    if not isinstance(error, ProviderError):
        call = replace(attempt.call, state=CallState.UNKNOWN, error=str(error), ended_at=at)
        return Loss(replace(call, usage=usage), HoldState.SETTLED, usage)
    call = broken(attempt, error, at)
    if error.spent is not None:
        counted = Usage(*error.spent)
        return Loss(replace(call, usage=counted), HoldState.SETTLED, counted)
    if error.outcome is not SendOutcome.UNKNOWN:
        return Loss(call, HoldState.RELEASED)
    if not partial:
        return Loss(call, HoldState.UNSETTLED)
    return Loss(replace(call, usage=usage), HoldState.SETTLED, usage)


def wasted(attempt: Attempt, reply: Reply, at: int) -> Loss:
    """Return the end of a call that was answered and paid for, but not with what was asked."""
    return Loss(answered(attempt, reply, at), HoldState.SETTLED, reply.usage)


def _tokens(text: str) -> int:
    return estimate_tokens(text) if text else 0


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
    )


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
