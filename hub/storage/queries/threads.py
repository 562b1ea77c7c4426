"""Threads and messages: one, a page, pinned ones, found ones."""

from __future__ import annotations

from hub.domain.ids import MessageId, ThreadId
from hub.domain.query import (
    MessageByRef,
    Messages,
    QuietThreads,
    Reading,
    ReadingFor,
    Search,
    ThreadByRef,
    ThreadList,
)
from hub.domain.text import sanitize
from hub.domain.thread import Attachment, Message, Thread, ThreadSummary
from hub.storage.queries.refs import resolve
from hub.storage.rows import MESSAGE, THREAD, load_message, load_thread, message_of, thread_of
from hub.storage.session import Session

_ALL = -1
"""SQLite's LIMIT for no limit."""

_SHORT = 2_000
"""Messages of a thread that are looked through one by one; in a longer one the words are looked up
among all threads, of which it is a large part. Either takes at most some 30 ms among a million."""

_FOUND_IN_SHORT = (
    " WHERE thread_id = ?2 AND EXISTS (SELECT 1 FROM message_text"
    " WHERE message_text MATCH ?1 AND message_text.rowid = message.rowid)"
    " ORDER BY seq DESC LIMIT ?3"
)
_QUIET = (
    " AS t WHERE NOT EXISTS (SELECT 1 FROM turn WHERE thread_id = t.id"
    " AND state IN ('queued', 'running'))"
    " AND coalesce((SELECT created_at FROM message WHERE thread_id = t.id AND seq = t.last_seq),"
    " created_at) < ? ORDER BY rowid"
)
_FOUND = (
    " WHERE rowid IN (SELECT message_text.rowid FROM message_text"
    " JOIN message AS found ON found.rowid = message_text.rowid"
    " WHERE message_text MATCH ?1 AND (?2 IS NULL OR found.thread_id = ?2)"
    " ORDER BY message_text.rowid DESC LIMIT ?3) ORDER BY rowid DESC"
)


def thread_by_ref(session: Session, query: ThreadByRef) -> Thread:
    """Find one thread."""
    return load_thread(session, ThreadId(resolve(session, "thread", query.ref)))


def thread_list(session: Session, query: ThreadList) -> tuple[ThreadSummary, ...]:
    """List threads, the one with the newest message first."""
    rows = session.rows(
        "SELECT t.id, t.title, t.created_at, t.last_seq, t.archived_at, t.imported_seq,"
        " (SELECT coalesce(sum(cost), 0) FROM ledger WHERE thread_id = t.id)"
        " + coalesce(t.imported_usage ->> 'cost', 0),"
        " (SELECT count(*) FROM ledger WHERE thread_id = t.id AND cost IS NULL)"
        " + coalesce(t.imported_usage ->> 'unknown_cost_calls', 0),"
        " coalesce(m.created_at, t.created_at) AS updated_at"
        " FROM thread AS t"
        " LEFT JOIN message AS m ON m.thread_id = t.id AND m.seq = t.last_seq"
        " WHERE (t.archived_at IS NOT NULL) = ?"
        " ORDER BY updated_at DESC, m.rowid DESC, t.rowid DESC",
        int(query.archived),
    )
    return tuple(
        ThreadSummary(thread_of(tuple(thread)), last_seq, cost, unknown, updated_at)
        for *thread, cost, unknown, updated_at in rows
        for last_seq in (thread[3],)
    )


def quiet_threads(session: Session, query: QuietThreads) -> tuple[Thread, ...]:
    """List the threads that nobody has posted in since a moment."""
    return tuple(thread_of(row) for row in session.rows(THREAD + _QUIET, query.since))


def messages(session: Session, query: Messages) -> tuple[Message, ...]:
    """Return a page of a thread in order."""
    limit = _ALL if query.limit is None else max(query.limit, 0)
    before = 2**63 - 1 if query.before is None else query.before
    order = "DESC" if query.after is None else "ASC"
    rows = session.rows(
        MESSAGE + f" WHERE thread_id = ? AND seq > ? AND seq < ? ORDER BY seq {order} LIMIT ?",
        query.thread_id,
        query.after or 0,
        before,
        limit,
    )
    page = tuple(message_of(row) for row in rows)
    return page[::-1] if query.after is None else page


def reading_for(session: Session, query: ReadingFor) -> Reading:
    """Return what a turn is given to read."""
    page = messages(session, Messages(query.thread_id, before=query.before, limit=query.limit))
    pinned = session.rows(
        MESSAGE + " WHERE thread_id = ? AND pinned = 1 ORDER BY seq", query.thread_id
    )
    hashes = dict.fromkeys(file.hash for message in page for file in message.attachments)
    return Reading(
        messages=page,
        pinned=tuple(message_of(row) for row in pinned),
        texts=tuple(
            Attachment(*row)
            for hash_ in hashes
            for row in session.rows(
                "SELECT name, hash, size, text FROM attachment WHERE hash = ?", hash_
            )
        ),
        imported=load_thread(session, query.thread_id).imported,
    )


def message_by_ref(session: Session, query: MessageByRef) -> Message:
    """Find one message."""
    return load_message(session, MessageId(resolve(session, "message", query.ref)))


def search(session: Session, query: Search) -> tuple[Message, ...]:
    """Find messages with all the words, newest first; words are never query syntax."""
    words = [word.replace('"', '""') for word in sanitize(query.text).split()]
    if not words:
        return ()
    found = _FOUND_IN_SHORT if _is_short(session, query.thread_id) else _FOUND
    rows = session.rows(
        MESSAGE + found,
        " ".join(f'"{word}"' for word in words),
        query.thread_id,
        query.limit,
    )
    return tuple(message_of(row) for row in rows)


def _is_short(session: Session, thread: ThreadId | None) -> bool:
    found = session.row("SELECT last_seq FROM thread WHERE id = ?", thread)
    return found is not None and found[0] <= _SHORT
