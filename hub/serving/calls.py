"""What a turn's calls are planned as: where each goes, what it sends, what is held for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from hub.bus import Bus
from hub.domain.agent import Deployment, Persona
from hub.domain.event import Notice
from hub.domain.ids import CallId, TurnId, new_id
from hub.domain.query import Budgets, ReadingFor, TurnRecordByRef
from hub.domain.route import HEDGE, Pacing, Route, RouteRequest
from hub.domain.thread import Message
from hub.domain.turn import Call, CallState, Purpose, Reply, Turn, View
from hub.domain.usage import Budget, Hold, HoldState
from hub.engine.slots import Slots
from hub.errors import BudgetRefusedError, ProviderError, RoutingError, TurnError
from hub.ledger.budget import Ledger
from hub.ledger.purse import HeldBackError, Purse
from hub.ledger.tokens import estimate_tokens
from hub.ports import Agent, Clock, Store, TurnEngine
from hub.router.choose import FORCED
from hub.router.filters import OVER_BUDGET
from hub.router.router import SmartRouter
from hub.router.strategies import ADAPTIVE
from hub.serving import attempts
from hub.serving.attempts import Attempt, CallEnd, request_hash
from hub.serving.outages import Outages
from hub.serving.pacing import Pace
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
    pace: Pace
    seats: dict[tuple[str, Purpose, int], dict[TurnId, str]] = field(default_factory=dict)
    """Family that serves each turn, by question, purpose and round: one committee, two families."""
    warned: set[str] = field(default_factory=set)
    """Questions whose person knows already that a default cap was passed."""
    purse: Purse = field(default_factory=Purse)
    outages: Outages = field(default_factory=Outages)
    slots: Slots = field(default_factory=Slots)
    """The engine's places, which waiting turns lend to others."""
    give_up: Callable[[], None] = lambda: None
    """Lets what waits for a journal that cannot be written fail after one more try."""


async def lost_before(parts: Parts, turn: Turn) -> bool:
    """Tell whether an earlier run of the turn lost a call: it is sent once more, and no oftener."""
    if not turn.fence:
        return False
    record = await parts.store.read(TurnRecordByRef(turn.id))
    return any(call.state is CallState.UNKNOWN for call in record.calls)


async def view_of(parts: Parts, turn: Turn, unposted: Message | None = None) -> View:
    """Read what the agent may read, and build what it is sent.

    Args:
        parts: What turns work with.
        turn: Whose view it is.
        unposted: The question that it answers, where that is to be posted together with it.
    """
    order = turn.order
    before = None if order.up_to_seq is None else order.up_to_seq + 1
    reading = await parts.store.read(ReadingFor(turn.thread_id, before, PAGE))
    messages, texts = reading.messages, reading.texts
    if unposted is not None:
        messages += (unposted.numbered(messages[-1].seq + 1 if messages else 1),)
        texts += tuple(file for file in unposted.attachments if file.text)
    persona = parts.personas.get(order.agent)
    if persona is None:
        raise TurnError(f"No agent named {order.agent!r} is configured any more; add it again.")
    rooms = [
        d.window - d.max_output
        for d in parts.deployments
        if (not persona.deployments or {d.id, d.provider} & set(persona.deployments))
        and order.provider in (None, d.provider)
        and order.model in (None, d.model, d.id)
    ]
    view = build_view(
        turn,
        persona,
        messages,
        count=estimate_tokens,
        cap=min(CAP, max(rooms, default=CAP)),
        pinned=reading.pinned,
        texts=texts,
        imported=reading.imported,
    )
    asked = next((m.body for m in messages if m.id == order.prompt_to), "")
    return replace(view, timeout_s=order.timeout_s, asked=asked)


async def plan(
    parts: Parts,
    turn: Turn,
    view: View,
    *,
    after: tuple[CallEnd, ...] = (),
    failed: tuple[tuple[str, str], ...] = (),
) -> Attempt:
    """Choose a deployment for the turn's next call and work out what to hold for it.

    Args:
        after: The calls of this turn that ended just before it; what they held is free again.
        failed: Deployments that failed in this turn already, with the reason.

    Raises:
        RoutingError: No deployment is left.
        BudgetRefusedError: A cap affords not even a short answer; `HeldBackError` where it would,
            were it not for what other turns hold.
    """
    order = turn.order
    budgets = await _budgets(parts, turn, after)
    seats = parts.seats.setdefault(_round(turn), {})
    taken = tuple(family for seated, family in seats.items() if seated != turn.id)
    request = RouteRequest(
        turn_id=turn.id,
        agent=order.agent,
        purpose=order.purpose,
        prompt_tokens=view.prompt_tokens,
        max_output=order.max_output or LONGEST_ANSWER,
        allowed=view.persona.deployments,
        strategy=order.strategy,
        provider=order.provider,
        model=order.model,
        seated=taken if order.committee else (),
        committee=order.committee,
        excluded=failed,
        text=view.asked,
        pacing=await _pacing(parts, turn, budgets),
    )
    try:
        choice = _choose(parts, turn, request, budgets)
    except BudgetRefusedError as refused:
        if not parts.purse.held_beside(turn.id):
            raise
        _choose(parts, turn, request, {id_: replace(b, reserved=0) for id_, b in budgets.items()})
        raise HeldBackError(str(refused)) from None
    take_seat(parts, turn, choice.route.deployment.family)
    attempt = _attempt(parts, turn, view, request, choice, _last(after))
    if order.question_id in parts.warned:
        return attempt
    return replace(attempt, warning=parts.ledger.warning(turn, budgets, choice.holds))


