"""Turns from their place in line to their end: tx A and tx B (STORAGE: Money that survives)."""

from __future__ import annotations

from dataclasses import replace

from hub.config import failpoint
from hub.domain.change import (
    BeginTurn,
    CancelTurn,
    Closed,
    EndTurn,
    NextCall,
    OpenBeside,
    QueueTurn,
)
from hub.domain.ids import TurnId
from hub.domain.route import Route
from hub.domain.thread import Message
from hub.domain.turn import Call, CallState, Turn, TurnState
from hub.errors import PartitionBusyError, TurnError
from hub.storage.changes.decisions import keep_ballot
from hub.storage.changes.money import book, reserve, settle
from hub.storage.changes.recovery import refuse_orphans
from hub.storage.changes.threads import post
from hub.storage.codec import encode
from hub.storage.rows import TURN, find_message, find_turn, load_thread, load_turn, turn_of
from hub.storage.session import Session


def queue_turn(session: Session, change: QueueTurn) -> Turn:
    """Put a turn at the end of its partition's line, owned by this program."""
    turn, order = change.turn, change.turn.order
    stored = find_turn(session, turn.id)
    if stored is not None:
        return stored
    load_thread(session, turn.thread_id)
    refuse_orphans(session, turn.thread_id)
    session.insert(
        "turn",
        {
            "id": turn.id,
            "thread_id": turn.thread_id,
            "agent": order.agent,
            "purpose": order.purpose,
            "wanted": encode(order),
            "question_id": order.question_id or turn.id,
            "partition_key": turn.partition_key,
            "ordinal": session.value(
                "SELECT coalesce(max(ordinal), 0) + 1 FROM turn WHERE partition_key = ?",
                turn.partition_key,
            ),
            "state": "queued",
            "owner": session.owners.own,
            "queued_at": turn.queued_at,
        },
    )
    for tag in order.tags:
        session.insert("tag", {"turn_id": turn.id, "tag": tag}, or_ignore=True)
    return load_turn(session, turn.id)


def begin_turn(session: Session, change: BeginTurn) -> Turn:
    """Claim the turn, reserve its money, record what is sent, the route and the intent (tx A)."""
    turn = load_turn(session, change.turn_id)
    _check_claim(session, turn)
    reserve(session, change.call.id, change.holds)
    persona = change.persona
    session.insert(
        "persona",
        {"name": persona.name, "version": persona.version, "body": encode(persona)},
        or_ignore=True,
    )
    running = replace(
        turn, state=TurnState.RUNNING, fence=turn.fence + 1, started_at=session.clock.now()
    )
    session.run(
        "UPDATE turn SET state = ?, fence = ?, sent = ?, started_at = ? WHERE id = ?",
        running.state,
        running.fence,
        encode(change.sent),
        running.started_at,
        turn.id,
    )
    _open_call(session, running.fence, change.call, change.route)
    return running


def open_beside(session: Session, change: OpenBeside) -> None:
    """Reserve for a second call beside the open one, and record its intent."""
    _load_held(session, change.call.turn_id, change.fence)
    reserve(session, change.call.id, change.holds)
    _open_call(session, change.fence, change.call, change.route)


def next_call(session: Session, change: NextCall) -> None:
    """Close a failed call and open the next; its reservation comes before the new one's."""
    turn = _load_held(session, change.call.turn_id, change.fence)
    _close(session, turn.id, Closed(change.previous, change.previous_holds, change.booking))
    _close(session, turn.id, change.beside)
    reserve(session, change.call.id, change.holds)
    if change.sent is not None:
        session.run("UPDATE turn SET sent = ? WHERE id = ?", encode(change.sent), turn.id)
    _open_call(session, change.fence, change.call, change.route)


def end_turn(session: Session, change: EndTurn) -> Message | None:
    """Book and settle the call; then, unless fenced off, post and end the turn (tx B).

    A turn whose thread was deleted meanwhile is booked too. One that goes back into line instead,
    since its program ends, is cancelled where the person wanted that.
    """
    if change.call is not None:
        _close(session, change.turn_id, Closed(change.call, change.holds, change.booking))
    _close(session, change.turn_id, change.beside)
    turn = find_turn(session, change.turn_id)
    if turn is None or not _is_held(turn, change.fence):
        # Told twice, the same end has the same answer.
        return find_message(session, change.message.id) if change.message else None
    if change.ballot is not None and change.decision_id is not None:
        keep_ballot(session, change.decision_id, change.ballot)
    state = change.state
    if state is TurnState.QUEUED and turn.cancel_at is not None:
        state = TurnState.CANCELLED
    session.run(
        "UPDATE turn SET state = ?, partial = ?, error = ?, ended_at = ? WHERE id = ?",
        state,
        change.partial,
        change.error,
        session.clock.now() if state.ended else None,
        turn.id,
    )
    if turn.order.only and state in (TurnState.DONE, TurnState.CANCELLED):
        session.run("DELETE FROM asking WHERE id = ?", turn.order.question_id)
    message = post(session, change.message) if change.message else None
    failpoint("settle.applied")
    return message


