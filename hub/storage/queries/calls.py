"""The calls that were made, and what each decision cost."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.ids import DecisionId
from hub.domain.interaction import (
    LATENCY_BOUNDS,
    CallCount,
    CallSums,
    Histogram,
    LoggedCall,
)
from hub.domain.query import CallLog, CallTotals, DecisionCosts
from hub.domain.turn import CallState, Purpose
from hub.domain.usage import UsageRow
from hub.storage.session import Row, Session

_CALLS = """
SELECT turn.thread_id, turn.agent, turn.purpose, call.provider || '/' || call.model,
    call.provider || '/' || coalesce(call.served_model, call.model), call.state, call.n,
    call.tries, call.started_at, call.ended_at, call.first_token_s,
    coalesce((SELECT sum(prompt_tokens + completion_tokens) FROM ledger WHERE call_id = call.id), 0),
    CASE WHEN EXISTS (SELECT 1 FROM ledger WHERE call_id = call.id)
        THEN (SELECT sum(cost) FROM ledger WHERE call_id = call.id HAVING count(*) = count(cost))
        WHEN call.state NOT IN ('done', 'unknown') THEN 0 END,
    call.error, coalesce(route.strategy, '')
FROM call JOIN turn ON turn.id = call.turn_id
LEFT JOIN route ON route.turn_id = call.turn_id AND route.n = call.n
WHERE call.ended_at >= ?1 AND (?2 IS NULL OR turn.thread_id = ?2)
ORDER BY call.ended_at DESC LIMIT ?3
"""
_DECISION_COSTS = """
WITH asked AS (
    SELECT DISTINCT question_id, wanted ->> 'decision_id' AS decision FROM turn
    WHERE wanted ->> 'decision_id' IS NOT NULL AND question_id <> ''
        AND (?1 IS NULL OR thread_id = ?1)
)
SELECT asked.decision, sum(prompt_tokens), sum(completion_tokens), sum(reasoning_tokens),
    sum(cached_tokens), coalesce(sum(prompt_cost), 0), coalesce(sum(completion_cost), 0),
    coalesce(sum(cost), 0), count(*) - count(cost), count(DISTINCT call_id)
FROM asked JOIN ledger ON ledger.question_id = asked.question_id
GROUP BY asked.decision
"""


_COUNTS = (
    "SELECT provider || '/' || model, state, count(*), sum(tries - 1) FROM call"
    " WHERE ended_at IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
)
_BELOW = ", ".join(f"sum(took <= {bound})" for bound in LATENCY_BOUNDS)
_TIMES = (
    "SELECT deployment, count(took), total(took), "  # noqa: S608  literals
    + _BELOW
    + " FROM (SELECT provider || '/' || model AS deployment, {took} AS took FROM call"
    " WHERE state = 'done') WHERE took IS NOT NULL GROUP BY 1 ORDER BY 1"
)
_LATENCIES = _TIMES.format(took="(ended_at - started_at) / 1e6")
_FIRST_TOKENS = _TIMES.format(took="first_token_s")


def call_totals(session: Session, _: CallTotals) -> CallSums:
    """Return all calls that ended, summed up by deployment."""
    counts = session.rows(_COUNTS)
    return CallSums(
        counts=tuple(CallCount(name, CallState(state), *rest) for name, state, *rest in counts),
        latency=tuple(map(_histogram, session.rows(_LATENCIES))),
        first_token=tuple(map(_histogram, session.rows(_FIRST_TOKENS))),
    )


def _histogram(row: Row) -> Histogram:
    deployment, count, total, *below = row
    return Histogram(deployment, count, total, tuple(below))


def call_log(session: Session, query: CallLog) -> tuple[LoggedCall, ...]:
    """Return the newest calls that ended, oldest first."""
    limit = -1 if query.limit is None else query.limit
    rows = session.rows(_CALLS, query.since, query.thread_id, limit)
    return tuple(_call(row) for row in reversed(rows))


def decision_costs(session: Session, query: DecisionCosts) -> Mapping[DecisionId, UsageRow]:
    """Return what was booked for the questions of decisions, by decision."""
    rows = session.rows(_DECISION_COSTS, query.thread_id)
    return {DecisionId(row[0]): UsageRow(*row) for row in rows}


def _call(row: Row) -> LoggedCall:
    thread, agent, purpose, deployment, served, state, *rest = row
    return LoggedCall(thread, agent, Purpose(purpose), deployment, served, CallState(state), *rest)
