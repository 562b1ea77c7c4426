"""Turns whose program is gone: never resumed unasked, taken over or dropped when told to."""

from __future__ import annotations

from hub.domain.change import AdoptTurns, DropTurns
from hub.domain.ids import ThreadId
from hub.domain.turn import Turn
from hub.errors import OrphanedTurnsError
from hub.storage.changes.money import unsettle
from hub.storage.orphans import orphans
from hub.storage.rows import load_turn
from hub.storage.session import Session


def refuse_orphans(session: Session, thread_id: ThreadId) -> None:
    """Let nothing new into a thread before the person said what becomes of the old.

    Raises:
        OrphanedTurnsError: A dead program left turns in the thread.
    """
    left = len(orphans(session, thread_id))
    if left:
        raise OrphanedTurnsError.of(left)


def adopt_turns(session: Session, change: AdoptTurns) -> tuple[Turn, ...]:
    """Put the turns that dead programs left in line again, owned by this one."""
    taken = []
    for turn in orphans(session, change.thread_id):
        _give_up_calls(session, turn)
        session.run(
            "UPDATE turn SET state = 'queued', owner = ?, fence = fence + 1,"
            " attempts = attempts + 1, cancel_at = NULL WHERE id = ?",
            session.owners.own,
            turn.id,
        )
        taken.append(load_turn(session, turn.id))
    return tuple(taken)


def drop_turns(session: Session, change: DropTurns) -> tuple[Turn, ...]:
    """End the turns that dead programs left."""
    dropped = []
    for turn in orphans(session, change.thread_id, change.turn_id):
        _give_up_calls(session, turn)
        session.run(
            "UPDATE turn SET state = 'cancelled', fence = fence + 1, ended_at = ? WHERE id = ?",
            session.clock.now(),
            turn.id,
        )
        dropped.append(load_turn(session, turn.id))
    return tuple(dropped)


def _give_up_calls(session: Session, turn: Turn) -> None:
    """Mark calls without an end as UNKNOWN: the journal cannot tell whether they were sent."""
    calls = session.rows(
        "UPDATE call SET state = 'unknown' WHERE turn_id = ? AND state = 'intent' RETURNING id",
        turn.id,
    )
    for (call,) in calls:
        unsettle(session, call)
