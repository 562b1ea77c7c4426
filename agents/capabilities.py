"""What each model takes and holds; what is not listed is asked like an ordinary chat model.

Windows and efforts: the providers' model pages, as of November 2026 (PROVIDERS: requests).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.deadlines import ORDINARY, Deadlines
from hub.domain.agent import ProviderKind

_PATIENT = Deadlines(first_token_s=300.0, idle_s=120.0, total_s=600.0)
_TOY = Deadlines(first_token_s=120.0, idle_s=60.0, total_s=300.0)
UNKNOWN_WINDOW = 128_000
"""Tokens, for a hosted model that the table does not know."""
SERVER_WINDOW = 32_768
"""The same for a server of the person's own, unless its configuration says `window`."""


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
    """`reasoning_effort` to ask for; None: the parameter is not sent."""
    keep_limits: bool = False
    """True: limits of length in a JSON schema are honoured."""
    deadlines: Deadlines = ORDINARY


@dataclass(frozen=True, slots=True)
class _Model:
    """A line of the table: what sets a family of models apart."""

    pattern: str
    window: int
    thinks: bool = False
    effort: str | None = None


_OPENAI = (
    _Model(r"gpt-5(\.\d)?-chat|gpt-5\.3$", 128_000),
    _Model(r"gpt-5\.[45](-pro)?(-\d{4}-.*)?$|gpt-5\.6|gpt-[6-9]", 1_000_000, thinks=True),
    _Model(r"gpt-5", 400_000, thinks=True),
    _Model(r"gpt-4\.1", 1_000_000),
    _Model(r"gpt-4o|gpt-4-turbo|chatgpt-4o", 128_000),
    _Model(r"gpt-4", 8_192),
    _Model(r"gpt-3\.5", 16_385),
    _Model(r"o1-(mini|preview)", 128_000, thinks=True),
    _Model(r"o\d", 200_000, thinks=True),
    _Model(r"codex", 200_000, thinks=True),
)
_GROK = (
    _Model(r"grok-3-mini", 131_072, thinks=True, effort="high"),
    _Model(r"grok-4\.3", 1_000_000, thinks=True, effort="high"),
    _Model(r"grok-4\.[5-9]", 500_000, thinks=True, effort="high"),
    _Model(r"grok-4\.20", 1_000_000, thinks=True),
    _Model(r"grok-4-(1-)?fast-non-reasoning", 2_000_000),
    _Model(r"grok-4-(1-)?fast", 2_000_000, thinks=True),
    _Model(r"grok-4|grok-code|grok-build", 256_000, thinks=True),
    _Model(r"grok-3", 131_072),
    _Model(r"grok-2", 32_768),
)
_TABLE = {ProviderKind.OPENAI: _OPENAI, ProviderKind.GROK: _GROK}


def capabilities_of(kind: ProviderKind, model: str) -> Capabilities:
    """Return how a provider's model has to be asked."""
    if kind is ProviderKind.LOCAL:
        return Capabilities(keep_limits=True, deadlines=_TOY)
    if kind not in _TABLE:
        return Capabilities(window=SERVER_WINDOW, deadlines=_PATIENT)
    name = model.lower().removeprefix("ft:")
    line = next((m for m in _TABLE[kind] if re.match(m.pattern, name)), None)
    if line is None:
        return Capabilities()
    deadlines = _PATIENT if line.thinks else ORDINARY
    if kind is ProviderKind.GROK:
        return Capabilities(line.window, effort=line.effort, deadlines=deadlines)
    return Capabilities(
        line.window,
        temperature=not line.thinks,
        limit="max_completion_tokens" if line.thinks else "max_tokens",
        deadlines=deadlines,
    )