def cancel_turn(session: Session, change: CancelTurn) -> Turn:
    """End a queued turn; ask the owner of a running one to stop it; leave an ended one."""
    load_turn(session, change.turn_id)
    session.run(
        "UPDATE turn SET state = 'cancelled', cancel_at = ?1, ended_at = ?1"
        " WHERE id = ?2 AND state = 'queued'",
        change.at,
        change.turn_id,
    )
    session.run(
        "UPDATE turn SET cancel_at = ? WHERE id = ? AND state = 'running'",
        change.at,
        change.turn_id,
    )
    return load_turn(session, change.turn_id)


def _load_held(session: Session, id_: TurnId, fence: int) -> Turn:
    turn = load_turn(session, id_)
    if not _is_held(turn, fence):
        raise TurnError(f"The turn of {turn.order.agent} was taken over or ended meanwhile.")
    return turn


def _is_held(turn: Turn, fence: int) -> bool:
    return turn.fence == fence and not turn.state.ended


def _check_claim(session: Session, turn: Turn) -> None:
    """Let only the owner start a turn, once, and not before what is in line ahead of it.

    The engine keeps the order of this program's own turns; other programs' are checked here.
    """
    name = f"The turn of {turn.order.agent}"
    if turn.state.ended:
        raise TurnError(f"{name} has ended already: it is {turn.state}.")
    if turn.owner != session.owners.own:
        raise TurnError(f"{name} belongs to another program, which will run it.")
    if turn.state == "running":
        raise TurnError(f"{name} is running already.")
    ahead = session.row(
        TURN + " WHERE partition_key = ? AND id <> ? AND (state = 'running'"
        " OR state = 'queued' AND ordinal < ? AND owner IS NOT ?) ORDER BY ordinal LIMIT 1",
        turn.partition_key,
        turn.id,
        turn.ordinal,
        turn.owner,
    )
    if ahead is None:
        return
    other = turn_of(ahead)
    if not session.owners.alive(other.owner):
        refuse_orphans(session, turn.thread_id)
    raise PartitionBusyError(
        f"{name} has to wait: {other.order.agent} is before it in this thread; "
        "try again once that turn has ended."
    )


def _open_call(session: Session, fence: int, call: Call, route: Route) -> None:
    """Record the intent to send; a number that an earlier run of the turn used is passed over."""
    last = session.value("SELECT coalesce(max(n), 0) FROM call WHERE turn_id = ?", call.turn_id)
    number = max(call.n, last + 1)
    session.insert(
        "call",
        {
            "id": call.id,
            "turn_id": call.turn_id,
            "n": number,
            "fence": fence,
            "provider": call.provider,
            "model": call.model,
            "state": CallState.INTENT,
            "tries": call.tries,
            "request_hash": call.request_hash,
            "price": encode(call.price) if call.price else None,
            "reserved": call.reserved,
            "error": call.error,
            "started_at": call.started_at,
        },
    )
    session.insert(
        "route",
        {
            "turn_id": call.turn_id,
            "n": number,
            "strategy": route.strategy,
            "chosen": route.deployment.id,
            "reason": route.reason,
            "propensity": route.propensity,
            "body": encode(route),
        },
    )


def _close(session: Session, turn: TurnId, closed: Closed | None) -> None:
    """Book what a call has cost, end what it holds, and write how it ended."""
    if closed is None:
        return
    call = closed.call
    if closed.booking is not None:
        book(session, closed.booking, turn)
    settle(session, call.id, closed.holds)
    session.run(
        "UPDATE call SET state = ?, tries = ?, served_model = ?, usage = ?, status = ?, error = ?,"
        " first_token_s = ?, ended_at = ? WHERE id = ?",
        call.state,
        call.tries,
        call.served_model,
        encode(call.usage) if call.usage else None,
        call.status,
        call.error,
        call.first_token_s,
        call.ended_at,
        call.id,
    )
