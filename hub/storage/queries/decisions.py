"""Decisions with their ballots."""

from __future__ import annotations

from hub.domain.decision import Decision
from hub.domain.ids import DecisionId
from hub.domain.query import DecisionByRef, DecisionList
from hub.storage.queries.refs import resolve
from hub.storage.rows import DECISION, decision_of, load_decision
from hub.storage.session import Session


def decision_by_ref(session: Session, query: DecisionByRef) -> Decision:
    """Find one decision."""
    return load_decision(session, DecisionId(resolve(session, "decision", query.ref)))


def decision_list(session: Session, query: DecisionList) -> tuple[Decision, ...]:
    """List decisions, newest first."""
    rows = session.rows(
        DECISION + " WHERE (?1 IS NULL OR thread_id = ?1) AND (?3 IS NULL OR closed_at >= ?3)"
        " ORDER BY rowid DESC LIMIT ?2",
        query.thread_id,
        -1 if query.limit is None else query.limit,
        query.closed_since,
    )
    return tuple(decision_of(session, row) for row in rows)
