"""Lines of JSON that other programs wrote."""

from __future__ import annotations

import json

import pytest

from hub.domain.thread import MessageKind
from hub.errors import TranscriptError
from hub.imports.read import read_transcripts

NOW = 1_763_805_600_000_000


def read(*lines: object, at: int = NOW):
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (found,) = read_transcripts(text.encode(), at)
    return found


def test_roles_and_contents_become_a_thread():
    found = read(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Which store? Say why."},
        {"role": "assistant", "content": "SQLite."},
    )

    assert found.thread.title == "Be brief."
    assert [(m.seq, m.author, m.body) for m in found.messages] == [
        (1, "system", "Be brief."),
        (2, "you", "Which store? Say why."),
        (3, "assistant", "SQLite."),
    ]
    assert found.messages[1].kind is MessageKind.QUESTION
    assert found.messages[2].reply_to == found.messages[1].id
    assert (found.turns, found.usage) == ({}, None)


def test_authors_bodies_and_times_are_taken_as_well():
    found = read(
        {"author": "Ann", "body": " Hi. ", "created_at": "2020-01-01T00:00:00Z", "more": [1]},
        {"author": "Ben", "body": "Hello."},
    )

    assert [(m.author, m.body) for m in found.messages] == [("Ann", "Hi."), ("Ben", "Hello.")]
    assert found.thread.created_at == 1_577_836_800_000_000
    assert found.messages[1].created_at == NOW


def test_texts_in_parts_are_joined_and_lines_that_say_nothing_are_left_out():
    found = read(
        {"role": "user", "content": [{"type": "text", "text": "a"}, "b", {"type": "image"}]},
        {"role": "assistant", "content": None},
        "",
        {"role": "assistant", "content": "\x1b[2Jc\u202e"},
    )

    assert [m.body for m in found.messages] == ["a\nb", "[2Jc"]


def test_one_line_is_enough():
    assert read({"role": "user", "content": "Hi"}).messages[0].body == "Hi"


def test_the_same_texts_are_the_same_thread():
    lines = ({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})

    assert read(*lines, at=1).thread.id == read(*lines, at=2).thread.id
    assert read(*lines).thread.id != read(*lines[:1]).thread.id


@pytest.mark.control("S12")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"role": "user"}', "line 2: `role` or `author`"),
        ('{"content": "x"}', "line 2: `role` or `author`"),
        ("[1]", "line 2: an object is wanted"),
        ("null", "line 2: an object is wanted"),
        ('{"role": 1, "content": "x"}', "line 2, role: a text is wanted"),
        ('{"role": "user", "content": {"x": 1}}', "line 2, content: a text is wanted"),
        ('{"role": "user", "content": "x", "created_at": 5}', "a time is wanted"),
        ('{"role": "user", "content": "x"', "line 2, column "),
        ("{'role': 'user'}", "line 2, column 2"),
        ("[" * 200_000, "nested too deeply"),
    ],
)
def test_a_line_that_is_wrong_is_named(line, reason):
    with pytest.raises(TranscriptError) as caught:
        read({"role": "user", "content": "Hi"}, line)

    assert reason in str(caught.value)


def test_lines_that_say_nothing_at_all_are_no_thread():
    with pytest.raises(TranscriptError, match="no message"):
        read({"role": "user", "content": ""}, {"role": "user", "content": " "})
