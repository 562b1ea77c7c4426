"""Who speaks (a persona) and what serves it (a deployment): two things, joined by a route."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from hub.domain.ids import digest
from hub.domain.usage import Price

YOU = "you"
"""Author of what the person writes; no agent may be named so."""
HUB = "hub"
"""Author of what the hub itself posts (outcomes); no agent may be named so."""


@dataclass(frozen=True, slots=True)
class Persona:
    """An agent as the person configured it."""

    name: str
    role: str
    instructions: str
    deployments: tuple[str, ...] = ()
    """`provider` or `provider/model` it may use; empty: any."""
    temperature: float | None = None
    """0..2; None takes the provider's default."""
    hedge: bool = False
    """True: where a first token is late, a second deployment may be asked beside the first one."""

    @property
    def version(self) -> str:
        """Hash of the text that shapes its answers; a turn records which text it was given."""
        return digest(f"{self.name}\0{self.role}\0{self.instructions}\0{self.temperature}")


class ProviderKind(StrEnum):
    """Which protocol quirks a provider has."""

    OPENAI = "openai"
    GROK = "grok"
    COMPATIBLE = "compatible"
    LOCAL = "local"
    SCRIPTED = "scripted"


@dataclass(frozen=True)  # no slots: names that every choice asks for again are worked out once
class Deployment:
    """One provider and one model with an endpoint and a key."""

    provider: str
    model: str
    kind: ProviderKind
    price: Price | None = None
    """None: unknown, which is not free."""
    window: int = 128_000
    """Tokens that prompt and answer may take together."""
    max_output: int = 4_000
    """Upper bound of answer tokens to ask for (seed: 4000)."""
    slots: int | None = None
    """Calls that its provider takes at once; None: found out as it goes."""
    at_most: Price | None = None
    """The ceiling that the person set for an unknown price; see `Price.at_most`."""
    whole: bool = False
    """True: its answers come in one piece; they are written, and paid for, whoever hangs up before."""

    @property
    def bound(self) -> Price | None:
        """What to reserve by: the price, else the ceiling set for it; None: nobody can say."""
        return self.price or self.at_most

    @cached_property
    def id(self) -> str:
        """`provider/model`, as the person writes it."""
        return f"{self.provider}/{self.model}"

    @cached_property
    def family(self) -> str:
        """Models of one family make correlated mistakes; see `family_of`."""
        return family_of(self.model)


_FAMILIES = (
    (re.compile(r"gpt|^o\d|chatgpt|davinci|codex"), "gpt"),
    (re.compile(r"grok"), "grok"),
    (re.compile(r"claude"), "claude"),
    (re.compile(r"gemini|gemma"), "gemini"),
    (re.compile(r"smollm"), "smollm"),
    (re.compile(r"llama"), "llama"),
    (re.compile(r"qwen|qwq"), "qwen"),
    (re.compile(r"mistral|mixtral|mathstral|codestral|ministral"), "mistral"),
    (re.compile(r"deepseek"), "deepseek"),
    (re.compile(r"phi-?\d"), "phi"),
)


def family_of(model: str) -> str:
    """Return the model family: known lines by name, else the letters before the first digit or dash."""
    name = model.lower().rsplit("/", 1)[-1]
    for pattern, family in _FAMILIES:
        if pattern.search(name):
            return family
    return re.split(r"[\d:._-]", name, maxsplit=1)[0] or name
