"""The Responses protocol: how a request is written, how an answer is read.

Nothing is stored at the provider: `store` is false, and the whole conversation is sent each time.

Source: OpenAI, API reference, "Responses"; xAI serves the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from typing_extensions import override

from agents.answer import Answer, plain
from agents.request import Asking
from agents.schema import answer_format
from hub.domain.text import one_line, sanitize
from hub.domain.turn import FinishReason

_LEAST_OUTPUT = 16
"""A smaller `max_output_tokens` is refused."""
_CLOSING = ("response.completed", "response.incomplete", "response.done")
_SILENT = frozenset(
    ("", "keepalive", "response.created", "response.queued", "response.in_progress", "ping")
)
_OPEN = ("queued", "in_progress")
_CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "mcp_approval_request": "arguments",
    "apply_patch_call": "operation",
    "computer_call": "action",
    "local_shell_call": "action",
    "shell_call": "action",
}
"""Output that waits for whoever asked, and the field that says with what."""
_FINISH = {"max_output_tokens": FinishReason.LENGTH, "content_filter": FinishReason.FILTER}


def responses_request(asking: Asking) -> dict[str, object]:
    """Return the body of a response."""
    view, able = asking.view, asking.able
    shape = None
    if view.schema is not None:
        inner = answer_format(view.schema, keep_limits=able.keep_limits)
        shape = {"format": {"type": "json_schema", **inner}}
    body: dict[str, object] = {
        "model": view.model,
        "input": asking.messages(),
        "store": False,
        "max_output_tokens": max(view.max_output, _LEAST_OUTPUT),
        "temperature": asking.warmth,
        "reasoning": {"effort": able.effort} if able.effort else None,
        "text": shape,
        "stream": asking.stream or None,
    }
    return asking.without_refused(body)


class ResponsesAnswer(Answer):
    """One response; its closing event repeats all that was streamed before."""

    def __init__(self) -> None:
        super().__init__()
        self._reason = ""

    @property
    @override
    def finished(self) -> bool:
        """True once the closing event came: nothing earlier says why the model stopped."""
        return self.closed

    @property
    @override
    def finish(self) -> FinishReason:
        """Why the model stopped."""
        if self.is_refusal:
            return FinishReason.REFUSAL
        if self._reason:
            return _FINISH.get(self._reason, FinishReason.STOP)
        return FinishReason.TOOL if self._tools else FinishReason.STOP

    @override
    def take_event(self, found: Mapping[str, object], name: str) -> tuple[str, bool]:
        """Take one event; most only repeat what another says."""
        kind = found.get("type")
        kind = kind if isinstance(kind, str) else name
        if kind == "response.output_text.delta":
            return self._take_text(found.get("delta"), None), True
        if kind == "response.refusal.delta":
            return self._take_text(None, found.get("delta")), True
        if kind == "response.output_item.done":
            self._take_item(found.get("item"))
        inner = found.get("response")
        if kind in _CLOSING and isinstance(inner, Mapping):
            return self._close(inner), True
        if isinstance(inner, Mapping):
            self._take_about(inner)
        return "", kind not in _SILENT

    @override
    def take_whole(self, found: Mapping[str, object]) -> str | None:
        """Take a whole response, finished or cut by its limit."""
        if not isinstance(found.get("output"), list) or found.get("status") in _OPEN:
            return None
        return self._close(found)

    def _close(self, response: Mapping[str, object]) -> str:
        """Take the finished response; return the text in it that no delta brought."""
        self.closed = True
        self._take_about(response)
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, Mapping) else None
        self._reason = reason if isinstance(reason, str) else ""
        output = response.get("output")
        for item in output if isinstance(output, list) else []:
            self._take_item(item)
        return self._missing(list(_parts(output)))

    def _missing(self, parts: list[Mapping[str, object]]) -> str:
        """Take text of the finished response beyond what was streamed."""
        if self._text or self._refusal:
            return ""
        visible = ""
        for part in parts:
            visible += self._take_text(part.get("text"), part.get("refusal"))
        return visible

    def _take_item(self, item: object) -> None:
        """Take a tool call; the same one in the closing event replaces it."""
        if not isinstance(item, Mapping) or item.get("type") not in _CALLS:
            return
        kind = str(item["type"])
        given = item.get(_CALLS[kind])
        arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        call_id = item.get("call_id") or item.get("id")
        self._tools[str(item.get("id") or call_id)] = {
            "id": one_line(str(call_id or "")),
            "type": kind,
            "name": sanitize(plain(item.get("name"))) or kind,
            "arguments": sanitize(arguments),
        }


def _parts(output: object) -> Iterator[Mapping[str, object]]:
    """Yield the parts of all messages in an output, in order."""
    for item in output if isinstance(output, list) else []:
        if not isinstance(item, Mapping) or item.get("type") != "message":
            continue
        content = item.get("content")
        for part in content if isinstance(content, list) else []:
            if isinstance(part, Mapping):
                yield part
