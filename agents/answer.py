"""An answer taken in, chunk by chunk or whole, whatever its protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.classify import Problem, problem_in
from hub.domain.text import one_line, sanitize
from hub.domain.turn import FinishReason

_MOST_TOOLS = 128
"""Tool calls that are kept: no provider makes more, and agents here offer no tool at all."""


@dataclass(slots=True)
class Tool:
    """One tool call as it arrives."""

    id: str = ""
    type: str = "function"
    name: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)
    """In pieces, cleaned."""

    def said(self) -> Mapping[str, str]:
        """Return it as data."""
        name, arguments = "".join(self.name), "".join(self.arguments)
        return {"id": self.id, "type": self.type, "name": name, "arguments": arguments}


class Answer(ABC):
    """What has come of one answer so far."""

    def __init__(self) -> None:
        self.model = ""
        self._model = ""
        """The same as it was written: each chunk repeats it."""
        self.usage: object = None
        self.closed = False
        """True once the closing event came, or a whole answer was taken."""
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._tools: dict[object, Tool] = {}

    @property
    def text(self) -> str:
        """The visible text: the answer, else the refusal."""
        return "".join(self._text) or "".join(self._refusal)

    @property
    def is_refusal(self) -> bool:
        """True when the model refused instead of answering."""
        return bool(self._refusal) and not any(self._text)

    @property
    def tools(self) -> tuple[Mapping[str, str], ...]:
        """Tool calls as data: `id`, `type`, `name`, `arguments`."""
        return tuple(tool.said() for tool in self._tools.values())

    @property
    @abstractmethod
    def finish(self) -> FinishReason:
        """Why the model stopped; words that nobody documents count as an ordinary stop."""

    @property
    @abstractmethod
    def finished(self) -> bool:
        """True once the model said why it stopped."""

    @abstractmethod
    def take_event(self, found: Mapping[str, object], name: str) -> tuple[str, bool]:
        """Take one event of a stream; return its visible text and whether it held content."""

    @abstractmethod
    def take_whole(self, found: Mapping[str, object]) -> str | None:
        """Take a whole answer; return its visible text, or None where it is no answer at all."""

    def _take_text(self, content: object, refusal: object) -> str:
        """Keep text and refusal; return what the person sees of them."""
        said, refused = sanitize(plain(content)), sanitize(plain(refusal))
        if said:
            self._text.append(said)
        if refused:
            self._refusal.append(refused)
        # A refusal beside an answer stays out of the text.
        return said or (refused if self.is_refusal else "")

    def _keep_tool(self, key: object, tool: Tool) -> Tool:
        """Keep a tool call under its key, unless there are too many; return it."""
        if key in self._tools or len(self._tools) < _MOST_TOOLS:
            self._tools[key] = tool
        return tool

    def _take_about(self, found: Mapping[str, object]) -> None:
        """Keep model and usage, where they are said."""
        model = found.get("model")
        if model != self._model and isinstance(model, str):
            self._model, self.model = model, one_line(model)
        if found.get("usage"):
            self.usage = found["usage"]


def problem_reported(found: Mapping[str, object], event: str = "") -> Problem | None:
    """Return the error that an answer under HTTP 200 carries, in any of its shapes."""
    if found.get("error"):
        return problem_in(found)
    kind = found.get("type")
    if event == "error" or kind == "error" or found.get("object") == "error":
        return problem_in(found)
    inner = found.get("response") if kind in ("response.failed", "response.cancelled") else found
    if isinstance(inner, dict) and inner.get("status") in ("failed", "cancelled"):
        return problem_in(inner)
    return None


def plain(content: object) -> str:
    """Return text that comes as a string or as a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return ""
