"""What was booked, and what stands against each cap."""

from __future__ import annotations

from collections.abc import Mapping

from hub.domain.query import Budgets, ImportedUsage, PossibleCharges, UsageBy
from hub.domain.usage import Budget, PossibleCharge, UsageRow
from hub.errors import UsageError
from hub.storage.codec import decode
from hub.storage.session import Session

_KEYS = {
    "provider": "ledger.provider",
    "model": "ledger.model",
    "agent": "ledger.agent",
    "thread": "ledger.thread_id",
    "tag": "tag.tag",
    "day": "ledger.day",
    "month": "substr(ledger.day, 1, 7)",
}

_SUMS = (
    ", coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),"
    " coalesce(sum(reasoning_tokens), 0), coalesce(sum(cached_tokens), 0),"
    " coalesce(sum(prompt_cost), 0), coalesce(sum(completion_cost), 0), coalesce(sum(cost), 0),"
    " count(*) - count(cost), count(DISTINCT call_id)"
)
_LEDGER = " FROM ledger"
_TAGS = " JOIN tag ON tag.turn_id = ledger.turn_id"
_WHERE = (
    " WHERE (?1 IS NULL OR ledger.day >= ?1) AND (?2 IS NULL OR ledger.thread_id = ?2)"
    " AND (?3 IS NULL OR ledger.question_id = ?3)"
)


def usage_by(session: Session, query: UsageBy) -> tuple[UsageRow, ...]:
    """Sum up bookings by one key; a turn with two tags counts for both.

    Raises:
        UsageError: There is no such key.
    """
    values = (query.since, query.thread_id, query.question_id)
    if query.by == "total":
        rows = session.rows("SELECT 'total'" + _SUMS + _LEDGER + _WHERE, *values)
    elif query.by in _KEYS:
        source = _LEDGER + (_TAGS if query.by == "tag" else "")
        select = "SELECT " + _KEYS[query.by] + _SUMS + source + _WHERE
        rows = session.rows(select + " GROUP BY 1 ORDER BY 1", *values)
    else:
        keys = ", ".join((*_KEYS, "total"))
        raise UsageError(f"Usage cannot be summed up by {query.by!r}: choose one of {keys}.")
    return tuple(UsageRow(*row) for row in rows)


def imported_usage(session: Session, query: ImportedUsage) -> UsageRow | None:
    """Return what the file that a thread came with says it cost."""
    row = session.row("SELECT imported_usage FROM thread WHERE id = ?", query.thread_id)
    return decode(UsageRow, row[0]) if row and row[0] else None


def budgets(session: Session, query: Budgets) -> Mapping[str, Budget]:
    """Return budgets by id; a scope that nothing counted on yet has none."""
    columns = "SELECT id, cap, spent, reserved, by_person FROM budget"
    if query.ids is None:
        found = session.rows(columns + " ORDER BY id")
    else:
        found = [row for id_ in query.ids for row in session.rows(columns + " WHERE id = ?", id_)]
    return {
        id_: Budget(id_, cap, spent, reserved, by_person=bool(by_person))
        for id_, cap, spent, reserved, by_person in found
    }


def possible_charges(session: Session, _: PossibleCharges) -> tuple[PossibleCharge, ...]:
    """Return the calls whose reservation nobody can settle, the oldest first."""
    rows = session.rows(
        "SELECT held.call_id, coalesce(call.provider, ''), coalesce(call.model, ''),"
        " coalesce(turn.thread_id, ''), max(held.amount), coalesce(call.started_at, 0)"
        " FROM reservation AS held LEFT JOIN call ON call.id = held.call_id"
        " LEFT JOIN turn ON turn.id = call.turn_id"
        " WHERE held.state = 'unsettled' GROUP BY held.call_id ORDER BY 6, 1"
    )
    return tuple(PossibleCharge(*row) for row in rows)
