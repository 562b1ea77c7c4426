from __future__ import annotations

import json

import pytest

from hub.exports.json_transcript import transcript_json
from hub.exports.jsonl import to_jsonl
from tests.fakes.transcripts import deliberation, hostile


def test_the_lines_hold_what_the_json_holds():
    lines = [json.loads(line) for line in to_jsonl(deliberation()).splitlines()]
    whole = transcript_json(deliberation())

    assert [line.pop("type") for line in lines] == ["thread", *["message"] * 8, "decision"]
    assert lines[0] == {"format": whole["format"], "version": 1, **whole["thread"]}
    assert lines[1:9] == whole["messages"]
    assert lines[9:] == whole["decisions"]


@pytest.mark.control("S10")
def test_hostile_text_stays_on_its_line_in_ascii():
    text = to_jsonl(hostile())

    assert text.isascii()
    assert len(text.splitlines()) == 1 + 8 + 1
    assert not any(ord(c) < 32 and c != "\n" for c in text)
