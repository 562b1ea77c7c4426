"""Threads that come with a file: whole, under their own ids, their cost never booked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hub.domain.change import ImportThreads
from hub.domain.decision import Decision
from hub.domain.thread import Thread
from hub.domain.transcript import Transcript
from hub.errors import TranscriptError
from hub.storage.changes.decisions import keep_ballot
from hub.storage.changes.threads import post
from hub.storage.codec import encode
from hub.storage.rows import load_thread
from hub.storage.session import Session

_TAKEN = {
    "thread": "SELECT id FROM thread WHERE id IN (SELECT value FROM json_each(?))",
    "message": "SELECT id FROM message WHERE id IN (SELECT value FROM json_each(?))",
    "decision": "SELECT id FROM decision WHERE id IN (SELECT value FROM json_each(?))",
    "turn": "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM turn WHERE id = value)"
    " OR EXISTS (SELECT 1 FROM imported_turn WHERE id = value)"
    " OR EXISTS (SELECT 1 FROM ballot WHERE turn_id = value)"
    " OR EXISTS (SELECT 1 FROM message WHERE turn_id = value)",
}


def import_threads(session: Session, change: ImportThreads) -> tuple[Thread, ...]:
    """Write the threads that are not here yet.

    Raises:
        TranscriptError: A part of one of them belongs to another thread here.
    """
    here = _taken(session, "thread", (t.thread.id for t in change.transcripts))
    new = [t for t in change.transcripts if t.thread.id not in here]
    for transcript in new:
        _refuse_strangers(session, transcript)
        _import(session, transcript, own=change.own)
    return tuple(load_thread(session, t.thread.id) for t in new)


def _taken(session: Session, what: str, ids: Iterable[str | None]) -> set[str]:
    wanted = json.dumps([id_ for id_ in ids if id_ is not None])
    return {row[0] for row in session.rows(_TAKEN[what], wanted)}


def _refuse_strangers(session: Session, t: Transcript) -> None:
    """Let no file put words into a thread that is here, or take a turn from it."""
    written = [m.turn_id for m in t.messages]
    written += [b.turn_id for d in t.decisions for b in d.ballots]
    parts: dict[str, list[Any]] = {
        "message": [m.id for m in t.messages],
        "turn": written,
        "decision": [d.id for d in t.decisions],
    }
    for what, ids in parts.items():
        taken = _taken(session, what, ids)
        if taken:
            raise TranscriptError(
                f"The {what} {min(taken)} of the file belongs to another thread here: nothing was "
                "imported; --as-new imports all under new ids."
            )


def _import(session: Session, t: Transcript, *, own: bool) -> None:
    thread = t.thread
    session.insert(
        "thread",
        {
            "id": thread.id,
            "title": thread.title,
            "created_at": thread.created_at,
            "archived_at": thread.archived_at,
            "imported_seq": thread.imported if own else len(t.messages),
            "imported_usage": encode(t.usage) if t.usage else None,
        },
    )
    for turn in t.turns.values():
        values = {"id": turn.id, "thread_id": thread.id, "body": encode(turn)}
        session.insert("imported_turn", dict[str, object](values))
    for message in t.messages:
        post(session, message)
    for decision in t.decisions:
        _keep(session, decision)


def _keep(session: Session, decision: Decision) -> None:
    """Write a decision as it stands: its ballots while it is open, then how it was closed."""
    proposal, tally = decision.proposal, decision.tally
    session.insert(
        "decision",
        {
            "id": decision.id,
            "thread_id": decision.thread_id,
            "question": proposal.question,
            "rule": proposal.rule,
            "outcome": tally and tally.verdict,
            "winner": tally and tally.winner,
            "proposal": encode(proposal),
            "tally": encode(tally) if tally else None,
            "dissent": encode(decision.dissent),
            "flips": encode(decision.flips),
            "stop_reason": decision.stop_reason,
            "opened_at": decision.opened_at,
        },
    )
    for ballot in decision.ballots:
        keep_ballot(session, decision.id, ballot)
    session.run("UPDATE decision SET closed_at = ? WHERE id = ?", decision.closed_at, decision.id)
