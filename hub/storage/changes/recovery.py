"""Turns whose program is gone: never resumed unasked, taken over or dropped when told to."""

from __future__ import annotations

from hub.domain.change import AdoptTurns, DropTurns
from hub.domain.ids import ThreadId
from hub.domain.turn import Turn, TurnState
from hub.errors import OrphanedTurnsError
from hub.storage.changes.money import unsettle
from hub.storage.orphans import orphans
from hub.storage.rows import load_turn
from hub.storage.session import Session

MOST_RECOVERIES = 3
"""Times that a turn is taken over without ever having sent anything."""
MOST_LOST = 2
"""Calls of unknown outcome that a turn may have: the first, and its one re-send."""
_LOST = """
SELECT count(*) FROM call WHERE turn_id = ?1 AND state = 'unknown' AND NOT EXISTS (
    SELECT 1 FROM route JOIN call AS first ON first.turn_id = ?1 AND first.n = route.n - 1
    WHERE route.turn_id = ?1 AND route.n = call.n AND route.strategy = 'hedge'
        AND first.state = 'unknown'
)
"""
"""A call and the one beside it are lost as one."""


def refuse_orphans(session: Session, thread_id: ThreadId) -> None:
    """Let nothing new into a thread before the person said what becomes of the old.

    Raises:
        OrphanedTurnsError: A dead program left turns in the thread.
    """
    left = len(orphans(session, thread_id))
    if left:
        raise OrphanedTurnsError.of(left)


def adopt_turns(session: Session, change: AdoptTurns) -> tuple[Turn, ...]:
    """Put the turns that dead programs left in line again, owned by this one.

    Only the first of each partition counts as recovered: those behind it are not what went wrong.
    """
    take_questions(session, change.thread_id)
    taken, first = [], set[str]()
    for turn in orphans(session, change.thread_id):
        _give_up_calls(session, turn)
        hopeless = _hopeless(session, turn)
        if hopeless is not None:
            taken.append(_end(session, turn, *hopeless))
            continue
        session.run(
            "UPDATE turn SET state = 'queued', owner = ?, fence = fence + 1,"
            " attempts = attempts + ? WHERE id = ?",
            session.owners.own,
            int(turn.partition_key not in first),
            turn.id,
        )
        first.add(turn.partition_key)
        taken.append(load_turn(session, turn.id))
    return tuple(taken)


def drop_turns(session: Session, change: DropTurns) -> tuple[Turn, ...]:
    """End the turns that dead programs left."""
    if change.turn_id is None:
        take_questions(session, change.thread_id)
    dropped = []
    for turn in orphans(session, change.thread_id, change.turn_id):
        _give_up_calls(session, turn)
        dropped.append(_end(session, turn, TurnState.CANCELLED, ""))
    return tuple(dropped)


def take_questions(session: Session, thread_id: ThreadId | None) -> None:
    """Make the questions that dead programs left this program's own."""
    owners = session.rows("SELECT DISTINCT owner FROM asking")
    for (owner,) in owners:
        if not session.owners.alive(owner):
            session.run(
                "UPDATE asking SET owner = ?1 WHERE owner = ?2 AND (?3 IS NULL OR thread_id = ?3)",
                session.owners.own,
                owner,
                thread_id,
            )


def _hopeless(session: Session, turn: Turn) -> tuple[TurnState, str] | None:
    """Return how a turn ends that is not run again, or None."""
    name = f"The turn of {turn.order.agent}"
    if turn.cancel_at is not None:
        return TurnState.CANCELLED, f"{name} was stopped."
    lost = session.value(_LOST, turn.id)
    if lost >= MOST_LOST:
        return TurnState.UNKNOWN, f"{name} was sent twice, and its program ended both times."
    if turn.attempts >= MOST_RECOVERIES:
        return TurnState.FAILED, f"{name} was taken over {turn.attempts} times and never got going."
    return None


def _end(session: Session, turn: Turn, state: TurnState, error: str) -> Turn:
    session.run(
        "UPDATE turn SET state = ?, error = ?, fence = fence + 1, ended_at = ? WHERE id = ?",
        state,
        error,
        session.clock.now(),
        turn.id,
    )
    return load_turn(session, turn.id)


def _give_up_calls(session: Session, turn: Turn) -> None:
    """Mark calls without an end as UNKNOWN: the journal cannot tell whether they were sent."""
    calls = session.rows(
        "UPDATE call SET state = 'unknown' WHERE turn_id = ? AND state = 'intent' RETURNING id",
        turn.id,
    )
    for (call,) in calls:
        unsettle(session, call)
