"""What the person said afterwards, and what it says of single answers."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.decision import Decision
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
THE_LAST_WORD = " ORDER BY mark.weight DESC, mark.n DESC LIMIT 1"
"""Which of several marks stands: the newest that the person made, else what only looked so."""
_EARLIER = _MARKS.format(about="{about}") + " WHERE {about} = ? AND mark.n < ?" + THE_LAST_WORD
_OF_SAME_MESSAGE, _OF_SAME_DECISION = (
    _EARLIER.format(about=column) for column in ("message_id", "decision_id")
)
"""What stood before a mark."""
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
    """Grade an answer; that it was asked for again says nothing beside any other mark of it."""
    before = _earlier(session, _OF_SAME_MESSAGE, marked)
    if before is not None and marked.mark.weight < 1.0:
        return
    for (turn,) in session.rows(_OF_MESSAGE, marked.about):
        told = None if before is None else (float(before.right), before.weight)
        yield from _grade(session, marked, turn, float(marked.mark.right), told)


def _of_decision(session: Session, marked: Marked) -> Iterator[Grade]:
    row = session.row(DECISION + " WHERE id = ?", marked.about)
    decision = decision_of(session, row) if row else None
    if decision is None:
        return
    before = _earlier(session, _OF_SAME_DECISION, marked)
    told = {} if before is None else _proved(decision, before)
    for turn, quality in _proved(decision, marked.mark).items():
        was = (told[turn], before.weight) if before is not None and turn in told else None
        yield from _grade(session, marked, turn, quality, was)


def _proved(decision: Decision, mark: Mark) -> dict[TurnId, float]:
    """Return how good the ballots proved of which a mark says something, by turn."""
    winner = decision.tally.winner if decision.tally else None
    if decision.tally is None or (winner is None and mark.answer is None):
        return {}
    known = winner if mark.right and mark.answer is None else mark.answer
    cast = [(b.turn_id, b.first) for b in decision.ballots if b.turn_id and b.first is not None]
    if known is not None:
        return {turn: float(first == known) for turn, first in cast}
    return {turn: 0.0 for turn, first in cast if first == winner}


def _earlier(session: Session, sql: str, marked: Marked) -> Mark | None:
    row = session.row(sql, marked.about, marked.n)
    return None if row is None else _marked(row).mark


def _grade(
    session: Session,
    marked: Marked,
    turn: str,
    quality: float,
    replaces: tuple[float, float] | None,
) -> Iterator[Grade]:
    for deployment, purpose, text in session.rows(_ANSWERED, turn):
        yield Grade(
            n=marked.n,
            turn_id=TurnId(turn),
            deployment=deployment,
            text=text or "",
            purpose=Purpose(purpose),
            quality=quality,
            weight=marked.mark.weight,
            replaces=replaces,
        )
