"""How a provider writes an answer: both protocols, whole and as events."""

from __future__ import annotations

import re

from tests.faults.http import Answer, Json
from tests.faults.server import event


def words_of(text: str) -> list[str]:
    """Cut a text the way models stream it."""
    return re.findall(r"\S+\s*|\s+", text)


def chat_events(model: str, text: str, counted: Json | None) -> list[Answer]:
    """Return a streamed chat completion; its usage comes only where it was asked for."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": model}

    def chunk(delta: Json, finish: str | None = None) -> Answer:
        return event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": word}) for word in words_of(text)]
    events.append(chunk({}, "stop"))
    if counted is not None:
        events.append(event({**base, "choices": [], "usage": counted}))
    return [*events, event("[DONE]")]


def chat_whole(model: str, text: str, counted: Json) -> Json:
    """Return a chat completion in one piece."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": model,
        "choices": [choice],
        "usage": counted,
    }


def responses_events(model: str, text: str, counted: Json) -> list[Answer]:
    """Return a streamed response, whose closing event repeats everything."""
    whole = responses_whole(model, text, counted)
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    item = whole["output"][0]
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    steps = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": {**item, "content": []}},
        *(
            {"type": "response.output_text.delta", **place, "delta": word}
            for word in words_of(text)
        ),
        {"type": "response.output_text.done", **place, "text": text},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    return [event(step, name=str(step["type"])) for step in steps]


def responses_whole(model: str, text: str, counted: Json) -> Json:
    """Return a response in one piece."""
    part = {"type": "output_text", "text": text, "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": model,
        "output": [{**item, "content": [part]}],
        "incomplete_details": None,
        "error": None,
        "usage": counted,
    }


def responses_usage(counted: Json) -> Json:
    """Return a chat completion's counts as a response has them: reasoning inside the output."""
    hidden = counted["completion_tokens_details"]["reasoning_tokens"]
    beside = counted["total_tokens"] - counted["prompt_tokens"] - counted["completion_tokens"]
    kept = {k: v for k, v in counted.items() if k == "cost_in_usd_ticks"}
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": counted["prompt_tokens_details"],
        "output_tokens": counted["completion_tokens"] + beside,
        "output_tokens_details": {"reasoning_tokens": hidden},
        "total_tokens": counted["total_tokens"],
        **kept,
    }
