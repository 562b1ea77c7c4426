"""The decisions in a file, to be counted again: a decision record, or a whole transcript of ours."""

from __future__ import annotations

from typing import Any

from hub.domain.decision import Decision
from hub.domain.decision_record import RECORD_FORMAT, RECORD_VERSION
from hub.domain.ids import ThreadId
from hub.errors import TranscriptError
from hub.imports.decision import read_decision
from hub.imports.place import Place
from hub.imports.read import parsed, read_transcripts


def read_decisions(data: bytes) -> tuple[Decision, ...]:
    """Return the decisions of a file, checked whole.

    Raises:
        TranscriptError: It is damaged, holds none, or an old program wrote it, which kept too little.
    """
    value = parsed(data)
    if isinstance(value, dict) and value.get("format") == RECORD_FORMAT:
        found: tuple[Decision, ...] = (_of_record(Place(value)),)
    else:
        found = tuple(d for t in read_transcripts(data, 0) for d in t.decisions)
    if not found:
        raise TranscriptError("The file holds no decision: export one with `decision export`.")
    return found


def _of_record(top: Place) -> Decision:
    found = top.fields("format", "version", "decision", "record")
    if found["version"].whole(1) > RECORD_VERSION:
        raise TranscriptError(
            f"The file has version {found['version'].value} of a decision record, and this GitBridge "
            f"reads up to {RECORD_VERSION}: install the newer one that wrote it."
        )
    inner: Any = found["decision"].named().get("thread")
    thread = ThreadId(inner.id()) if inner is not None else ThreadId("")
    return read_decision(found["decision"], thread)
