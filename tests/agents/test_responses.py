"""The Responses protocol: what is streamed, and what the closing event says once more."""

from __future__ import annotations

import pytest

from agents.responses import ResponsesAnswer


def delta(said, **place):
    return {"type": "response.output_text.delta", "delta": said, **place}


def ended(*texts, ids=()):
    items = [
        {"type": "message", "content": [{"type": "output_text", "text": text}]} for text in texts
    ]
    for item, name in zip(items, ids, strict=False):
        item["id"] = name
    return {"type": "response.completed", "response": {"status": "completed", "output": items}}


def seen(*events):
    """What the person saw of these events, which is what the answer holds."""
    answer = ResponsesAnswer()
    shown = "".join(answer.take_event(found, "")[0] for found in events)

    assert answer.closed
    assert answer.text == shown
    return shown


def test_the_end_says_nothing_twice():
    assert seen(delta("Hel", item_id="a"), delta("lo", item_id="a"), ended("Hello", ids="a")) == (
        "Hello"
    )


def test_the_end_brings_what_no_delta_did():
    assert seen(ended("Hello")) == "Hello"
    assert seen(delta("Hel", item_id="a", content_index=0), ended("Hello", " there", ids="ab")) == (
        "Hello there"
    )


@pytest.mark.parametrize(
    "deltas",
    [
        [delta("Hello there")],
        [delta("Hello "), delta("there")],
        [delta("Hello ", item_id="x"), delta("there", item_id="y")],
    ],
    ids=["one place", "no place", "other places"],
)
def test_a_server_that_calls_its_places_by_other_names_is_not_shown_twice(deltas):
    assert seen(*deltas, ended("Hello ", "there", ids="ab")) == "Hello there"


def test_of_such_a_server_what_was_cut_is_completed_and_what_is_new_is_kept():
    assert seen(delta("Hello th", item_id="x"), ended("Hello ", "there", ids="ab")) == "Hello there"
    assert seen(delta("One.", item_id="x"), ended("Two.", ids="a")) == "One.Two."


def test_tool_calls_beyond_any_measure_are_not_kept():
    answer = ResponsesAnswer()
    for number in range(1_000):
        call = {"type": "function_call", "call_id": f"c{number}", "arguments": "{}"}
        answer.take_event({"type": "response.output_item.done", "item": call}, "")

    assert [tool["id"] for tool in answer.tools] == [f"c{number}" for number in range(128)]


def test_a_call_that_is_nested_too_deep_to_write_is_still_a_call():
    deep = "x"
    for _ in range(100_000):
        deep = [deep]
    answer = ResponsesAnswer()
    call = {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": deep}
    answer.take_event({"type": "response.output_item.done", "item": call}, "")

    assert [(tool["name"], tool["arguments"]) for tool in answer.tools] == [("f", "")]
