"""Recorded exchanges with providers, and what a client should read from each.

A row's `official_sdk` is what the official OpenAI SDK makes of it. Ours is equal to that, or differs
for one of the reasons in `REASONS`, each of which says exactly when it holds.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hub.domain.turn import FinishReason, Reply
from hub.errors import (
    AuthenticationError,
    ModelError,
    ProviderError,
    ProviderResponseError,
    TruncatedReplyError,
)

Row = Mapping[str, Any]
Result = Reply | ProviderError
_SEEN = ("content-type", "retry-after", "retry-after-ms", "x-request-id", "x-should-retry", "date")
_ENDED = {"max_output_tokens": "length", "content_filter": "content_filter"}
_CLASSES: Mapping[int, type[ProviderError]] = {
    401: AuthenticationError,
    404: ModelError,
    500: ProviderResponseError,
}
"""The SDK's classes by status, where ours have one that is the same."""


def rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file, packed or not.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not of the format.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def headers_of(row: Row) -> dict[str, str]:
    """Return the recorded headers that a client may read."""
    return {k: v for k, v in (row["response_headers"] or {}).items() if k.lower() in _SEEN}


def speaks_responses(row: Row) -> bool:
    """Tell whether an exchange is the Responses protocol's."""
    return "/responses" in row["endpoint"]


def lists_models(row: Row) -> bool:
    """Tell whether an exchange is a question for the model list."""
    return "/models" in row["endpoint"] and "completions" not in row["endpoint"]


def differences(row: Row, result: Result) -> set[str]:
    """Return the fields in which a result is not what the SDK read; empty without an SDK."""
    sdk = row["official_sdk"]
    if sdk is None:
        return set()
    raised = "finish" not in sdk
    if isinstance(result, ProviderError):
        same = isinstance(result, _CLASSES.get(row["status"], ProviderError))
        return set() if raised and same and result.status == row["status"] else {"error"}
    if raised:
        return {"error"}
    ours = {
        "text": result.text,
        "tools": [[tool["name"], tool["arguments"]] for tool in result.tool_calls],
        "finish": result.finish.value,
        "model": result.model,
        "usage": _counted(result),
    }
    theirs = {
        "text": sdk["text"] or "",
        "tools": [list(tool) for tool in sdk["tools"]],
        "finish": _finish(row),
        "model": sdk["model"],
        "usage": _expected(sdk["usage"]),
    }
    return {field for field in ours if ours[field] != theirs[field]}


def _finish(row: Row) -> object:
    """Return why the model stopped; the SDK has no word for it in a response that completed."""
    sdk = row["official_sdk"]
    if not speaks_responses(row):
        return sdk["finish"]
    if sdk["finish"]:
        return _ENDED.get(sdk["finish"], sdk["finish"])
    return "tool_calls" if sdk["tools"] else "stop"


def _counted(reply: Reply) -> list[object]:
    usage = reply.usage
    counts = [usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens]
    return [*counts, usage.reasoning_tokens, usage.billed, usage.estimated]


def _expected(usage: Mapping[str, Any] | None) -> list[object] | None:
    if usage is None:
        return None
    billed = None if usage["ticks"] is None else (usage["ticks"] + 5_000) // 10_000
    counts = [usage["input"], usage["output"], usage["cached"] or 0]
    return [*counts, usage["reasoning"] or 0, billed, False]


Holds = Callable[[Row, str, Result], bool]


def _refusal(row: Row, field: str, result: Result) -> bool:
    if not isinstance(result, Reply) or result.finish is not FinishReason.REFUSAL:
        return False
    said = "".join(_values(row, "delta" if '"response.refusal.delta"' in _body(row) else "refusal"))
    return field in ("text", "finish") and not row["official_sdk"]["text"] and result.text in said


def _two_answers(row: Row, field: str, result: Result) -> bool:
    closing = _body(row).replace(" ", "").count('"type":"response.completed"')
    return field != "error" and closing > 1 and isinstance(result, Reply)


def _streamed_stands(row: Row, field: str, result: Result) -> bool:
    if field != "text" or not row["streaming"] or not isinstance(result, Reply):
        return False
    return "".join(_values(row, "delta", "response.output_text.delta")) == result.text


def _body(row: Row) -> str:
    text: str = row["response_body_raw"]
    return text


