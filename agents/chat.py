"""The Chat Completions protocol: how a request is written, how an answer is read.

Source: OpenAI, API reference, "Chat Completions"; xAI's differences are in PROVIDERS.
"""

from __future__ import annotations

from collections.abc import Mapping

from typing_extensions import override

from agents.answer import Answer, Tool, plain
from agents.request import LIMITS, Asking
from agents.schema import answer_format
from hub.domain.text import one_line, sanitize
from hub.domain.turn import FinishReason

_FINISH = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.FILTER,
    "refusal": FinishReason.REFUSAL,
    "tool_calls": FinishReason.TOOL,
    "function_call": FinishReason.TOOL,
}


def chat_request(asking: Asking) -> dict[str, object]:
    """Return the body of a chat completion."""
    view, able, refused = asking.view, asking.able, asking.refused
    streamed = asking.stream and "stream" not in refused
    shape = None
    if view.schema is not None:
        inner = answer_format(view.schema, keep_limits=able.keep_limits)
        shape = {"type": "json_schema", "json_schema": inner}
    body: dict[str, object] = {
        "model": view.model,
        "messages": asking.messages(),
        LIMITS[able.limit] if able.limit in refused else able.limit: view.max_output,
        "temperature": asking.warmth,
        "reasoning_effort": able.effort,
        "response_format": shape,
        "stream": streamed or None,
        "stream_options": {"include_usage": True} if streamed else None,
    }
    return asking.without_refused(body)


class ChatAnswer(Answer):
    """One chat completion; the first choice alone is read."""

    def __init__(self) -> None:
        super().__init__()
        self._finish: str | None = None

    @property
    @override
    def finished(self) -> bool:
        """True once a chunk held a finish reason."""
        return self._finish is not None

    @property
    @override
    def finish(self) -> FinishReason:
        """Why the model stopped."""
        if self.is_refusal:
            return FinishReason.REFUSAL
        return _FINISH.get(self._finish or "", FinishReason.STOP)

    @override
    def take_event(self, found: Mapping[str, object], name: str) -> tuple[str, bool]:
        """Take one chunk; chunks have no names."""
        del name
        return self._take(found, "delta")

    @override
    def take_whole(self, found: Mapping[str, object]) -> str | None:
        """Take a whole completion."""
        if not found.get("choices"):
            return None
        self.closed = True
        text, _ = self._take(found, "message")
        return text

    def _take(self, found: Mapping[str, object], inner: str) -> tuple[str, bool]:
        self._take_about(found)
        choice = _first_choice(found.get("choices"))
        if choice is None:
            return "", bool(found.get("usage"))
        finish = choice.get("finish_reason")
        if isinstance(finish, str):
            self._finish = finish
        message = choice.get(inner)
        if not isinstance(message, dict):
            return "", isinstance(finish, str)
        visible = self._take_text(message.get("content"), message.get("refusal"))
        self._take_tools(message)
        content = any(value for key, value in message.items() if key != "role")
        return visible, content or isinstance(finish, str)

    def _take_tools(self, message: Mapping[str, object]) -> None:
        calls = message.get("tool_calls")
        for place, call in enumerate(calls if isinstance(calls, list) else []):
            if isinstance(call, dict):
                index = call.get("index")
                self._take_tool(index if isinstance(index, int) else place, call)
        legacy = message.get("function_call")
        if isinstance(legacy, dict):
            self._take_tool("function_call", {"function": legacy})

    def _take_tool(self, index: object, call: Mapping[str, object]) -> None:
        tool = self._tools.get(index) or self._keep_tool(index, Tool())
        if isinstance(call.get("id"), str) and call["id"]:
            tool.id = one_line(str(call["id"]))
        if isinstance(call.get("type"), str) and call["type"]:
            tool.type = one_line(str(call["type"]))
        function = call.get(tool.type)
        if isinstance(function, dict):
            tool.name.append(sanitize(plain(function.get("name"))))
            arguments = function.get("arguments", function.get("input"))
            tool.arguments.append(sanitize(plain(arguments)))


def _first_choice(choices: object) -> Mapping[str, object] | None:
    if not isinstance(choices, list):
        return None
    for choice in choices:
        if isinstance(choice, dict) and choice.get("index", 0) in (0, None):
            return choice
    return None
