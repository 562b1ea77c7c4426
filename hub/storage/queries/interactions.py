"""Who spoke to whom since a place, without any text: what the kept graphs grow by."""

from __future__ import annotations

from hub.domain.interaction import News, Place, Spending, Utterance
from hub.domain.query import InteractionsSince
from hub.domain.transcript import TurnSummary
from hub.storage.codec import decode, strings
from hub.storage.session import Row, Session

_SAID = """
SELECT m.rowid, m.thread_id, m.author, m.created_at, answered.author,
    NOT EXISTS (SELECT 1 FROM message AS e WHERE e.reply_to = m.reply_to AND e.rowid < m.rowid),
    m.to_agents, m.mentions,
    CASE WHEN m.turn_id IS NULL THEN 0 ELSE
        coalesce((SELECT sum(prompt_tokens + completion_tokens) FROM ledger
            WHERE turn_id = m.turn_id), 0) END,
    CASE WHEN m.turn_id IS NULL THEN 0 ELSE
        (SELECT CASE WHEN count(*) = count(cost) THEN coalesce(sum(cost), 0) END FROM ledger
            WHERE turn_id = m.turn_id) END,
    told.body
FROM message AS m
LEFT JOIN message AS answered ON answered.id = m.reply_to AND answered.thread_id = m.thread_id
LEFT JOIN imported_turn AS told ON told.id = m.turn_id
WHERE m.rowid > ? ORDER BY m.rowid LIMIT ?
"""
_BOOKED = (
    "SELECT id, thread_id, agent, provider, prompt_tokens + completion_tokens, cost, created_at"
    " FROM ledger WHERE id > ? ORDER BY id LIMIT ?"
)
_TOLD = "SELECT rowid, thread_id, body FROM imported_turn WHERE rowid > ? ORDER BY rowid LIMIT ?"


def interactions_since(session: Session, query: InteractionsSince) -> News:
    """Return at most `limit` rows of each kind behind the place."""
    place, limit = query.place, query.limit
    threads = frozenset(id_ for (id_,) in session.rows("SELECT id FROM thread"))
    said = session.rows(_SAID, place.message, limit)
    booked = session.rows(_BOOKED, place.booking, limit)
    told = session.rows(_TOLD, place.imported, limit)
    spendings = [Spending(*row[1:]) for row in booked]
    for _, thread, body in told:
        turn = decode(TurnSummary, body)
        tokens = turn.prompt_tokens + turn.completion_tokens
        spendings.append(Spending(thread, turn.agent, turn.provider, tokens, turn.cost, 0))
    return News(
        place=Place(
            said[-1][0] if said else place.message,
            booked[-1][0] if booked else place.booking,
            told[-1][0] if told else place.imported,
        ),
        threads=threads,
        utterances=tuple(map(_utterance, said)),
        spendings=tuple(s for s in spendings if s.thread_id in threads),
        complete=max(len(said), len(booked), len(told)) < limit,
    )


def _utterance(row: Row) -> Utterance:
    _, thread, author, at, answered, first, to, mentions, tokens, cost, told = row
    if told:
        turn = decode(TurnSummary, told)
        tokens, cost = turn.prompt_tokens + turn.completion_tokens, turn.cost
    return Utterance(
        thread, author, at, answered, bool(first), strings(to), strings(mentions), tokens, cost
    )
