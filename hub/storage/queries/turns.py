"""Turns, their calls and routes."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.ids import TurnId
from hub.domain.query import (
    CallFact,
    OpenTurns,
    Outcome,
    OutcomeOf,
    RecentCalls,
    RouteOf,
    TurnById,
    TurnRecordByRef,
    TurnSummaries,
    UsageBy,
)
from hub.domain.route import Route
from hub.domain.transcript import TurnSummary
from hub.domain.turn import GIVEN_UP, Purpose, SentRecord, Turn, TurnRecord, TurnState
from hub.domain.usage import Usage
from hub.storage import orphans
from hub.storage.codec import decode
from hub.storage.queries.refs import resolve
from hub.storage.queries.usage import usage_by
from hub.storage.rows import CALL, MESSAGE, call_of, load_thread, load_turn, message_of
from hub.storage.session import Row, Session

_SUMMARIES = """
WITH booked AS (
    SELECT turn_id, sum(cost) AS cost, count(*) - count(cost) AS unknown,
        sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion
    FROM ledger WHERE {column} = ?1 GROUP BY turn_id
), last AS (
    SELECT turn_id, max(CASE WHEN {served} THEN n END) AS n,
        sum(state IN ('intent', 'unknown') AND id NOT IN (SELECT call_id FROM ledger)) AS lost
    FROM call WHERE turn_id IN (SELECT id FROM turn WHERE {column} = ?1) GROUP BY turn_id
)
SELECT turn.id, turn.agent, turn.state, turn.error, call.provider,
    coalesce(call.served_model, call.model),
    CASE WHEN coalesce(booked.unknown, 0) + coalesce(last.lost, 0) = 0
        THEN coalesce(booked.cost, 0) END,
    coalesce(booked.prompt, 0), coalesce(booked.completion, 0),
    (call.ended_at - call.started_at) / 1e6, {route}
FROM turn
LEFT JOIN booked ON booked.turn_id = turn.id
LEFT JOIN last ON last.turn_id = turn.id
LEFT JOIN call ON call.turn_id = turn.id AND call.n = last.n
LEFT JOIN route ON route.turn_id = turn.id AND route.n = last.n
WHERE turn.{column} = ?1
ORDER BY turn.rowid
"""
_SERVED = (
    "(state = 'done' OR NOT EXISTS (SELECT 1 FROM route WHERE route.turn_id = call.turn_id"
    " AND route.n = call.n AND route.strategy = 'hedge'))"
)
"""A second call beside the turn's own counts as the turn's where it has answered."""
_OF_THREAD = _SUMMARIES.format(column="thread_id", route="route.body", served=_SERVED)
_WITHOUT_ROUTES = _SUMMARIES.format(column="thread_id", route="NULL", served=_SERVED)
_OF_QUESTION = _SUMMARIES.format(column="question_id", route="route.body", served=_SERVED)
_ROUTE = (
    "SELECT body FROM route AS chosen LEFT JOIN call USING (turn_id, n) WHERE turn_id = ?"  # noqa: S608  literals
    f" AND {_SERVED} ORDER BY n DESC LIMIT 1"
)
_POSTED = MESSAGE + " WHERE turn_id IN (SELECT id FROM turn WHERE question_id = ?) ORDER BY seq"  # noqa: S608  literals


def turn_by_id(session: Session, query: TurnById) -> Turn:
    """Find one turn."""
    return load_turn(session, query.id)


def turn_record(session: Session, query: TurnRecordByRef) -> TurnRecord:
    """Return what was sent for a turn and what came back."""
    turn = load_turn(session, TurnId(resolve(session, "turn", query.ref)))
    sent = session.value("SELECT sent FROM turn WHERE id = ?", turn.id)
    posted = session.row("SELECT id, body FROM message WHERE turn_id = ?", turn.id)
    ballot = session.row("SELECT body FROM ballot WHERE turn_id = ?", turn.id)
    calls = session.rows(CALL + " WHERE turn_id = ? ORDER BY n", turn.id)
    return TurnRecord(
        turn=turn,
        sent=sent and decode(SentRecord, sent),
        calls=tuple(call_of(row) for row in calls),
        reply=posted[1] if posted else ballot[0] if ballot else turn.partial,
        message_id=posted[0] if posted else None,
    )


def route_of(session: Session, query: RouteOf) -> Route | None:
    """Return the newest route of a turn."""
    row = session.row(_ROUTE, query.turn_id)
    return decode(Route, row[0]) if row else None


def turn_summaries(session: Session, query: TurnSummaries) -> Mapping[TurnId, TurnSummary]:
    """Return the turns of a thread: what came with a file, then in the order they were queued."""
    told = session.rows("SELECT body FROM imported_turn WHERE thread_id = ?", query.thread_id)
    imported = (decode(TurnSummary, body) for (body,) in told)
    rows = session.rows(_OF_THREAD if query.routes else _WITHOUT_ROUTES, query.thread_id)
    return {turn.id: turn for turn in imported} | {row[0]: _summary(row) for row in rows}


def outcome_of(session: Session, query: OutcomeOf) -> Outcome:
    """Return what came of a question."""
    question = query.question
    return Outcome(
        thread=load_thread(session, question.thread_id),
        messages=tuple(message_of(row) for row in session.rows(_POSTED, question.id)),
        turns=tuple(_summary(row) for row in session.rows(_OF_QUESTION, question.id)),
        usage=usage_by(session, UsageBy("total", question_id=question.id))[0],
    )


def open_turns(session: Session, query: OpenTurns) -> tuple[Turn, ...]:
    """Return turns that have not ended, or those of them whose program is gone."""
    find = orphans.orphans if query.orphaned else orphans.open_turns
    return find(session, query.thread_id)


def recent_calls(session: Session, query: RecentCalls) -> tuple[CallFact, ...]:
    """Return the newest calls that ended, oldest first.

    A call that was stopped with its turn says nothing of its deployment.
    """
    rows = session.rows(
        "SELECT call.provider || '/' || call.model, call.state, call.ended_at, call.first_token_s,"
        " (call.ended_at - call.started_at) / 1e6, call.usage, call.error, turn.purpose"
        " FROM call JOIN turn ON turn.id = call.turn_id"
        " WHERE call.ended_at IS NOT NULL AND (turn.state <> 'cancelled' OR call.state = 'done'"
        " OR call.error <> turn.error)"
        " ORDER BY call.ended_at DESC LIMIT ?",
        query.limit,
    )
    return tuple(_fact(row) for row in reversed(rows))


def _summary(row: Row) -> TurnSummary:
    id_, agent, state, error, provider, model, cost, prompt, completion, latency, route = row
    return TurnSummary(
        id=id_,
        agent=agent,
        state=TurnState(state),
        provider=provider,
        model=model,
        cost=cost,
        prompt_tokens=prompt,
        completion_tokens=completion,
        latency_s=latency,
        route=route and decode(Route, route),
        error=error,
    )


def _fact(row: Row) -> CallFact:
    deployment, state, ended_at, first_token_s, latency_s, text, error, purpose = row
    usage = decode(Usage, text) if text else None
    return CallFact(
        deployment=deployment,
        ok=state == "done",
        ended_at=ended_at,
        first_token_s=first_token_s,
        latency_s=latency_s,
        prompt_tokens=usage.prompt_tokens if usage else 0,
        completion_tokens=usage.completion_tokens if usage else 0,
        error=error,
        purpose=Purpose(purpose),
        overtaken=error.startswith(GIVEN_UP),
    )