async def again(parts: Parts, turn: Turn, view: View, after: tuple[CallEnd, ...]) -> Attempt:
    """Return another call of the turn on the route that stands.

    Raises:
        BudgetRefusedError: A cap affords not even a short answer.
    """
    budgets = await _budgets(parts, turn, after)
    limit = turn.order.max_output or LONGEST_ANSWER
    before = after[0].attempt
    choice = _afforded(parts, turn, _alone(before.route), view.prompt_tokens, limit, budgets)
    return _attempt(parts, turn, view, before.request, choice, _last(after))


def _alone(route: Route) -> Route:
    """Return the route of a call that follows: beside nothing, also where that of a hedge stands."""
    if route.strategy != HEDGE:
        return route
    again = f"{route.deployment.id}, which was asked beside another one, is asked once more alone."
    return replace(route, strategy=FORCED, reason=again)


async def beside(
    parts: Parts, turn: Turn, first: Attempt, route: Route, waited_s: float
) -> Attempt:
    """Return a second call of the turn, for the same answer as its first, which is under way.

    Args:
        first: The call that is late.
        route: Where the second one goes.
        waited_s: Seconds for which the first has said nothing: they count on its deadline.

    Raises:
        BudgetRefusedError: A cap does not pay for it beside the first, in full length.
    """
    view, budgets = first.view, await _budgets(parts, turn)
    limit = min(view.max_output, route.deployment.max_output)
    choice = _afforded(parts, turn, route, view.prompt_tokens, limit, budgets)
    if choice.output < limit:
        raise BudgetRefusedError("A second call would have to be cut short.")
    if view.timeout_s is not None:
        view = replace(view, timeout_s=max(0.0, view.timeout_s - waited_s))
    second = _attempt(parts, turn, view, first.request, choice, first.call.n)
    return replace(second, warning=parts.ledger.warning(turn, budgets, choice.holds))


def give_back(parts: Parts, turn: Turn, attempt: Attempt) -> None:
    """Undo what `plan` took for a call that is not made after all: its seat and its place."""
    leave_seat(parts, turn)
    released(parts, attempt, sent=False)


def released(parts: Parts, attempt: Attempt, *, sent: bool) -> None:
    """Give back the place of a call that ended without a word of its provider."""
    parts.router.released(attempt.route.deployment.id, 0 if sent else attempt.tokens)


def observed(
    parts: Parts,
    turn: Turn,
    attempt: Attempt,
    reply: Reply | None = None,
    error: ProviderError | None = None,
) -> None:
    """Tell the router how a call went, and the person where its provider is not asked from now on."""
    fact = attempts.fact(attempt, turn, parts.clock.now(), reply, error)
    if refusal := parts.router.observe(fact, error):
        text = f"{attempt.call.provider} is not asked for now: {refusal}."
        parts.bus.publish(Notice(text, severity="warning"))


def take_seat(parts: Parts, turn: Turn, family: str) -> None:
    """Note which model family serves a turn, so that others of its committee come from others."""
    parts.seats.setdefault(_round(turn), {})[turn.id] = family


def leave_seat(parts: Parts, turn: Turn) -> None:
    """Free the seat of a turn that has no result: its family took no part."""
    parts.seats.get(_round(turn), {}).pop(turn.id, None)


def forget(parts: Parts, question_id: str) -> None:
    """Drop what was remembered of a question that is over."""
    for key in [key for key in parts.seats if key[0] == question_id]:
        del parts.seats[key]
    parts.warned.discard(question_id)


def _round(turn: Turn) -> tuple[str, Purpose, int]:
    return (turn.order.question_id or turn.id, turn.order.purpose, turn.order.round)


async def rehearse(parts: Parts, turn: Turn, request: RouteRequest, beside: int = 0) -> Route:
    """Return the route that a turn would take now; nothing is held, sent or remembered.

    Args:
        beside: Micro-dollars that turns made side by side with it are expected to take.

    Raises:
        RoutingError: No deployment could serve it.
        BudgetRefusedError: A cap affords not even a short answer.
    """
    budgets = parts.ledger.taken(turn, await _budgets(parts, turn), beside)
    request = replace(request, pacing=await _pacing(parts, turn, budgets))
    return _choose(parts, turn, request, budgets).route


