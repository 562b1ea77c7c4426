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
_TEXTS = {"output_text": "text", "refusal": "refusal"}
"""Parts that a person reads, and the field that holds all of one once it is done."""
_FIELDS = {"output_text": "output_text", "text": "output_text", "refusal": "refusal"}
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
        self._streamed: dict[tuple[object, object], str] = {}
        """Raw text of each part so far, by place: its end repeats it, and may say more."""

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
        field, _, step = kind.removeprefix("response.").rpartition(".")
        if field in _TEXTS and step in ("delta", "done"):
            item = found.get("item_id") or found.get("output_index")
            place = (item, found.get("content_index"))
            said = found.get("delta" if step == "delta" else _TEXTS[field])
            return self._take_part(place, field, said, whole=step == "done"), True
        if kind == "response.output_item.done":
            self._take_item(found.get("item"))
        inner = found.get("response")
        if kind in _CLOSING and isinstance(inner, dict):
            return self._close(inner), True
        if isinstance(inner, dict):
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
        reason = details.get("reason") if isinstance(details, dict) else None
        self._reason = reason if isinstance(reason, str) else ""
        output = response.get("output")
        visible = ""
        streamed = bool(self._streamed)
        items = output if isinstance(output, list) else []
        for index, item in enumerate(i for i in items if isinstance(i, dict)):
            self._take_item(item)
            for place, part in _parts(item):
                field = _FIELDS.get(str(part.get("type")), "output_text")
                said = part.get(_TEXTS[field])
                if (known := (item.get("id"), place)) not in self._streamed:
                    known = (index, place)
                if known in self._streamed or not streamed or plain(said) not in self.text:
                    visible += self._take_part(known, field, said, whole=True)
        return visible

    def _take_part(
        self, place: tuple[object, object], field: str, said: object, *, whole: bool
    ) -> str:
        """Take more of a part, or what its end says beyond what was streamed; return what is new."""
        known = self._streamed.get(place, "")
        full = plain(said) if whole else known + plain(said)
        if not full.startswith(known):
            return ""
        self._streamed[place] = full
        new = full[len(known) :]
        return self._take_text(None, new) if field == "refusal" else self._take_text(new, None)

    def _take_item(self, item: object) -> None:
        """Take a tool call that waits for whoever asked; the provider has answered its own."""
        if not isinstance(item, dict):
            return
        kind, call_id = str(item.get("type")), str(item.get("call_id") or item.get("id") or "")
        if kind.endswith("_call_output"):
            self._tools.pop(call_id, None)
        if kind not in _CALLS:
            return
        given = item.get(_CALLS[kind])
        arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        self._tools[call_id] = {
            "id": one_line(call_id),
            "type": kind,
            "name": sanitize(plain(item.get("name"))) or kind,
            "arguments": sanitize(arguments),
        }


def _parts(item: Mapping[str, object]) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the parts of a message with their places."""
    if item.get("type") != "message":
        return
    content = item.get("content")
    for place, part in enumerate(content if isinstance(content, list) else []):
        if isinstance(part, dict):
            yield place, part
