"""What each model takes and holds; what is not listed is asked like an ordinary chat model.

Windows and efforts: the providers' model pages, as of November 2026 (PROVIDERS: requests).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from agents.deadlines import ORDINARY, Deadlines
from hub.domain.agent import ProviderKind

_PATIENT = Deadlines(first_token_s=300.0, idle_s=120.0, total_s=600.0)
_TOY = Deadlines(first_token_s=120.0, idle_s=60.0, total_s=300.0)
UNKNOWN_WINDOW = 128_000
"""Tokens, for a hosted model that the table does not know."""
SERVER_WINDOW = 32_768
"""The same for a server of the person's own, unless its configuration says `window`."""


_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From the least to the most."""


class ApiName(StrEnum):
    """The two protocols that providers serve."""

    CHAT = "chat"
    RESPONSES = "responses"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How one model has to be asked."""

    window: int = UNKNOWN_WINDOW
    """Tokens that prompt and answer may take together."""
    temperature: bool = True
    """False: the model refuses the parameter."""
    limit: str = "max_tokens"
    """Name of the parameter that bounds the answer."""
    effort: str | None = None
    """How hard to think; None: the parameter is not sent."""
    efforts: tuple[str, ...] = ()
    """What may be asked for; empty: the model refuses the parameter."""
    api: ApiName = ApiName.CHAT
    """The protocol to use where nobody says otherwise."""
    keep_limits: bool = False
    """True: limits of length in a JSON schema are honoured."""
    deadlines: Deadlines = ORDINARY

    def thinking(self, effort: str | None) -> Capabilities:
        """Return these with the effort that the person wants, or the nearest there is.

        Temperature is taken by reasoning models only while they do not reason (PROVIDERS).
        """
        if effort is None or not self.efforts:
            return self
        wanted = _EFFORTS.index(effort)
        nearest = min(self.efforts, key=lambda e: abs(_EFFORTS.index(e) - wanted))
        free = self.temperature or nearest == "none"
        return replace(self, effort=nearest, temperature=free)


@dataclass(frozen=True, slots=True)
class _Model:
    """A line of the table: what sets a family of models apart."""

    pattern: str
    window: int
    thinks: bool = False
    efforts: tuple[str, ...] = ()
    effort: str | None = None
    api: ApiName = ApiName.CHAT


def _efforts(least: str, most: str) -> tuple[str, ...]:
    return _EFFORTS[_EFFORTS.index(least) : _EFFORTS.index(most) + 1]


_SINCE_5_1 = ("none", "low", "medium", "high")
_OPENAI = (
    _Model(r"gpt-5(\.\d)?-chat|gpt-5\.3$", 128_000),
    _Model(r"gpt-5-pro", 400_000, True, ("high",), api=ApiName.RESPONSES),
    _Model(r"gpt-5\.[45]-pro", 1_000_000, True, _efforts("medium", "xhigh"), api=ApiName.RESPONSES),
    _Model(r"gpt-5\.\d-pro", 400_000, True, _efforts("medium", "xhigh"), api=ApiName.RESPONSES),
    _Model(r"gpt-5(\.\d)?-codex", 400_000, True, _efforts("low", "xhigh"), api=ApiName.RESPONSES),
    _Model(r"gpt-5\.[45](-\d{4}-.*)?$", 1_000_000, True, (*_SINCE_5_1, "xhigh")),
    _Model(r"gpt-5\.6|gpt-[6-9]", 1_000_000, True, (*_SINCE_5_1, "xhigh", "max")),
    _Model(r"gpt-5\.1", 400_000, True, _SINCE_5_1),
    _Model(r"gpt-5\.\d", 400_000, True, (*_SINCE_5_1, "xhigh")),
    _Model(r"gpt-5", 400_000, True, _efforts("minimal", "high")),
    _Model(r"gpt-4\.1", 1_000_000),
    _Model(r"gpt-4o|gpt-4-turbo|chatgpt-4o", 128_000),
    _Model(r"gpt-4", 8_192),
    _Model(r"gpt-3\.5", 16_385),
    _Model(r"o1-(mini|preview)", 128_000, True),
    _Model(
        r"o\d-pro|o\d(-mini)?-deep", 200_000, True, _efforts("low", "high"), None, ApiName.RESPONSES
    ),
    _Model(r"o\d", 200_000, True, _efforts("low", "high")),
    _Model(r"codex", 200_000, True, _efforts("low", "high"), api=ApiName.RESPONSES),
)
_GROK = (
    _Model(r"grok-3-mini", 131_072, True, ("low", "high"), "high"),
    _Model(r"grok-4\.3", 1_000_000, True, _SINCE_5_1, "high"),
    _Model(r"grok-4\.5", 500_000, True, _efforts("low", "high"), "high"),
    _Model(r"grok-4\.[6-9]", 500_000, True, _efforts("low", "xhigh"), "high"),
    _Model(r"grok-4\.20.*multi-agent", 1_000_000, True, api=ApiName.RESPONSES),
    _Model(r"grok-4\.20", 1_000_000, True),
    _Model(r"grok-4-(1-)?fast-non-reasoning", 2_000_000),
    _Model(r"grok-4-(1-)?fast", 2_000_000, True),
    _Model(r"grok-4|grok-code|grok-build", 256_000, True),
    _Model(r"grok-3", 131_072),
    _Model(r"grok-2", 32_768),
)
_TABLE = {ProviderKind.OPENAI: _OPENAI, ProviderKind.GROK: _GROK}


def capabilities_of(kind: ProviderKind, model: str) -> Capabilities:
    """Return how a provider's model has to be asked."""
    if kind is ProviderKind.LOCAL:
        return Capabilities(keep_limits=True, deadlines=_TOY)
    if kind not in _TABLE:
        return Capabilities(window=SERVER_WINDOW, efforts=_EFFORTS, deadlines=_PATIENT)
    name = model.lower().removeprefix("ft:")
    line = next((m for m in _TABLE[kind] if re.match(m.pattern, name)), None)
    if line is None:
        return Capabilities()
    deadlines = _PATIENT if line.thinks else ORDINARY
    if kind is ProviderKind.GROK:
        return Capabilities(
            line.window,
            effort=line.effort,
            efforts=line.efforts,
            api=line.api,
            deadlines=deadlines,
        )
    return Capabilities(
        line.window,
        efforts=line.efforts,
        api=line.api,
        temperature=not line.thinks,
        limit="max_completion_tokens" if line.thinks else "max_tokens",
        deadlines=deadlines,
    )
