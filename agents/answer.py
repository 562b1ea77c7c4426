"""A chat completion taken in, chunk by chunk or whole."""

from __future__ import annotations

import json
from collections.abc import Mapping

from agents.classify import Problem, problem_in
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


def parse(text: str | bytes) -> object:
    """Return the JSON value of a text from a provider, or None where it is none.

    Depth is limited by the interpreter: 200,000 brackets are no JSON here.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def problem_reported(found: Mapping[str, object], event: str = "") -> Problem | None:
    """Return the error that an answer under HTTP 200 carries, in either shape."""
    if found.get("error"):
        return problem_in(found)
    flat = event == "error" or found.get("type") == "error" or found.get("object") == "error"
    return problem_in(found) if flat else None


class ChatAnswer:
    """What has come of one answer so far; the first choice alone is read."""

    def __init__(self) -> None:
        self.model = ""
        self.usage: object = None
        self.closed = False
        """True once `[DONE]` came, or a whole answer was taken."""
        self._finish: str | None = None
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._tools: dict[object, dict[str, str]] = {}

    @property
    def text(self) -> str:
        """The visible text: the answer, else the refusal."""
        return "".join(self._text) or "".join(self._refusal)

    @property
    def is_refusal(self) -> bool:
        """True when the model refused instead of answering."""
        return bool(self._refusal) and not any(self._text)

    @property
    def finished(self) -> bool:
        """True once the model said why it stopped."""
        return self._finish is not None

    @property
    def finish(self) -> FinishReason:
        """Why the model stopped; words that nobody documents count as an ordinary stop."""
        if self.is_refusal:
            return FinishReason.REFUSAL
        return _FINISH.get(self._finish or "", FinishReason.STOP)

    @property
    def tools(self) -> tuple[Mapping[str, str], ...]:
        """Tool calls as data: `id`, `type`, `name`, `arguments`."""
        return tuple(self._tools.values())

    def take_chunk(self, chunk: Mapping[str, object]) -> tuple[str, bool]:
        """Take one chunk of a stream; return its visible text and whether it held content."""
        return self._take(chunk, "delta")

    def take_whole(self, found: Mapping[str, object]) -> str:
        """Take a whole completion; return its visible text."""
        self.closed = True
        text, _ = self._take(found, "message")
        return text

    def _take(self, found: Mapping[str, object], inner: str) -> tuple[str, bool]:
        if isinstance(found.get("model"), str):
            self.model = one_line(str(found["model"]))
        if found.get("usage"):
            self.usage = found["usage"]
        choice = _first_choice(found.get("choices"))
        if choice is None:
            return "", bool(found.get("usage"))
        finish = choice.get("finish_reason")
        if isinstance(finish, str):
            self._finish = finish
        message = choice.get(inner)
        if not isinstance(message, Mapping):
            return "", isinstance(finish, str)
        visible = self._take_text(message)
        self._take_tools(message)
        content = any(value for key, value in message.items() if key != "role")
        return visible, content or isinstance(finish, str)

    def _take_text(self, message: Mapping[str, object]) -> str:
        text = sanitize(_plain(message.get("content")))
        refusal = sanitize(_plain(message.get("refusal")))
        if text:
            self._text.append(text)
        if refusal:
            self._refusal.append(refusal)
        # A refusal beside an answer stays out of the text.
        return text or (refusal if self.is_refusal else "")

    def _take_tools(self, message: Mapping[str, object]) -> None:
        calls = message.get("tool_calls")
        for place, call in enumerate(calls if isinstance(calls, list) else []):
            if isinstance(call, Mapping):
                index = call.get("index")
                self._take_tool(index if isinstance(index, int) else place, call)
        legacy = message.get("function_call")
        if isinstance(legacy, Mapping):
            self._take_tool("function_call", {"function": legacy})

    def _take_tool(self, index: object, call: Mapping[str, object]) -> None:
        held = self._tools.setdefault(
            index, {"id": "", "type": "function", "name": "", "arguments": ""}
        )
        if isinstance(call.get("id"), str) and call["id"]:
            held["id"] = one_line(str(call["id"]))
        if isinstance(call.get("type"), str) and call["type"]:
            held["type"] = one_line(str(call["type"]))
        function = call.get(held["type"])
        if isinstance(function, Mapping):
            held["name"] += sanitize(_plain(function.get("name")))
            arguments = function.get("arguments", function.get("input"))
            held["arguments"] += sanitize(_plain(arguments))


def _first_choice(choices: object) -> Mapping[str, object] | None:
    if not isinstance(choices, list):
        return None
    for choice in choices:
        if isinstance(choice, Mapping) and choice.get("index", 0) in (0, None):
            return choice
    return None


def _plain(content: object) -> str:
    """Return text that comes as a string or as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, Mapping))
        return "".join(part for part in parts if isinstance(part, str))
    return ""
