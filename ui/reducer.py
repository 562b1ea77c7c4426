"""From what happened to what is shown: `reduce(view, event) -> view`, pure and total.

Whatever order or batches events come in, the end is the same: committed messages are numbered, so
one seen twice changes nothing and a gap marks the view stale until it is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch

from hub.domain.event import (
    BallotCast,
    BallotMissing,
    DecisionClosed,
    DecisionOpened,
    Delta,
    Event,
    HealthChecked,
    HedgeEnded,
    HedgeSent,
    Lagged,
    MessagePosted,
    Notice,
    OutageMet,
    PictureDrawn,
    RoundStarted,
    RouteChosen,
    ThreadChanged,
    ThreadDeleted,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.ids import ThreadId
from hub.domain.route import Health
from hub.domain.thread import Message, ThreadSummary
from ui.facts import (
    BudgetsRead,
    CameBack,
    Fact,
    HealthRead,
    HubOpened,
    MessageChanged,
    NewerRead,
    OlderRead,
    ThreadClosed,
    ThreadOpened,
    ThreadsRead,
    TurnsRead,
)
from ui.reduce_threads import marked, row_of, voting, with_row, without
from ui.reduce_turns import (
    agent_noted,
    message_ends_turn,
    turn_changed,
    turn_failed,
    turn_routed,
    turn_wrote,
    turns_read,
    usage_booked,
)
from ui.view import AgentView, ThreadRow, View


def reduce(view: View, event: Event | Fact) -> View:
    """Return the view after one event; what concerns nothing shown returns the view itself."""
    return _after(event, view)


def reduce_all(view: View, events: Iterable[Event | Fact]) -> View:
    """Return the view after events in order."""
    for event in events:
        view = _after(event, view)
    return view


@singledispatch
def _after(event: object, view: View) -> View:
    """An event of a newer hub changes nothing that is shown."""
    del event
    return view


# --- threads ----------------------------------------------------------------------------------


@_after.register
def _(event: HubOpened, view: View) -> View:
    agents = tuple(AgentView(p.name, p.role) for p in event.personas)
    return replace(view, agents=agents, health=tuple(Health(p, None) for p in event.providers))


@_after.register
def _(event: ThreadsRead, view: View) -> View:
    known = {row.id: row for row in view.threads}
    rows = tuple(replace(known.get(s.thread.id, ThreadRow(s)), summary=s) for s in event.threads)
    return replace(view, threads=rows)


@_after.register
def _(event: ThreadChanged, view: View) -> View:
    thread = event.thread
    if view.thread_id == thread.id:
        view = replace(view, thread=thread)
    row = row_of(view, thread.id)
    if thread.archived_at is not None:
        return without(view, thread.id)
    if row is None:
        summary = ThreadSummary(thread, thread.last_seq, 0, 0, thread.created_at)
        return replace(view, threads=(ThreadRow(summary), *view.threads))
    newest = max(thread.last_seq, row.summary.thread.last_seq)
    summary = replace(row.summary, thread=replace(thread, last_seq=newest))
    return with_row(view, replace(row, summary=summary))


@_after.register
def _(event: ThreadDeleted, view: View) -> View:
    live = {i: t for i, t in view.live.items() if t.thread_id != event.thread_id}
    view = without(replace(view, live=live), event.thread_id)
    return _closed(view) if view.thread_id == event.thread_id else view


@_after.register
def _(event: ThreadOpened, view: View) -> View:
    row = row_of(view, event.thread.id)
    last = event.messages[-1].seq if event.messages else 0
    missed = row is not None and row.summary.thread.last_seq > last
    live = {
        i: t for i, t in view.live.items() if t.thread_id != event.thread.id or not t.state.ended
    }
    view = replace(
        _closed(view),
        thread=event.thread,
        rows=event.messages,
        complete=event.complete,
        stale=missed,
        live=live,
        decision=event.decision,
    )
    if row is not None:
        view = with_row(view, replace(row, unread=0))
    for message in event.messages:
        view = message_ends_turn(view, message)
    for turn in view.live_here:
        view = agent_noted(view, turn)
    return view


@_after.register
def _(event: ThreadClosed, view: View) -> View:
    del event
    return _closed(view)


@_after.register
def _(event: Lagged, view: View) -> View:
    del event
    return replace(view, stale=True)


def _closed(view: View) -> View:
    return replace(
        view,
        thread=None,
        opened=view.opened + 1,
        rows=(),
        base=0,
        complete=True,
        stale=False,
        unread_from=0,
        unread="",
        turns={},
        agents=tuple(AgentView(a.name, a.role) for a in view.agents),
        round=None,
        decision=None,
        route=None,
        costs=(),
    )


# --- messages ---------------------------------------------------------------------------------


@_after.register
def _(event: MessagePosted, view: View) -> View:
    view = message_ends_turn(_counted(view, event.message), event.message)
    view = marked(view, event.message.thread_id)
    if event.message.thread_id != view.thread_id:
        return view
    return _appended(view, event.message)


@_after.register
def _(event: NewerRead, view: View) -> View:
    if event.thread_id != view.thread_id:
        return view
    view = replace(view, stale=False)
    for message in event.messages:
        view = _appended(message_ends_turn(view, message), message)
    return view


@_after.register
def _(event: OlderRead, view: View) -> View:
    first = view.first_seq
    if event.thread_id != view.thread_id or first is None:
        return view
    older = tuple(m for m in event.messages if m.seq < first)
    return replace(
        view,
        rows=older + view.rows,
        base=view.base - len(older),
        complete=event.complete,
    )


@_after.register
def _(event: MessageChanged, view: View) -> View:
    changed = event.message
    if changed.thread_id != view.thread_id:
        return view
    rows = tuple(
        changed if isinstance(row, Message) and row.id == changed.id else row for row in view.rows
    )
    return replace(view, rows=rows, edited=view.edited + 1)


@_after.register
def _(event: CameBack, view: View) -> View:
    if event.thread_id != view.thread_id:
        return view
    return replace(view, unread_from=event.unread_from, unread=event.said, edited=view.edited + 1)


def _appended(view: View, message: Message) -> View:
    """Put a message of the open thread behind the others, once, and never over a gap."""
    expected = view.last_seq + 1
    if message.seq > expected:
        return replace(view, stale=True)
    if message.seq < expected:
        return view
    return replace(view, rows=(*view.rows, message))


def _counted(view: View, message: Message) -> View:
    """Move the thread up in the list and count the message there, once."""
    row = row_of(view, message.thread_id)
    if row is None or message.seq <= row.summary.thread.last_seq:
        return view
    summary = replace(
        row.summary,
        thread=replace(row.summary.thread, last_seq=message.seq),
        messages=max(row.summary.messages + 1, message.seq),
        updated_at=message.created_at,
    )
    unread = 0 if message.thread_id == view.thread_id else row.unread + 1
    rest = tuple(other for other in view.threads if other.id != row.id)
    return replace(view, threads=(replace(row, summary=summary, unread=unread), *rest))


# --- turns ------------------------------------------------------------------------------------


@_after.register
def _(event: TurnChanged, view: View) -> View:
    return marked(turn_changed(view, event.turn), event.turn.thread_id)


@_after.register
def _(event: TurnFailed, view: View) -> View:
    return marked(turn_failed(view, event.turn, event.error), event.turn.thread_id)


@_after.register
def _(event: RouteChosen | HedgeEnded, view: View) -> View:
    view = turn_routed(view, event.thread_id, event.route)
    return replace(view, route=event.route) if event.thread_id == view.thread_id else view


@_after.register
def _(event: HedgeSent, view: View) -> View:
    return replace(view, route=event.route) if event.thread_id == view.thread_id else view


@_after.register
def _(event: Delta, view: View) -> View:
    return turn_wrote(view, event)


@_after.register
def _(event: UsageRecorded, view: View) -> View:
    booking = event.booking
    view = usage_booked(view, booking)
    row = row_of(view, ThreadId(booking.thread_id))
    if row is None:
        return view
    known, unknown = row.summary.cost, row.summary.unknown_cost_calls
    cost = booking.cost.total
    summary = replace(
        row.summary,
        cost=known + (cost or 0),
        unknown_cost_calls=unknown + (cost is None),
    )
    return with_row(view, replace(row, summary=summary))


@_after.register
def _(event: TurnsRead, view: View) -> View:
    return turns_read(view, event)


# --- decisions --------------------------------------------------------------------------------


@_after.register
def _(event: RoundStarted, view: View) -> View:
    return replace(view, round=event) if event.thread_id == view.thread_id else view


@_after.register
def _(event: DecisionOpened, view: View) -> View:
    view = voting(view, event.decision.thread_id, is_voting=True)
    if event.decision.thread_id != view.thread_id:
        return view
    return replace(view, decision=event.decision)


@_after.register
def _(event: BallotCast, view: View) -> View:
    decision = view.decision
    if decision is None or decision.id != event.decision_id:
        return view
    key = (event.ballot.voter, event.ballot.round)
    others = tuple(b for b in decision.ballots if (b.voter, b.round) != key)
    decision = replace(decision, ballots=(*others, event.ballot), tally=event.tally)
    return replace(view, decision=decision)


@_after.register
def _(event: BallotMissing, view: View) -> View:
    if event.thread_id != view.thread_id:
        return view
    agents = tuple(
        replace(a, detail=event.reason) if a.name == event.voter else a for a in view.agents
    )
    return replace(view, agents=agents)


@_after.register
def _(event: DecisionClosed, view: View) -> View:
    view = voting(view, event.decision.thread_id, is_voting=False)
    if event.decision.thread_id != view.thread_id:
        return view
    return replace(view, decision=event.decision, round=None)


# --- the rest ---------------------------------------------------------------------------------


@_after.register
def _(event: Notice, view: View) -> View:
    if event.stands:
        view = replace(view, banner="" if event.severity == "information" else event.text)
    return replace(view, notice=event) if event.thread_id in (None, view.thread_id) else view


@_after.register
def _(event: HealthRead, view: View) -> View:
    return replace(view, health=event.health)


@_after.register
def _(event: HealthChecked, view: View) -> View:
    new = event.health
    known = any(health.provider == new.provider for health in view.health)
    health = tuple(new if old.provider == new.provider else old for old in view.health)
    return replace(view, health=health) if known else view


@_after.register
def _(event: OutageMet, view: View) -> View:
    del event  # a screen asks about it
    return view


@_after.register
def _(event: PictureDrawn, view: View) -> View:
    del event
    return view


@_after.register
def _(event: BudgetsRead, view: View) -> View:
    return replace(view, budgets=event.budgets)
