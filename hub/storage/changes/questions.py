"""Questions under way: noted when they are asked, forgotten when they are over."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.change import AskQuestion, EndQuestion
from hub.domain.ids import ThreadId
from hub.domain.thread import Message
from hub.storage.changes.threads import post
from hub.storage.codec import encode
from hub.storage.session import Session


def ask_question(session: Session, change: AskQuestion) -> Message:
    """Post a question and note how it is to be answered, in one transaction."""
    message = post(session, change.message)
    session.insert(
        "asking",
        {
            "id": message.id,
            "thread_id": message.thread_id,
            "owner": session.owners.own,
            "ask": encode(replace(change.ask, question="", attachments=())),
        },
        or_ignore=True,
    )
    return message


def end_question(session: Session, change: EndQuestion) -> None:
    """Forget a question that is over."""
    session.run("DELETE FROM asking WHERE id = ?", change.id)


def take_questions(session: Session, thread_id: ThreadId | None) -> None:
    """Make the questions that dead programs left this program's own."""
    owners = session.rows("SELECT DISTINCT owner FROM asking")
    for (owner,) in owners:
        if not session.owners.alive(owner):
            session.run(
                "UPDATE asking SET owner = ?1 WHERE owner = ?2 AND (?3 IS NULL OR thread_id = ?3)",
                session.owners.own,
                owner,
                thread_id,
            )
