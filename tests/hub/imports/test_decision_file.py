"""A decision in a file: read, refused with its place, counted again, and never a traceback."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings

from hub.consensus.verify import differences
from hub.consensus.whatif import what_if
from hub.domain.decision_record import DecisionRecord
from hub.errors import GitBridgeError, TranscriptError, UsageError
from hub.exports.decision_record import to_json, to_markdown
from hub.exports.json_transcript import to_json as transcript_json
from hub.imports.decision_file import read_decisions
from tests.fakes.transcripts import decision, deliberation
from tests.hub.imports.threads import transcripts


@given(transcripts())
@settings(max_examples=25)
def test_whatever_a_file_says_is_counted_or_refused_in_one_sentence(thread):
    for found in thread.decisions:
        record = DecisionRecord(found)
        (read,) = read_decisions(to_json(record).encode())
        assert read == found
        assert to_markdown(record)
        with suppress(GitBridgeError):
            differences(found)
        with suppress(GitBridgeError):
            what_if(found)


def test_a_transcript_gives_its_decisions_too():
    assert read_decisions(transcript_json(deliberation()).encode()) == (decision(),)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.update(version=9), "version 9"),
        (lambda file: file["decision"].pop("ballots"), "`ballots` is missing"),
        (lambda file: file["decision"].update(thread="../x"), "decision.thread"),
        (lambda file: file["decision"].pop("thread"), "`thread` is missing"),
        (lambda file: file.update(more=1), "no part of this version"),
        (lambda file: file["decision"]["proposal"].update(kind="poem"), "one of these"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(change, said):
    file = json.loads(to_json(DecisionRecord(decision())))
    change(file)

    with pytest.raises(TranscriptError, match=said):
        read_decisions(json.dumps(file).encode())


@pytest.mark.parametrize("text", [b"", b"[1]", b'{"format": "x"}', b"{" * 100_000, b"\xff"])
def test_what_is_no_decision_is_refused(text):
    with pytest.raises(TranscriptError):
        read_decisions(text)


def test_weights_that_do_not_fit_the_voters_are_refused():
    file = json.loads(to_json(DecisionRecord(decision())))
    file["decision"]["proposal"]["rule"] = "weighted"
    file["decision"]["tally"]["weighing"]["weights"] = {"nobody": 1e9}
    (read,) = read_decisions(json.dumps(file).encode())

    with pytest.raises(UsageError, match="contradicts itself"):
        differences(read)
