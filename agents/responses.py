"""The Responses protocol: how a request is written, how an answer is read.

Nothing is stored at the provider: `store` is false, and the whole conversation is sent each time.

Source: OpenAI, API reference, "Responses"; xAI serves the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from agents.answer import Answer, Tool, plain
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


Place = tuple[object, object]
"""Where a part stands: its item's id or index, its own index."""


@dataclass(slots=True)
class _Part:
    """What was streamed of one part, raw: its end repeats it, and may say more."""

    pieces: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, said: str) -> str:
        """Take more; return it."""
        self.pieces.append(said)
        self.size += len(said)
        return said

    def beyond(self, whole: str) -> str:
        """Return what the end says beyond what was streamed: nothing where the two contradict."""
        if len(whole) <= self.size or not whole.startswith("".join(self.pieces)):
            return ""
        return whole[self.size :]


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
        self._streamed: dict[Place, _Part] = {}

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
            item = _named(found.get("item_id")) or _named(found.get("output_index"))
            place = (item, _named(found.get("content_index")))
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
        items = [i for i in output if isinstance(i, dict)] if isinstance(output, list) else []
        for item in items:
            self._take_item(item)
        ended = [
            (self._place(item, at, index), kind, said)
            for at, item in enumerate(items)
            for index, kind, said in _parts(item)
        ]
        if self._streamed and not any(place in self._streamed for place, _, _ in ended):
            return "".join(self._unheard(kind, ended) for kind in _TEXTS)
        return "".join(self._take_part(*part, whole=True) for part in ended)

    def _place(self, item: Mapping[str, object], at: int, index: int) -> Place:
        """Return where a part was streamed: under its item's id or index."""
        named = (_named(item.get("id")), index)
        return named if named in self._streamed else (at, index)

    def _unheard(self, kind: str, ended: Iterable[tuple[Place, str, str]]) -> str:
        """Take what no delta brought, from a server whose end calls every place by another name."""
        heard = "".join(self._text if kind == "output_text" else self._refusal)
        said = sanitize("".join(text for _, its, text in ended if its == kind))
        if said in heard:
            return ""
        return self._show(kind, said.removeprefix(heard))

    def _take_part(self, place: Place, kind: str, said: object, *, whole: bool) -> str:
        """Take more of a part, or what its end says beyond what was streamed; return what is new."""
        part = self._streamed.get(place)
        if part is None:
            part = self._streamed[place] = _Part()
        text = plain(said)
        return self._show(kind, part.add(part.beyond(text) if whole else text))

    def _show(self, kind: str, new: str) -> str:
        return self._take_text(None, new) if kind == "refusal" else self._take_text(new, None)

    def _take_item(self, item: object) -> None:
        """Take a tool call that waits for whoever asked; the provider has answered its own."""
        if not isinstance(item, dict):
            return
        kind = plain(item.get("type"))
        call_id = str(_named(item.get("call_id")) or _named(item.get("id")) or "")
        if kind.endswith("_call_output"):
            self._tools.pop(call_id, None)
        if kind not in _CALLS:
            return
        arguments = _in_json(item.get(_CALLS[kind]))
        name = sanitize(plain(item.get("name"))) or kind
        # A call that comes again, as the closing event repeats it, takes the place of the first.
        self._keep_tool(call_id, Tool(one_line(call_id), kind, [name], [sanitize(arguments)]))


def _parts(item: Mapping[str, object]) -> Iterator[tuple[int, str, str]]:
    """Yield index, kind and text of each part of a message."""
    content = item.get("content") if item.get("type") == "message" else None
    for index, part in enumerate(content if isinstance(content, list) else []):
        if isinstance(part, dict):
            kind = _FIELDS.get(plain(part.get("type")), "output_text")
            yield index, kind, plain(part.get(_TEXTS[kind]))


def _in_json(given: object) -> str:
    """Return what a tool is called with as text; what is nested too deep to write is left out."""
    try:
        return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    except RecursionError:
        return ""


def _named(place: object) -> str | int | None:
    """Return what may name a place: text or a number."""
    return place if isinstance(place, str | int) else None
