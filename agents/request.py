"""A view as the body of a chat completion, and what a server refused of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.capabilities import Capabilities
from agents.schema import response_format
from hub.domain.turn import PartRole, View

_LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_OPTIONAL = frozenset(
    ("temperature", "reasoning_effort", "stream", "stream_options", "response_format")
)
SYSTEM_ROLE = "system role"


@dataclass(slots=True)
class Refusals:
    """What one model's server does not take; learned once, for as long as the program runs."""

    learned: set[str] = field(default_factory=set)

    def learn(self, parameter: str | None, body: Mapping[str, object]) -> str | None:
        """Take in that a parameter was refused; return what to tell the person.

        Args:
            parameter: As the server named it.
            body: What was sent; another call may have learned the same meanwhile.

        Returns:
            None if leaving it out is no way on: unknown here, or not sent at all.
        """
        name = (parameter or "").partition(".")[0]
        if parameter and parameter.endswith(".role"):
            self.learned.add(SYSTEM_ROLE)
            sent = any(m["role"] == "system" for m in _messages_of(body))
            return "asked without a system message: the model refused it" if sent else None
        if name not in body or name not in _OPTIONAL | _LIMITS.keys():
            return None
        self.learned.add(name)
        if name not in _LIMITS:
            return f"asked without {name}: the model refused it"
        other = _LIMITS[name]
        return None if other in self.learned else f"asked with {other}: the model refused {name}"


def _messages_of(body: Mapping[str, object]) -> list[Mapping[str, str]]:
    messages = body["messages"]
    return messages if isinstance(messages, list) else []


def build_request(
    view: View,
    model: str,
    able: Capabilities,
    refusals: Refusals,
    *,
    temperature: float,
) -> dict[str, object]:
    """Return the body of a chat completion.

    Args:
        view: What is asked.
        model: Which model.
        able: What that model takes.
        refusals: What its server refused before.
        temperature: Of the provider, where the view has none.
    """
    refused = refusals.learned
    body: dict[str, object] = {"model": model, "messages": _messages(view, refused)}
    limit = _LIMITS[able.limit] if able.limit in refused else able.limit
    body[limit] = view.max_output
    if able.temperature:
        body["temperature"] = temperature if view.temperature is None else view.temperature
    if able.effort is not None:
        body["reasoning_effort"] = able.effort
    if view.schema is not None:
        body["response_format"] = response_format(view.schema, keep_limits=able.keep_limits)
    if "stream" not in refused:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    return {name: value for name, value in body.items() if name not in refused}


def unused_temperature(view: View, able: Capabilities) -> str | None:
    """Return what to tell a person whose temperature the model does not take."""
    if able.temperature or view.temperature is None:
        return None
    return "asked without temperature: the model takes none"


def _messages(view: View, refused: set[str]) -> list[Mapping[str, str]]:
    plain = SYSTEM_ROLE in refused
    return [
        {
            "role": "user" if plain and part.role is PartRole.SYSTEM else part.role.value,
            "content": part.text,
        }
        for part in view.parts
    ]
