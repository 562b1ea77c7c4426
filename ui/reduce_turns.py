"""What events do to turns and to the agents that make them; a part of `ui.reducer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hub.domain.decision import Decision
from hub.domain.event import Delta
from hub.domain.ids import ThreadId, TurnId
from hub.domain.route import Route
from hub.domain.thread import Message
from hub.domain.transcript import TurnSummary
from hub.domain.turn import Purpose, Turn, TurnState
from hub.domain.usage import Booking
from ui.facts import TurnsRead
from ui.view import COSTS_KEPT, AgentView, EndedTurn, TurnView, View


def turn_changed(view: View, turn: Turn) -> View:
    """Follow a turn through its states; an ended one stays ended."""
    known = view.live.get(turn.id) or view.turns.get(turn.id)
    if known is not None and known.state.ended:
        return view
    now = _from_turn(turn, known)
    if not turn.state.ended:
        return agent_noted(_live(view, now), now)
    now = replace(now, latency_s=_latency_s(turn), error=turn.error or now.error)
    awaits_message = now.state is TurnState.DONE and now.purpose is not Purpose.BALLOT
    if awaits_message and known is not None:
        return agent_noted(_live(view, now), now)
    return _ended(view, now)


def turn_failed(view: View, turn: Turn, error: str) -> View:
    """Show why a turn ended without a result."""
    known = view.live.get(turn.id) or view.turns.get(turn.id)
    state = turn.state if turn.state.ended else TurnState.FAILED
    now = replace(_from_turn(turn, known), state=state, error=error, latency_s=_latency_s(turn))
    return _ended(view, now)


def message_ends_turn(view: View, message: Message) -> View:
    """A posted message takes the place of its turn's live row."""
    turn = view.live.get(message.turn_id) if message.turn_id else None
    if turn is None:
        return view
    done = replace(turn, state=TurnState.DONE, text="", since=message.created_at)
    if done.latency_s is None and turn.since:
        done = replace(done, latency_s=max(0, message.created_at - turn.since) / 1e6)
    return _ended(view, done)


def turn_routed(view: View, thread_id: ThreadId, route: Route) -> View:
    """Show which deployment serves a turn."""
    known = view.live.get(route.turn_id)
    if known is None:
        return view
    now = replace(known, provider=route.deployment.provider, model=route.deployment.model)
    view = _live(view, now)
    return agent_noted(view, now) if thread_id == view.thread_id else view


def turn_wrote(view: View, delta: Delta) -> View:
    """Add text to a running turn; a turn never heard of began before we listened."""
    if delta.turn_id in view.turns:
        return view
    known = view.live.get(delta.turn_id) or TurnView(
        delta.turn_id, delta.thread_id, delta.agent, TurnState.RUNNING
    )
    now = replace(known, text=known.text + delta.text)
    view = _live(view, now)
    return view if known.text and known.id in view.live else agent_noted(view, now)


def usage_booked(view: View, booking: Booking) -> View:
    """Put a call's cost on its turn: the newest one of that agent in that thread."""
    cost = booking.cost.total
    if booking.thread_id == view.thread_id:
        view = replace(view, costs=(*view.costs, cost)[-COSTS_KEPT:])
    for place, turns in (("live", view.live), ("turns", view.turns)):
        turn = _newest(turns, booking)
        if turn is not None:
            total = _sum(turn.cost, cost) if turn.booked else cost
            now = replace(turn, booked=True, cost=total, model=booking.model)
            changed = {**turns, turn.id: now}
            return replace(view, live=changed) if place == "live" else replace(view, turns=changed)
    return view


def turns_read(view: View, fact: TurnsRead) -> View:
    """Take over what the journal knows; what has been seen live since is newer."""
    if fact.thread_id != view.thread_id:
        return view
    read = {i: _from_summary(s, fact.thread_id) for i, s in fact.turns.items() if s.state.ended}
    spent = tuple(s.cost for s in fact.turns.values() if s.state.ended and s.provider)
    routes = [s.route for s in fact.turns.values() if s.route is not None]
    view = replace(
        view,
        turns={**read, **view.turns},
        live={i: t for i, t in view.live.items() if i not in read},
        costs=view.costs or spent[-COSTS_KEPT:],
        route=view.route or (routes[-1] if routes else None),
        decision=_newer(view.decision, fact.decision),
    )
    served = {turn.agent: turn.provider for turn in view.turns.values() if turn.provider}
    agents = tuple(replace(a, provider=a.provider or served.get(a.name)) for a in view.agents)
    return replace(view, agents=agents)


def agent_noted(view: View, turn: TurnView) -> View:
    """Show in the agents' list what a turn of the open thread means for its agent."""
    if turn.thread_id != view.thread_id:
        return view
    known = next((a for a in view.agents if a.name == turn.agent), None)
    before = known or AgentView(turn.agent)
    now = replace(
        before,
        phase=turn.phase,
        since=turn.since,
        provider=turn.provider or before.provider,
        detail=turn.error,
    )
    if known is None:
        return replace(view, agents=(*view.agents, now))
    return replace(view, agents=tuple(now if a is known else a for a in view.agents))


def _newer(shown: Decision | None, read: Decision | None) -> Decision | None:
    """Return the decision that knows more: a later one, or the same one closed."""
    if shown is None or read is None:
        return shown or read
    if read.id == shown.id:
        return shown if shown.closed_at is not None else read
    return read if read.opened_at > shown.opened_at else shown


def _live(view: View, turn: TurnView) -> View:
    return replace(view, live={**view.live, turn.id: turn})


def _ended(view: View, turn: TurnView) -> View:
    """Take a turn out of the live ones; without a message it keeps a row of its own."""
    view = replace(view, live={i: t for i, t in view.live.items() if i != turn.id})
    if turn.thread_id != view.thread_id:
        return view
    first = turn.id not in view.turns
    view = replace(view, turns={**view.turns, turn.id: turn})
    if first and turn.state is not TurnState.DONE:
        view = replace(view, rows=(*view.rows, EndedTurn(turn.id)))
    return agent_noted(view, turn)


def _from_turn(turn: Turn, known: TurnView | None) -> TurnView:
    since = turn.ended_at or turn.started_at or turn.queued_at
    base = known or TurnView(turn.id, turn.thread_id, turn.order.agent, turn.state)
    return replace(
        base,
        state=turn.state,
        purpose=turn.order.purpose,
        since=since,
        reply_to=turn.order.prompt_to,
        text=base.text or turn.partial,
        error=turn.error,
    )


def _from_summary(summary: TurnSummary, thread_id: ThreadId) -> TurnView:
    return TurnView(
        summary.id,
        thread_id,
        summary.agent,
        summary.state,
        provider=summary.provider,
        model=summary.model,
        booked=summary.provider is not None,
        cost=summary.cost,
        latency_s=summary.latency_s,
        error=summary.error,
    )


def _latency_s(turn: Turn) -> float | None:
    if turn.ended_at is None or turn.started_at is None:
        return None
    return max(0, turn.ended_at - turn.started_at) / 1e6


def _newest(turns: Mapping[TurnId, TurnView], booking: Booking) -> TurnView | None:
    return next(
        (
            turn
            for turn in reversed(tuple(turns.values()))
            if turn.agent == booking.agent
            and turn.thread_id == booking.thread_id
            and turn.state is not TurnState.QUEUED
        ),
        None,
    )


def _sum(before: int | None, more: int | None) -> int | None:
    return None if before is None or more is None else before + more
