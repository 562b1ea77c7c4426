"""What every request says whatever its protocol, and what a server refused of earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.capabilities import Capabilities
from hub.domain.turn import PartRole, View

LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""Each name for the bound of a chat completion, and the one to try instead."""
_OPTIONAL = frozenset(
    (
        "max_output_tokens",
        "reasoning",
        "reasoning_effort",
        "response_format",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "text",
    )
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
        if name not in body or name not in _OPTIONAL | LIMITS.keys():
            return None
        self.learned.add(name)
        if name not in LIMITS:
            return f"asked without {name}: the model refused it"
        other = LIMITS[name]
        return None if other in self.learned else f"asked with {other}: the model refused {name}"


def _messages_of(body: Mapping[str, object]) -> list[Mapping[str, str]]:
    messages = body.get("messages", body.get("input"))
    return messages if isinstance(messages, list) else []


@dataclass(frozen=True, slots=True)
class Asking:
    """One request before it takes the form of a protocol."""

    view: View
    able: Capabilities
    refused: frozenset[str]
    """Names of parameters, or `SYSTEM_ROLE`."""
    temperature: float
    """Of the provider, where the view has none."""
    stream: bool

    @property
    def warmth(self) -> float | None:
        """The temperature to send; None: the model takes none."""
        if not self.able.temperature:
            return None
        return self.temperature if self.view.temperature is None else self.view.temperature

    def messages(self) -> list[Mapping[str, str]]:
        """Return the parts of the view as both protocols write them."""
        plain = SYSTEM_ROLE in self.refused
        return [
            {
                "role": "user" if plain and part.role is PartRole.SYSTEM else part.role.value,
                "content": part.text,
            }
            for part in self.view.parts
        ]

    def without_refused(self, body: Mapping[str, object]) -> dict[str, object]:
        """Return the body less what is unset or was refused."""
        return {
            name: value
            for name, value in body.items()
            if value is not None and name not in self.refused
        }


def unused_temperature(view: View, able: Capabilities) -> str | None:
    """Return what to tell a person whose temperature the model does not take."""
    if able.temperature or view.temperature is None:
        return None
    return "asked without temperature: the model takes none"
