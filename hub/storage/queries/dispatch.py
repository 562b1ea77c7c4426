"""Which function answers which query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hub.domain import query as queries
from hub.domain.query import Query
from hub.storage.queries import (
    calls,
    decisions,
    interactions,
    marks,
    questions,
    routes,
    threads,
    turns,
    usage,
)
from hub.storage.session import Session

T = TypeVar("T")

ANSWERS: Mapping[type[Query[Any]], Callable[[Session, Any], Any]] = {
    queries.ThreadByRef: threads.thread_by_ref,
    queries.ThreadList: threads.thread_list,
    queries.QuietThreads: threads.quiet_threads,
    queries.Messages: threads.messages,
    queries.ReadingFor: threads.reading_for,
    queries.MessageByRef: threads.message_by_ref,
    queries.Search: threads.search,
    queries.TurnById: turns.turn_by_id,
    queries.TurnRecordByRef: turns.turn_record,
    queries.RouteOf: turns.route_of,
    queries.RoutedCalls: routes.routed_calls,
    queries.TurnSummaries: turns.turn_summaries,
    queries.OutcomeOf: turns.outcome_of,
    queries.OpenTurns: turns.open_turns,
    queries.OpenQuestions: questions.open_questions,
    queries.RecentCalls: turns.recent_calls,
    queries.DecisionByRef: decisions.decision_by_ref,
    queries.DecisionList: decisions.decision_list,
    queries.UsageBy: usage.usage_by,
    queries.DecisionCosts: calls.decision_costs,
    queries.CallLog: calls.call_log,
    queries.CallTotals: calls.call_totals,
    queries.InteractionsSince: interactions.interactions_since,
    queries.ImportedUsage: usage.imported_usage,
    queries.Budgets: usage.budgets,
    queries.PossibleCharges: usage.possible_charges,
    queries.Marks: marks.marks,
    queries.Grades: marks.grades,
    queries.Learned: marks.learned,
}


def answer(session: Session, query: Query[T]) -> T:
    """Answer one query from the snapshot that the caller's transaction sees."""
    result: T = ANSWERS[type(query)](session, query)
    return result
