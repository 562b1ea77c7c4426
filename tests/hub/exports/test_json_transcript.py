import json

from hub.exports.json_transcript import to_json
from tests.fakes.transcripts import deliberation, hostile


def test_the_object_has_the_documented_shape():
    shape = json.loads(to_json(deliberation()))

    assert list(shape) == ["format", "version", "thread", "messages", "decisions"]
    assert (shape["format"], shape["version"]) == ("gitbridge-transcript", 1)
    assert shape["thread"] == {
        "id": deliberation().thread.id,
        "title": "Where should notes live?",
        "created_at": "2025-11-22T10:00:00.000000Z",
        "messages": 8,
        "cost_usd": 0.014601,
        "archived": False,
    }
    assert len(shape["messages"]) == 8
    assert len(shape["decisions"]) == 1


def test_the_same_thread_gives_the_same_bytes():
    assert to_json(deliberation()) == to_json(deliberation())


def test_hostile_text_is_ascii_on_disk_and_itself_when_read():
    text = to_json(hostile())

    assert text.isascii()
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert [m["body"] for m in json.loads(text)["messages"]] == [m.body for m in hostile().messages]


def test_the_text_ends_in_one_newline():
    assert to_json(deliberation()).endswith("}\n")