def _values(row: Row, name: str, kind: str = "") -> Iterator[str]:
    """Yield every text of that name in an answer, whole or streamed, in order.

    Args:
        row: Whose answer.
        name: Of the field.
        kind: Type of the events to look into; empty: all.
    """
    lines = _body(row).splitlines() if row["streaming"] else [_body(row)]
    for line in lines:
        found = line.removeprefix("data: ")
        if found.startswith("{") and kind in found:
            yield from _walk(json.loads(found), name)


def _walk(value: object, name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get(name), str):
            yield value[name]
        for inner in value.values():
            yield from _walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, name)


def _legacy_finish(row: Row, field: str, result: Result) -> bool:
    asked = (_finish(row), isinstance(result, Reply) and result.finish)
    return field == "finish" and asked == ("function_call", FinishReason.TOOL)


def _more_tools(row: Row, field: str, result: Result) -> bool:
    if not isinstance(result, Reply) or not result.tool_calls or row["official_sdk"]["tools"]:
        return False
    return field == "tools" or (field == "finish" and result.finish is FinishReason.TOOL)


def _more_kinds_of_tools(row: Row, field: str, result: Result) -> bool:
    if not isinstance(result, Reply) or field != "tools":
        return False
    functions = [
        [tool["name"], tool["arguments"]]
        for tool in result.tool_calls
        if tool["type"] in ("function", "function_call")
    ]
    return functions == [list(tool) for tool in row["official_sdk"]["tools"]]


def _no_usage(row: Row, field: str, result: Result) -> bool:
    missing = row["official_sdk"]["usage"] is None
    return field == "usage" and missing and isinstance(result, Reply) and result.usage.estimated


def _xai_reasoning(row: Row, field: str, result: Result) -> bool:
    if field != "usage" or row["provider"] == "openai" or not isinstance(result, Reply):
        return False
    sdk = row["official_sdk"]["usage"]
    beside = [sdk["input"], sdk["output"] + (sdk["reasoning"] or 0), *(_expected(sdk) or [])[2:]]
    return _counted(result) == beside and sum(beside[:2]) == sdk["total"]


def _odd_usage(row: Row, field: str, result: Result) -> bool:
    if field != "usage" or not isinstance(result, Reply) or not result.usage.estimated:
        return False
    sdk = row["official_sdk"]["usage"]
    return bool(sdk) and sdk["total"] != sdk["input"] + sdk["output"]


def _truncated(row: Row, field: str, result: Result) -> bool:
    if field != "error" or not isinstance(result, TruncatedReplyError):
        return False
    if speaks_responses(row):
        return "response.completed" not in _body(row)
    return row["official_sdk"]["finish"] is None


def _empty(row: Row, field: str, result: Result) -> bool:
    sdk = row["official_sdk"]
    empty = not (sdk["text"] or "").strip() and not sdk["tools"]
    return field == "error" and isinstance(result, ProviderError) and empty


def _inside(row: Row, field: str, result: Result) -> bool:
    body = _body(row)
    told = "response.failed" in body or '"error":{' in body.replace(" ", "")
    return field == "error" and isinstance(result, ProviderError) and told


REASONS: tuple[tuple[str, Holds], ...] = (
    ("a refusal is the text of the answer, and its finish reason", _refusal),
    ("of two answers in one body the first one counts", _two_answers),
    ("what was streamed stands where the closing event tells it otherwise", _streamed_stands),
    ("the old name of a tool call is a tool call", _legacy_finish),
    ("legacy, custom and other tool calls are carried too", _more_tools),
    ("other kinds of tool calls are carried beside functions", _more_kinds_of_tools),
    ("missing usage is estimated, and flagged", _no_usage),
    ("xAI's reasoning is counted inside the completion", _xai_reasoning),
    ("counts that contradict their total are flagged", _odd_usage),
    ("a stream without its closing event or finish reason is truncated", _truncated),
    ("an error inside an answer with status 200 is an error", _inside),
    ("an answer without text or tool call is an error", _empty),
)
"""Why ours differs from the SDK on purpose."""


def reason_for(row: Row, field: str, result: Result) -> str | None:
    """Return why a field differs on purpose, or None where it may not."""
    return next((reason for reason, holds in REASONS if holds(row, field, result)), None)


def unexplained(row: Row, result: Result) -> set[str]:
    """Return the fields that differ for no reason."""
    return {f for f in differences(row, result) if reason_for(row, f, result) is None}
