"""A file as transcripts: ours as JSON or JSONL, ChatGPT's conversations, or lines of any program.

Nothing is unpacked, fetched or run. What is too large, too deep or too full is refused before it is
built; what is wrong is refused with its line or its place (SECURITY S12).
"""

from __future__ import annotations

import json
import re
from typing import Any

from hub.domain.transcript import Transcript
from hub.errors import TranscriptError
from hub.imports import chatgpt
from hub.imports.lines import Record, read_lines
from hub.imports.transcript import read_object

LARGEST = 64 * 1024 * 1024
"""Bytes of a file."""
MOST_VALUES = 4_000_000
"""JSON values in a file: each takes a hundred bytes and more once it is read."""
MOST_LINES = 200_000
"""Lines of a file that has an object on each."""
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
_BETWEEN = "[{,"
_LONG_NUMBER = re.compile(r"[0-9]{4300}")


def read_transcripts(data: bytes, at: int) -> tuple[Transcript, ...]:
    """Return the threads of a file, checked whole, every text cleaned.

    Args:
        data: The file, at most `LARGEST` bytes of it and one more.
        at: UTC microseconds now: the time of messages that have none of their own.

    Raises:
        TranscriptError: Names the line or the place that is wrong.
    """
    text = _decoded(data)
    records = _records(text)
    if records and not _is_whole(records):
        return (read_lines(records, at),)
    value = records[0].value if records else _parse(text)
    if chatgpt.is_export(value):
        return chatgpt.read_export(value, at)
    if isinstance(value, dict) and "format" in value:
        return (read_object(value, at),)
    raise TranscriptError(
        "The file is no transcript that can be imported: a JSON or JSONL transcript of GitBridge, "
        "ChatGPT's conversations.json, or lines of JSON with `role` and `content` are wanted."
    )


def parsed(data: bytes) -> Any:
    """Return the one JSON value of a file, or None where it has one on each line.

    Raises:
        TranscriptError: It is too large, or damaged.
    """
    text = _decoded(data)
    records = _records(text)
    if records:
        return records[0].value if len(records) == 1 else None
    return _parse(text)


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST:
        raise TranscriptError(
            f"The file has more than {LARGEST // 1024**2} MiB, which is too much for a transcript."
        )
    if data.startswith(_ARCHIVES):
        raise TranscriptError("The file is an archive: unpack it, and import the JSON file in it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TranscriptError(f"The file is no UTF-8 text at line {line}.") from None
    if not text.strip():
        raise TranscriptError("The file is empty: there is nothing to import.")
    if sum(map(text.count, _BETWEEN)) > MOST_VALUES:
        raise TranscriptError(
            f"The file has more than {MOST_VALUES:,} values, which is too much for a transcript."
        )
    return text


def _records(text: str) -> list[Record]:
    """Return the objects of a file that has one on each line; none where it is one document."""
    if not text.lstrip().startswith("{"):
        return []
    lines = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) > MOST_LINES and lines[0][1].rstrip().endswith("}"):
        raise TranscriptError(
            f"The file has more than {MOST_LINES:,} lines, which is too much for a transcript."
        )
    number, line = lines[0]
    try:
        first = Record(number, json.loads(line))
    except (ValueError, RecursionError):
        return []
    return [first, *(Record(n, _parse(line, n)) for n, line in lines[1:])]


def _is_whole(records: list[Record]) -> bool:
    """Tell whether the only line there is holds a whole document."""
    return len(records) == 1 and not {"thread", "mapping"}.isdisjoint(records[0].value)


def _parse(text: str, line: int = 1) -> Any:
    """Return a JSON value that begins on a line of the file.

    Raises:
        TranscriptError: It is none, is nested too deeply, or holds a number beyond all sense.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        found, column, why = line + error.lineno - 1, error.colno, error.msg.lower()
        raise TranscriptError(
            f"The file is damaged at line {found}, column {column} ({why}); nothing was imported."
        ) from None
    except RecursionError:
        raise TranscriptError("The file is nested too deeply for a transcript.") from None
    except ValueError:
        long = _LONG_NUMBER.search(text)
        found = line + text.count("\n", 0, long.start() if long else 0)
        raise TranscriptError(f"The file has a number at line {found} that is too long.") from None
