"""Takes a message's text out of everything the journal holds, for good.

The message keeps its place and number. What was sent for other turns, what is left of failed ones,
votes and decisions may repeat the text, as may the thread's title: it goes from there too. SQLite
overwrites what it frees (`secure_delete`, also in the search index), and the writer empties the log
afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hub.domain.change import RedactMessage
from hub.domain.text import title_of
from hub.domain.thread import REDACTED, Message, Redaction
from hub.storage.changes.threads import drop_files, files_of
from hub.storage.rows import load_message, load_thread
from hub.storage.session import Session

_TELLING = 12
"""Characters from which on a text is looked for inside others; shorter ones stand alone."""
_OF_TURNS = ("wanted", "sent", "partial", "error")
_OF_DECISIONS = ("question", "proposal", "tally", "dissent", "flips", "stop_reason")
_RECEIVED = """
SELECT DISTINCT call.provider FROM call JOIN turn ON turn.id = call.turn_id
WHERE turn.thread_id = ?1 AND call.state <> 'not_sent' AND (turn.id = ?2
    OR EXISTS (SELECT 1 FROM json_each(turn.sent, '$.parts') AS part
               WHERE part.value ->> 'message_id' = ?3 OR instr(part.value ->> 'text', ?4)))
ORDER BY call.provider
"""


def redact_message(session: Session, change: RedactMessage) -> Redaction:
    """Take the text out; tell who has it and which other messages repeat it."""
    message = load_message(session, change.id)
    body, thread = message.body, message.thread_id
    looked_for = body if len(body) >= _TELLING else "\0"
    received = session.rows(_RECEIVED, thread, message.turn_id, message.id, looked_for)
    repeated = session.rows(
        "SELECT seq FROM message WHERE thread_id = ? AND id <> ? AND instr(body, ?) ORDER BY seq",
        thread,
        message.id,
        looked_for,
    )
    files = files_of(session, message)
    session.run(
        "UPDATE message SET body = ?, attachments = '[]' WHERE id = ?", REDACTED, message.id
    )
    drop_files(session, files)
    _rewrite(session, message)
    _rename(session, message)
    return Redaction(
        message=load_message(session, message.id),
        text=body,
        providers=tuple(name for (name,) in received),
        repeated_in=tuple(seq for (seq,) in repeated),
    )


def _rewrite(session: Session, message: Message) -> None:
    """Replace the text wherever turns, calls, votes and decisions of the thread hold it."""
    hide = _hiding(message)
    of_thread = "IN (SELECT id FROM turn WHERE thread_id = ?)"
    of_decisions = "IN (SELECT id FROM decision WHERE thread_id = ?)"
    places = (
        ("turn", _OF_TURNS, "thread_id = ?"),
        ("call", ("error",), f"turn_id {of_thread}"),
        ("decision", _OF_DECISIONS, "thread_id = ?"),
        ("imported_turn", ("body",), "thread_id = ?"),
        ("ballot", ("body",), f"decision_id {of_decisions}"),
        ("asking", ("ask",), "thread_id = ?"),
        ("mark", ("answer",), f"decision_id {of_decisions}"),
    )
    for table, columns, where in places:
        for column in columns:
            found = session.rows(
                f"SELECT rowid, {column} FROM {table} WHERE {where} AND {column} <> ''",  # noqa: S608  literals, see above
                message.thread_id,
            )
            for row, text in found:
                hidden = _in_column(text, hide)
                if hidden != text:
                    session.run(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", hidden, row)  # noqa: S608  literals, see above


def _rename(session: Session, message: Message) -> None:
    """Take it out of the title that the thread got from its first question."""
    if load_thread(session, message.thread_id).title == title_of(message.body):
        session.run("UPDATE thread SET title = ? WHERE id = ?", REDACTED, message.thread_id)


def _hiding(message: Message) -> Callable[[Any], Any]:
    body = message.body

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            if value == body:
                return REDACTED
            return value.replace(body, REDACTED) if len(body) >= _TELLING else value
        if isinstance(value, list):
            return [hide(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.get("message_id") == message.id:  # shown there cut, or in a fence
            value = {**value, "text": REDACTED}
        return {name: hide(item) for name, item in value.items()}

    return hide


def _in_column(text: str, hide: Callable[[Any], Any]) -> str:
    """Hide the body in a column that holds JSON or plain text."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict | list):
        return str(hide(text))
    hidden = hide(value)
    if hidden == value:
        return text
    return json.dumps(hidden, ensure_ascii=False, separators=(",", ":"))
