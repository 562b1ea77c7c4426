"""Threads and the messages that no turn wrote."""

from __future__ import annotations

from hub.domain.change import CreateThread, DeleteThread, EditThread, PinMessage, PostMessage
from hub.domain.thread import Attachment, Message, Thread
from hub.errors import NotFoundError
from hub.storage.changes.money import unsettle
from hub.storage.codec import encode
from hub.storage.rows import find_message, load_message, load_thread, no_thread
from hub.storage.session import Session

_FILES = (
    "SELECT DISTINCT file.value ->> 'hash' FROM message, json_each(message.attachments) AS file"
    " WHERE "
)
_POST = """
INSERT INTO message (id, thread_id, seq, author, kind, body, reply_to, mentions, to_agents,
    turn_id, attachments, pinned, created_at)
SELECT ?1, id, last_seq + 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM thread WHERE id = ?12
ON CONFLICT (id) DO NOTHING RETURNING seq
"""


def create_thread(session: Session, change: CreateThread) -> Thread:
    """Open a thread; the same id again changes nothing."""
    thread = change.thread
    session.insert(
        "thread",
        {
            "id": thread.id,
            "title": thread.title,
            "created_at": thread.created_at,
            "archived_at": thread.archived_at,
        },
        or_ignore=True,
    )
    return load_thread(session, thread.id)


def edit_thread(session: Session, change: EditThread) -> Thread:
    """Rename, archive or restore a thread."""
    thread = load_thread(session, change.id)
    title = thread.title if change.title is None else change.title
    archived = thread.archived_at if change.archived_at is None else change.archived_at
    if change.restore:
        archived = None
    session.run(
        "UPDATE thread SET title = ?, archived_at = ? WHERE id = ?", title, archived, thread.id
    )
    return load_thread(session, thread.id)


def delete_thread(session: Session, change: DeleteThread) -> None:
    """Delete a thread; its bookings, tags and what may still be billed stay."""
    thread = load_thread(session, change.id)
    calls = session.rows(
        "SELECT call.id FROM call JOIN turn ON turn.id = call.turn_id"
        " WHERE turn.thread_id = ? AND call.state = 'intent'",
        thread.id,
    )
    for (call,) in calls:
        unsettle(session, call)
    files = session.rows(_FILES + "thread_id = ?", thread.id)
    session.run("DELETE FROM asking WHERE thread_id = ?", thread.id)
    session.run("DELETE FROM decision WHERE thread_id = ?", thread.id)
    session.run("DELETE FROM turn WHERE thread_id = ?", thread.id)
    session.run("DELETE FROM message WHERE thread_id = ?", thread.id)
    session.run("DELETE FROM thread WHERE id = ?", thread.id)
    drop_files(session, [file for (file,) in files])


def files_of(session: Session, message: Message) -> list[str]:
    """Return the hashes of a message's files."""
    return [file for (file,) in session.rows(_FILES + "message.id = ?", message.id)]


def drop_files(session: Session, files: list[str]) -> None:
    """Delete those of these files, by hash, that no message refers to any more."""
    for file in files:
        session.run(
            "DELETE FROM attachment WHERE hash = ? AND NOT EXISTS (SELECT 1 FROM message,"
            " json_each(message.attachments) AS other WHERE message.attachments <> '[]'"
            " AND other.value ->> 'hash' = attachment.hash)",
            file,
        )


def post_message(session: Session, change: PostMessage) -> Message:
    """Post a message; the same id again returns what is stored."""
    return post(session, change.message)


def pin_message(session: Session, change: PinMessage) -> Message:
    """Pin a message, or take the pin out."""
    load_message(session, change.id)
    session.run("UPDATE message SET pinned = ? WHERE id = ?", int(change.pinned), change.id)
    return load_message(session, change.id)


def post(session: Session, message: Message) -> Message:
    """Number a message and write it.

    The thread's row gives the number, and a trigger counts it on: numbers have no gap and follow
    the order of commits.

    Raises:
        NotFoundError: Unknown thread, or `reply_to` names no message of it.
    """
    _check_answered(session, message)
    numbered = session.row(
        _POST,
        message.id,
        message.author,
        message.kind,
        message.body,
        message.reply_to,
        encode(message.mentions),
        encode(message.to),
        message.turn_id,
        encode(message.without_texts),
        message.pinned,
        message.created_at,
        message.thread_id,
    )
    if numbered is None:
        stored = find_message(session, message.id)
        if stored is None:
            raise no_thread(message.thread_id)
        return stored
    keep_attachments(session, message.attachments)
    return message.numbered(numbered[0])


def keep_attachments(session: Session, attachments: tuple[Attachment, ...]) -> None:
    """Keep the text of files that came along, once for each hash."""
    for file in attachments:
        if file.text:
            values = {"hash": file.hash, "name": file.name, "size": file.size, "text": file.text}
            session.insert("attachment", dict[str, object](values), or_ignore=True)


def _check_answered(session: Session, message: Message) -> None:
    if message.reply_to is None:
        return
    answered = find_message(session, message.reply_to)
    if answered is None or answered.thread_id != message.thread_id:
        raise NotFoundError(f"There is no message {message.reply_to} in this thread to answer.")
