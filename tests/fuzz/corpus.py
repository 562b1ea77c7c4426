"""Right input to begin from: what providers really sent where that is at hand, and our own."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.fuzz.mutation import Seed, written

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "recorded.jsonl.gz"
_MOST_BYTES = 2_500
"""Of one seed: what is longer says the same more often, and takes longer to say it."""

USAGE = {
    "prompt_tokens": 12,
    "completion_tokens": 7,
    "total_tokens": 24,
    "prompt_tokens_details": {"cached_tokens": 4},
    "completion_tokens_details": {"reasoning_tokens": 5},
    "cost_in_usd_ticks": 2_488_500,
    "server_side_tool_usage_details": {"web_search_calls": 2, "mcp_calls": 1},
    "num_server_side_tools_used": 3,
}
_COUNTED = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 3,
    "output_tokens_details": {"reasoning_tokens": 1},
    "total_tokens": 12,
}
_CALL = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
_PART = {"type": "output_text", "text": "Grüße 👋", "annotations": []}
_ITEM = {"id": "m1", "type": "message", "role": "assistant", "content": [_PART]}
_ASKED = {"id": "i2", "type": "custom_tool_call", "call_id": "k2", "name": "g", "input": {"a": [1]}}
_WHOLE = {
    "id": "r1",
    "object": "response",
    "status": "completed",
    "model": "gpt-5-mini",
    "output": [_ITEM, _ASKED, {"type": "function_call_output", "call_id": "k9"}],
    "incomplete_details": {"reason": "max_output_tokens"},
    "usage": _COUNTED,
}
_PLACE = {"item_id": "m1", "output_index": 0, "content_index": 0}


def _chunk(delta: object, finish: str | None = None) -> dict:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"data": {"model": "gpt-4o-2024-08-06", "choices": [choice]}}


def _named(kind: str, **more: object) -> dict:
    return {"event": kind, "data": {"type": kind, **more}}


_CHAT: tuple[Seed, ...] = (
    [
        _chunk({"role": "assistant", "content": ""}),
        _chunk({"content": "Grüße \u2028 👋"}),
        _chunk({"content": [{"type": "text", "text": "Hello"}], "refusal": None}),
        _chunk({"tool_calls": [_CALL]}),
        _chunk({}, "stop"),
        {"data": {"choices": [], "usage": USAGE}},
        {"data": "[DONE]"},
    ],
    [_chunk({"refusal": "I cannot."}), _chunk({}, "content_filter"), {"data": "[DONE]"}],
    {
        "model": "grok-4.3",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
        ],
        "usage": USAGE,
    },
    {
        "choices": [
            {
                "message": {"tool_calls": [_CALL], "function_call": {"name": "f", "arguments": ""}},
                "finish_reason": "tool_calls",
            }
        ]
    },
)
_RESPONSES: tuple[Seed, ...] = (
    [
        _named("response.created", response={**_WHOLE, "status": "in_progress", "output": []}),
        _named("response.output_text.delta", **_PLACE, delta="Grüße "),
        _named("response.output_text.done", **_PLACE, text="Grüße 👋"),
        _named("response.output_item.done", output_index=0, item=_ASKED),
        _named("response.completed", response=_WHOLE),
    ],
    [
        _named("response.refusal.delta", **_PLACE, delta="No"),
        _named("response.failed", response={"status": "failed", "error": {"message": "m"}}),
    ],
    _WHOLE,
)
_ERRORS: tuple[Seed, ...] = (
    {
        "error": {
            "message": "Rate limit reached; try again in 1m2.5s",
            "code": "rate_limit_exceeded",
        }
    },
    {
        "error": {
            "message": "Incorrect API key provided: sk-proj-abc123",
            "type": "x",
            "param": None,
        }
    },
    {"code": "some text", "error": "Your team has used all available credits"},
    {"detail": "The model `x` does not exist", "status": 404},
    {"error": {"message": "Unsupported parameter: temperature", "param": "temperature"}},
    {"object": "error", "message": "retry after 3 seconds", "code": 429},
)
_LISTS: tuple[Seed, ...] = (
    {"object": "list", "data": [{"id": "gpt-4o", "object": "model"}, {"id": "gpt-5-mini"}]},
    {
        "models": [
            {
                "id": "grok-4.3",
                "aliases": ["grok-4.3-latest"],
                "prompt_text_token_price": 12_500,
                "cached_prompt_text_token_price": 2_000,
                "completion_text_token_price": 25_000,
            }
        ],
        "team_blocked": False,
        "api_key_blocked": True,
        "api_key_disabled": None,
    },
)
_BALLOTS: tuple[Seed, ...] = (
    {"choice": "A", "confidence": 0.8, "reason": "fast", "would_change_my_mind": "a bug"},
    {"choice": " abstain ", "confidence": 1, "reason": "", "would_change_my_mind": None},
    {"choice": "block", "reason": "braces } and \\ quotes {"},
    b'My vote:\n```json\n{"choice": "b", "confidence": 0.1, "reason": "x"}\n```\nThanks {a, b}.',
)
OURS: dict[str, tuple[Seed, ...]] = {
    "chat": _CHAT,
    "responses": _RESPONSES,
    "errors": _ERRORS,
    "usage": (USAGE, _COUNTED, {"prompt_tokens": 3, "completion_tokens": 4.0}),
    "lists": _LISTS,
    "ballot": _BALLOTS,
}


@cache
def seeds(kind: str) -> tuple[Seed, ...]:
    """Return everything there is of a kind: ours, and what was recorded."""
    return OURS[kind] + _recorded().get(kind, ())


@cache
def _recorded() -> dict[str, tuple[Seed, ...]]:
    if not RECORDED.exists():
        return {}
    found: dict[str, list[Seed]] = {}
    with gzip.open(RECORDED, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for kind, seed in _of(row):
                if len(written(seed)) <= _MOST_BYTES:
                    found.setdefault(kind, []).append(seed)
    return {kind: tuple(some) for kind, some in found.items()}


def _of(row: dict) -> Iterator[tuple[str, Seed]]:
    """Yield what one recorded exchange has to begin from, with the kind of it."""
    body = row["response_body_raw"]
    kind = "responses" if "/responses" in row["endpoint"] else "chat"
    if row["streaming"]:
        events = [_event(text) for text in body.replace("\r\n", "\n").split("\n\n") if text.strip()]
        middle = len(events) // 2
        yield (
            kind,
            events if len(events) < 9 else events[:3] + events[middle : middle + 2] + events[-3:],
        )
        return
    try:
        found = json.loads(body)
    except ValueError:
        yield "errors", body.encode()
        return
    if row["status"] != 200:
        yield "errors", found
    elif "models" in row["endpoint"]:
        yield "lists", found
    else:
        yield kind, found
        if isinstance(found, dict) and found.get("usage"):
            yield "usage", found["usage"]


def _event(text: str) -> dict:
    data, name = "", ""
    for line in text.splitlines():
        field, _, value = line.partition(":")
        data += value.strip() if field == "data" else ""
        name = value.strip() if field == "event" else name
    try:
        return {"event": name, "data": json.loads(data)}
    except ValueError:
        return {"event": name, "data": data}
