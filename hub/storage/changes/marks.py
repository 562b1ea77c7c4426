"""What the person said afterwards, and what was learned from it."""

from __future__ import annotations

from hub.domain.change import KeepLearned, MarkDecision, MarkMessage
from hub.domain.mark import Marked
from hub.storage.rows import load_decision, load_message
from hub.storage.session import Session

_KEEP = """
INSERT INTO learned (name, body, marks) VALUES (?1, ?2, ?3)
ON CONFLICT (name) DO UPDATE SET body = ?2, marks = ?3 WHERE marks <= ?3
"""


def mark_message(session: Session, change: MarkMessage) -> Marked:
    """Keep a mark of an answer."""
    load_message(session, change.id)
    return _keep(session, "message_id", change)


def mark_decision(session: Session, change: MarkDecision) -> Marked:
    """Keep a mark of a decision."""
    load_decision(session, change.id)
    return _keep(session, "decision_id", change)


def keep_learned(session: Session, change: KeepLearned) -> None:
    """Keep what was learned, unless what is kept knows more marks."""
    session.run(_KEEP, change.name, change.body, change.marks)


def _keep(session: Session, column: str, change: MarkMessage | MarkDecision) -> Marked:
    mark = change.mark
    session.insert(
        "mark",
        {
            column: change.id,
            "right": int(mark.right),
            "answer": mark.answer,
            "weight": mark.weight,
            "marked_at": change.at,
        },
    )
    return Marked(session.connection.last_insert_rowid(), change.id, mark, change.at)
