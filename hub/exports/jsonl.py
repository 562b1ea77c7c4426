"""A transcript as JSON, one object a line: the thread, its messages, its decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hub.domain.transcript import Transcript
from hub.exports.json_transcript import transcript_json
from hub.exports.shapes import Json


def to_jsonl(t: Transcript) -> str:
    """Return the lines, ASCII alone; `type` says what each holds, the rest is as in JSON."""
    return "".join(
        json.dumps(line, ensure_ascii=True, allow_nan=False) + "\n" for line in _objects(t)
    )


def _objects(t: Transcript) -> Iterator[Json]:
    whole = transcript_json(t)
    head = {"format": whole["format"], "version": whole["version"]}
    yield {"type": "thread", **head, **whole["thread"]}
    for message in whole["messages"]:
        yield {"type": "message", **message}
    for decision in whole["decisions"]:
        yield {"type": "decision", **decision}
