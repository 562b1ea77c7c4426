"""A thread's messages as CSV that a spreadsheet shows and does not run (SECURITY S10)."""

from __future__ import annotations

import csv
import io
import re

from hub.domain.text import sanitize
from hub.domain.thread import Message
from hub.domain.transcript import Transcript, TurnSummary
from hub.exports.shapes import message_json

COLUMNS = (
    *("seq", "id", "created_at", "author", "kind", "reply_to", "to", "mentions"),
    *("provider", "model", "cost_usd", "latency_s", "body"),
)
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
"""What a spreadsheet may take for a formula, blanks and wide forms before or instead of it too."""


def to_csv(t: Transcript) -> str:
    """Return a head and a row for each message; names in a list are separated by a space.

    Every cell stands in quotes, so that a reader which also splits at semicolons and tabs, as
    LibreOffice does, finds the same cells.
    """
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    for message in t.messages:
        turn = t.turns.get(message.turn_id) if message.turn_id else None
        writer.writerow(_row(message, turn))
    return text.getvalue()


def guarded(text: str) -> str:
    """Return a cleaned text that no spreadsheet takes for a formula: an apostrophe leads it."""
    clean = sanitize(text)
    return f"'{clean}" if _FORMULA.match(clean) else clean


def _row(message: Message, turn: TurnSummary | None) -> list[str]:
    found = message_json(message, turn)
    found |= found["turn"] or {}
    cells = (found.get(column) for column in COLUMNS)
    return [guarded(_cell(cell)) for cell in cells]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case float():
            return f"{value:.6f}".rstrip("0").rstrip(".")
        case list():
            return " ".join(map(str, value))
        case _:
            return str(value)
