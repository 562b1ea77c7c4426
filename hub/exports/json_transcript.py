"""A transcript as JSON: the record that scripts read, equal bytes for equal threads."""

from __future__ import annotations

import json

from hub.domain.transcript import FORMAT, VERSION, Transcript
from hub.exports.shapes import Json, decision_json, known_total, messages_json, thread_json


def transcript_json(transcript: Transcript) -> Json:
    """Return the object of `export --format json` and `thread show --json`."""
    usage = transcript.usage
    return {
        "format": FORMAT,
        "version": VERSION,
        "thread": thread_json(
            transcript.thread,
            messages=len(transcript.messages),
            cost=known_total(usage) if usage else None,
        ),
        "messages": messages_json(transcript.messages, transcript.turns.values()),
        "decisions": [decision_json(decision) for decision in transcript.decisions],
    }


def to_json(t: Transcript) -> str:
    """Return that object as text: ASCII alone, indented, ending in a newline."""
    return json.dumps(transcript_json(t), ensure_ascii=True, allow_nan=False, indent=2) + "\n"
