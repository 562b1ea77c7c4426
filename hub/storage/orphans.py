"""Turns that have not ended, and those of them that nobody is going to end."""

from __future__ import annotations

from hub.domain.ids import ThreadId, TurnId
from hub.domain.turn import Turn
from hub.storage.rows import TURN, turn_of
from hub.storage.session import Session


def open_turns(
    session: Session, thread_id: ThreadId | None = None, turn_id: TurnId | None = None
) -> tuple[Turn, ...]:
    """Return the turns that have not ended, in the order they were queued."""
    rows = session.rows(
        TURN + " WHERE state IN ('queued', 'running') AND (?1 IS NULL OR thread_id = ?1)"
        " AND (?2 IS NULL OR id = ?2) ORDER BY rowid",
        thread_id,
        turn_id,
    )
    return tuple(turn_of(row) for row in rows)


def orphans(
    session: Session, thread_id: ThreadId | None = None, turn_id: TurnId | None = None
) -> tuple[Turn, ...]:
    """Return those of them whose program is gone, running ones first."""
    turns = open_turns(session, thread_id, turn_id)
    alive = {owner: session.owners.alive(owner) for owner in {turn.owner for turn in turns}}
    left = [turn for turn in turns if not alive[turn.owner]]
    return tuple(sorted(left, key=lambda turn: turn.state != "running"))