async def may_refuse(parts: Parts, turn: Turn) -> bool:
    """Tell whether any cap that a turn counts against refuses what passes it."""
    providers = {deployment.provider for deployment in parts.deployments}
    return parts.ledger.may_refuse(turn, await _budgets(parts, turn), providers)


def warn(parts: Parts, turn: Turn, attempt: Attempt) -> None:
    """Tell once that a question has passed a default cap, and of each deployment without a price."""
    question, deployment = turn.order.question_id, attempt.route.deployment
    if deployment.bound is None and deployment.id not in parts.warned:
        parts.warned.add(deployment.id)
        parts.bus.publish(Notice(parts.ledger.unpriced(deployment), turn.thread_id, "warning"))
    if attempt.warning and question not in parts.warned:
        parts.warned.add(question)
        parts.bus.publish(Notice(attempt.warning, turn.thread_id, "warning"))


async def _budgets(
    parts: Parts, turn: Turn, after: tuple[CallEnd, ...] = ()
) -> Mapping[str, Budget]:
    """Return what counts against the turn's budgets, every provider's own included.

    What the calls before held counts no more, unless nobody knows what they have cost.
    """
    paid_ones = {deployment.provider for deployment in parts.deployments}
    budgets = await parts.store.read(Budgets(parts.ledger.budget_ids(turn, paid_ones)))
    for end in after:
        budgets = _freed(parts, turn, budgets, end)
    return budgets


def _freed(
    parts: Parts, turn: Turn, budgets: Mapping[str, Budget], end: CallEnd
) -> Mapping[str, Budget]:
    """Return the budgets as they are once the end of a call is written."""
    if end.holds is HoldState.UNSETTLED:
        return budgets
    cost = end.usage and parts.ledger.booking(turn, end.call, end.usage).cost.total
    free = {hold.budget: hold.amount for hold in end.attempt.holds}
    return {
        id_: replace(b, spent=b.spent + (cost or 0), reserved=b.reserved - free[id_])
        if id_ in free
        else b
        for id_, b in budgets.items()
    }


async def _pacing(parts: Parts, turn: Turn, budgets: Mapping[str, Budget]) -> Pacing | None:
    """Return the pace of the turn's budgets, for the one strategy that goes by it."""
    strategy = turn.order.strategy or parts.router.strategy
    return await parts.pace.of(turn, budgets) if strategy == ADAPTIVE else None


@dataclass(frozen=True, slots=True)
class _Choice:
    """A route, the output that the budgets afford on it, and what to hold for that."""

    route: Route
    output: int
    holds: tuple[Hold, ...]


def _choose(
    parts: Parts, turn: Turn, request: RouteRequest, budgets: Mapping[str, Budget]
) -> _Choice:
    """Choose, passing over deployments whose provider's own cap pays for no answer."""
    request = replace(
        request,
        headroom=parts.ledger.headroom(turn, budgets),
        advice=parts.ledger.advice(turn, budgets),
    )
    first_refusal: BudgetRefusedError | None = None
    while True:
        try:
            route = parts.router.choose(request)
        except (BudgetRefusedError, RoutingError) as nobody_left:
            raise first_refusal or nobody_left from None
        try:
            prompt, limit = request.prompt_tokens, request.max_output
            return _afforded(parts, turn, route, prompt, limit, budgets)
        except BudgetRefusedError as refused:
            first_refusal = first_refusal or refused
            passed = (*request.excluded, (route.deployment.id, OVER_BUDGET))
            request = replace(request, excluded=passed)


def _afforded(
    parts: Parts,
    turn: Turn,
    route: Route,
    prompt: int,
    limit: int,
    budgets: Mapping[str, Budget],
) -> _Choice:
    limit = min(limit, route.deployment.max_output)
    return _Choice(route, *parts.ledger.reserve(turn, route.deployment, prompt, limit, budgets))


def _attempt(
    parts: Parts,
    turn: Turn,
    view: View,
    request: RouteRequest,
    choice: _Choice,
    last: int,
) -> Attempt:
    deployment = choice.route.deployment
    view = replace(view, model=deployment.model, max_output=choice.output)
    call = Call(
        id=CallId(new_id()),
        turn_id=turn.id,
        n=last + 1,
        provider=deployment.provider,
        model=deployment.model,
        started_at=parts.clock.now(),
        request_hash=request_hash(view),
        price=deployment.bound,
        reserved=choice.holds[0].amount if choice.holds and deployment.bound else None,
    )
    attempt = Attempt(choice.route, call, choice.holds, view, request)
    parts.router.started(deployment.id, turn.id, attempt.tokens)
    parts.pace.called()
    return attempt


def _last(ended: tuple[CallEnd, ...]) -> int:
    """Return the number of a turn's last call so far."""
    return max((end.call.n for end in ended), default=0)
