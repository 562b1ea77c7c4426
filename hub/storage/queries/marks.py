"""What the person said afterwards, and what it says of single answers."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.ids import TurnId
from hub.domain.mark import Grade, Mark, Marked
from hub.domain.query import Grades, Learned, Marks
from hub.domain.turn import Purpose
from hub.storage.rows import DECISION, decision_of
from hub.storage.session import Row, Session

_MARKS = "SELECT mark.n, {about}, right, answer, weight, marked_at FROM mark"
_OF_MESSAGES = (
    _MARKS.format(about="message_id")
    + " JOIN message ON message.id = message_id"
    + " WHERE mark.n > ?1 AND (?2 IS NULL OR message.thread_id = ?2) ORDER BY mark.n"
)
_OF_DECISIONS = (
    _MARKS.format(about="decision_id")
    + " JOIN decision ON decision.id = decision_id"
    + " WHERE mark.n > ?1 AND (?2 IS NULL OR decision.thread_id = ?2) ORDER BY mark.n"
)
_ANSWERED = """
SELECT call.provider || '/' || call.model, turn.purpose,
    (SELECT body FROM message WHERE id = turn.wanted ->> 'prompt_to')
FROM turn JOIN call ON call.turn_id = turn.id AND call.state = 'done'
WHERE turn.id = ? ORDER BY call.n DESC LIMIT 1
"""
_OF_MESSAGE = "SELECT turn_id FROM message WHERE id = ? AND turn_id IS NOT NULL"


def marks(session: Session, query: Marks) -> tuple[Marked, ...]:
    """Return marks of messages or decisions, in the order they were made."""
    sql = _OF_DECISIONS if query.decisions else _OF_MESSAGES
    return tuple(_marked(row) for row in session.rows(sql, query.after, query.thread_id))


def grades(session: Session, query: Grades) -> tuple[Grade, ...]:
    """Return what marks say of single answers."""
    of_messages = marks(session, Marks(after=query.after))
    of_decisions = marks(session, Marks(decisions=True, after=query.after))
    found = [grade for marked in of_messages for grade in _of_message(session, marked)]
    found += [grade for marked in of_decisions for grade in _of_decision(session, marked)]
    return tuple(sorted(found, key=lambda grade: grade.n))


def learned(session: Session, query: Learned) -> tuple[str, int] | None:
    """Return what was kept under a name."""
    row = session.row("SELECT body, marks FROM learned WHERE name = ?", query.name)
    return None if row is None else (row[0], row[1])


def _marked(row: Row) -> Marked:
    n, about, right, answer, weight, at = row
    return Marked(n, about, Mark(bool(right), answer, weight), at)


def _of_message(session: Session, marked: Marked) -> Iterator[Grade]:
    for (turn,) in session.rows(_OF_MESSAGE, marked.about):
        yield from _grade(session, marked, turn, right=marked.mark.right)


def _of_decision(session: Session, marked: Marked) -> Iterator[Grade]:
    row = session.row(DECISION + " WHERE id = ?", marked.about)
    decision = decision_of(session, row) if row else None
    if decision is None or decision.tally is None:
        return
    winner, mark = decision.tally.winner, marked.mark
    known = winner if mark.right and mark.answer is None else mark.answer
    if known is None and winner is None:
        return
    for ballot in decision.ballots:
        if ballot.turn_id is None or ballot.first is None:
            continue
        if known is not None:
            yield from _grade(session, marked, ballot.turn_id, right=ballot.first == known)
        elif ballot.first == winner:
            yield from _grade(session, marked, ballot.turn_id, right=False)


def _grade(session: Session, marked: Marked, turn: str, *, right: bool) -> Iterator[Grade]:
    for deployment, purpose, text in session.rows(_ANSWERED, turn):
        quality, weight = float(right), marked.mark.weight
        yield Grade(
            marked.n, TurnId(turn), deployment, text or "", Purpose(purpose), quality, weight
        )
