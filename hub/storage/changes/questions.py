"""Questions under way: noted when they are asked, forgotten when they are over."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.ask import Ask, Asked
from hub.domain.change import AskQuestion, EndQuestion, KeepQuestion, QueueTurn
from hub.storage.changes.recovery import refuse_orphans
from hub.storage.changes.threads import post
from hub.storage.changes.turns import queue_turn
from hub.storage.codec import decode, encode
from hub.storage.session import Session


def ask_question(session: Session, change: AskQuestion) -> Asked:
    """Post a question, note how it is to be answered, and put its first turn in line."""
    if change.turn is None:  # putting one in line looks for itself
        refuse_orphans(session, change.message.thread_id)
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
    return Asked(message, queue_turn(session, QueueTurn(change.turn)) if change.turn else None)


def keep_question(session: Session, change: KeepQuestion) -> None:
    """Note that a question waits to be sent again."""
    row = session.row("SELECT ask FROM asking WHERE id = ?", change.id)
    if row is not None:
        kept = encode(replace(decode(Ask, row[0]), unreached=True))
        session.run("UPDATE asking SET ask = ? WHERE id = ?", kept, change.id)


def end_question(session: Session, change: EndQuestion) -> None:
    """Forget a question that is over."""
    session.run("DELETE FROM asking WHERE id = ?", change.id)
