"""ChatGPT's export, in the shape that its data export has."""

from __future__ import annotations

import json

import pytest

from hub.domain.thread import MessageKind
from hub.errors import TranscriptError
from hub.imports.read import read_transcripts

NOW = 1_763_805_600_000_000
ID = "6720b6a3-0d2c-8004-b1c5-4f0f5d3a9e11"


def node(id_, parent, role=None, *parts, children=(), kind="text", **more):
    message = None
    if role:
        message = {
            "id": f"m-{id_}",
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": 1_700_000_000.5,
            "content": {"content_type": kind, "parts": list(parts)},
            "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
            "recipient": "all",
            **more,
        }
    return {"id": id_, "message": message, "parent": parent, "children": list(children)}


def conversation(*nodes, **more):
    return {
        "title": "Stores",
        "create_time": 1_700_000_000.25,
        "update_time": None,
        "mapping": {one["id"]: one for one in nodes},
        "current_node": nodes[-1]["id"],
        "conversation_id": ID,
        "id": ID,
        **more,
    }


TREE = conversation(
    node("root", None),
    node("s", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True}),
    node("q", "s", "user", "Which store?"),
    node("a1", "q", "assistant", "Files."),
    node("t", "q", "assistant", "search('stores')", recipient="browser"),
    node("r", "t", "tool", "a page"),
    node("a2", "r", "assistant", "SQLite.", create_time=1_700_000_009),
)


def read(value):
    return read_transcripts(json.dumps(value).encode(), NOW)


def test_what_was_shown_on_the_screen_becomes_the_thread():
    (found,) = read([TREE])

    assert (found.thread.id, found.thread.title) == (ID, "Stores")
    assert found.thread.created_at == 1_700_000_000_250_000
    assert [(m.id, m.author, m.body) for m in found.messages] == [
        ("m-q", "you", "Which store?"),
        ("m-a2", "chatgpt", "SQLite."),
    ]
    assert [m.kind for m in found.messages] == [MessageKind.QUESTION, MessageKind.REPLY]
    assert [m.created_at for m in found.messages] == [1_700_000_000_500_000, 1_700_000_009_000_000]
    assert found.messages[1].reply_to == "m-q"


def test_the_model_is_known_and_its_cost_is_not():
    (found,) = read([TREE])
    (turn,) = found.turns.values()

    assert (turn.agent, turn.provider, turn.model, turn.cost) == (
        "chatgpt",
        "openai",
        "gpt-4o",
        None,
    )
    assert (found.usage.calls, found.usage.unknown_cost_calls) == (1, 1)


def test_one_conversation_alone_and_many_at_once_are_read():
    other = {**TREE, "conversation_id": "other", "mapping": {
        "u": node("u", None, "user", "Hi")}, "current_node": None}  # fmt: skip

    assert [len(t.messages) for t in read([TREE, other])] == [2, 1]
    assert read(TREE) == read([TREE])


def test_a_conversation_without_its_current_node_ends_where_the_file_does():
    (found,) = read([{**TREE, "current_node": "gone"}])

    assert found.messages[-1].body == "SQLite."


def test_pictures_are_left_out_and_the_words_beside_them_kept():
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    (found,) = read([conversation(
        node("u", None, "user", picture, "What is this?", kind="multimodal_text"))])  # fmt: skip

    assert found.messages[0].body == "What is this?"


def test_half_a_character_is_dropped_as_everywhere():
    text = json.dumps([conversation(node("u", None, "user", "cut X"))]).replace("X", "\\ud83d")

    (found,) = read_transcripts(text.encode(), NOW)

    assert found.messages[0].body == "cut"


def test_an_id_that_can_be_none_here_is_replaced_and_the_same_each_time():
    strange = conversation(node("../u", None, "user", "Hi"), conversation_id="../../x", id=None)
    strange["mapping"]["../u"]["message"]["id"] = "-rf"

    first, second = read([strange])[0], read([strange])[0]

    assert first == second
    assert len(first.thread.id) == len(first.messages[0].id) == 16


@pytest.mark.control("S12")
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([TREE, {}], "[1]: `mapping` is missing"),
        ([TREE, 5], "[1]: an object is wanted"),
        ([{**TREE, "mapping": []}], "[0].mapping: an object is wanted"),
        ([{**TREE, "mapping": {"a2": 5}}], "[0].mapping.a2: an object is wanted"),
        ([{**TREE, "mapping": {"a2": {"message": 5}}}], "[0].mapping.a2.message: an object"),
        ([{**TREE, "mapping": {}}], "no message"),
        ([TREE, TREE], "the same id"),
        (
            [conversation(node("a", "b", "user", "x"), node("b", "a", "user", "y"))],
            "it is its own ancestor",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(value, reason):
    with pytest.raises(TranscriptError) as caught:
        read(value)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "time", [float("nan"), float("inf"), -1, "soon", None, True, 1e18, 10**400]
)
def test_a_time_that_makes_no_sense_is_that_of_the_message_before(time):
    (found,) = read([conversation(
        node("q", None, "user", "a"), node("a", "q", "assistant", "b", create_time=time))])  # fmt: skip

    assert found.messages[1].created_at == found.messages[0].created_at


def test_a_path_of_twenty_thousand_messages_is_walked():
    nodes = [node(str(n), str(n - 1) if n else None, "user", "x") for n in range(20_000)]

    (found,) = read([conversation(*nodes)])

    assert found.messages[-1].seq == 20_000
