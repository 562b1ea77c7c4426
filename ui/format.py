"""How figures, states and providers are written: one way on every screen and in every command.

Nothing here knows a terminal library; the command line uses it as the widgets do.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from hub.domain.agent import ProviderKind
from hub.domain.turn import TurnState
from hub.domain.usage import MICRO

UNKNOWN = "?"
"""Stands for every figure that nobody knows; it is never written as zero."""

_DECIMALS = ((MICRO, 2), (MICRO // 10, 3), (MICRO // 1000, 4))
_FULL_BLOCK = "█"
_EIGHTHS = " ▏▎▍▌▋▊▉"


@dataclass(frozen=True, slots=True)
class Mark:
    """A glyph with its word, so that neither shape nor colour has to carry the meaning alone."""

    glyph: str
    """One cell wide."""
    plain: str
    """The same in ASCII, for terminals without UTF-8."""
    word: str
    tone: str
    """Name of its colour; `ui.theme` has the colour itself."""

    def sign(self, *, ascii_only: bool = False) -> str:
        """Return the glyph that this terminal can show."""
        return self.plain if ascii_only else self.glyph

    def text(self, *, ascii_only: bool = False) -> str:
        """Return glyph and word, as in `✓ done`."""
        return f"{self.sign(ascii_only=ascii_only)} {self.word}"


class VoteState(StrEnum):
    """Where a voter stands while a decision is open, and after it."""

    VOTED = "voted"
    WRITING = "writing"
    WAITING = "waiting"
    ABSTAINED = "abstained"
    BLOCKED = "blocked"
    ABSENT = "absent"


PERSON = Mark("★", "*", "you", "person")
"""Whoever no provider serves: the person, and the hub itself."""
PROVIDERS: Mapping[ProviderKind, Mark] = {
    ProviderKind.OPENAI: Mark("●", "o", "openai", "openai"),
    ProviderKind.GROK: Mark("■", "#", "grok", "grok"),
    ProviderKind.LOCAL: Mark("◆", "%", "local", "local"),
    ProviderKind.COMPATIBLE: Mark("▲", "^", "compatible", "compatible"),
    ProviderKind.SCRIPTED: Mark("▲", "^", "scripted", "compatible"),
}
TURNS: Mapping[TurnState, Mark] = {
    TurnState.QUEUED: Mark("·", ".", "queued", "muted"),
    TurnState.RUNNING: Mark("▸", ">", "running", "busy"),
    TurnState.DONE: Mark("✓", "+", "done", "good"),
    TurnState.FAILED: Mark("✗", "x", "failed", "bad"),
    TurnState.CANCELLED: Mark("⊘", "-", "cancelled", "muted"),
    TurnState.UNKNOWN: Mark("?", "?", "unknown", "warn"),
}
VOTES: Mapping[VoteState, Mark] = {
    VoteState.VOTED: Mark("✓", "+", "voted", "good"),
    VoteState.WRITING: Mark("…", "~", "writing", "busy"),
    VoteState.WAITING: Mark("·", ".", "waiting", "muted"),
    VoteState.ABSTAINED: Mark("○", "-", "abstained", "warn"),
    VoteState.BLOCKED: Mark("⊘", "!", "blocked", "bad"),
    VoteState.ABSENT: Mark("✗", "x", "absent", "bad"),
}


def provider_mark(provider: str | None, kind: ProviderKind | None = None) -> Mark:
    """Return glyph, word and tone of a provider.

    Args:
        provider: Its configured name; None for the person and the hub.
        kind: Its kind where that is known; else the name tells, and a name of the person's own
            is a compatible endpoint.
    """
    if provider is None:
        return PERSON
    if kind is None:
        name = ProviderKind.GROK if provider == "xai" else provider
        kind = ProviderKind(name) if name in set(ProviderKind) else ProviderKind.COMPATIBLE
    mark = PROVIDERS[kind]
    return Mark(mark.glyph, mark.plain, provider, mark.tone)


def speaks_unicode() -> bool:
    """Return whether the terminal's encoding has the glyphs; redirecting stdout changes nothing."""
    encoding = getattr(sys.__stdout__, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").startswith("utf")


def money(micro: int | None) -> str:
    """Return micro-dollars as `$3.61`, `$0.0021`, `$0` or `?` for unknown.

    Small amounts keep more decimals, so that nothing but zero reads as zero.
    """
    if micro is None:
        return UNKNOWN
    if micro == 0:
        return "$0"
    size = abs(micro)
    decimals = next((d for least, d in _DECIMALS if size >= least), 6)
    step = 10 ** (6 - decimals)
    rounded = (size + step // 2) // step
    whole, rest = divmod(rounded, 10**decimals)
    cents = f"{rest:0{decimals}d}"
    while len(cents) > 2 and cents.endswith("0"):  # noqa: PLR2004  cents are two digits
        cents = cents[:-1]
    return f"{'-' if micro < 0 else ''}${whole:,}.{cents}"


def duration(seconds: float | None) -> str:
    """Return seconds as `180 ms`, `1.9 s`, `41 s`, `3 min 05 s`, `2 h 05 min` or `?`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.9995:  # noqa: PLR2004  what would round to 1000 ms is a second
        return f"{round(seconds * 1000)} ms"
    if seconds < 9.95:  # noqa: PLR2004  what would round to 10.0 s drops its decimal
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def tokens(count: int | None) -> str:
    """Return a token count as `812`, `1.2k`, `34k`, `1.2M` or `?`."""
    if count is None:
        return UNKNOWN
    if count < 1000:  # noqa: PLR2004  a thousand
        return str(count)
    for unit, size in (("k", 1000), ("M", 1_000_000)):
        scaled = count / size
        if scaled < 9.95:  # noqa: PLR2004  what would round to 10.0 drops its decimal
            return f"{scaled:.1f}{unit}"
        if scaled < 999.5:  # noqa: PLR2004  what would round to 1000 takes the next unit
            return f"{scaled:.0f}{unit}"
    return f"{count / 1_000_000:,.0f}M"


def percent(share: float | None) -> str:
    """Return a share of 0..1 as `72 %`, or `?`."""
    return UNKNOWN if share is None else f"{share * 100:.0f} %"


def clock_time(at: int | None, zone: tzinfo | None = None) -> str:
    """Return UTC microseconds as `14:03` in the person's zone, or `?`.

    Args:
        at: UTC microseconds since 1970.
        zone: None: the zone of this machine.
    """
    return UNKNOWN if at is None else f"{_local(at, zone):%H:%M}"


def date_time(at: int | None, zone: tzinfo | None = None) -> str:
    """Return UTC microseconds as `2026-11-22 14:03` in the person's zone, or `?`."""
    return UNKNOWN if at is None else f"{_local(at, zone):%Y-%m-%d %H:%M}"


def _local(at: int, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at / 1_000_000, tz=UTC).astimezone(zone)


def bar(share: float, width: int, *, ascii_only: bool = False) -> str:
    """Return a bar that fills `share` of `width` cells, padded with spaces to the full width.

    A share above zero always shows something; one outside 0..1 is taken as the nearer end.
    """
    share = min(1.0, max(0.0, share))
    if ascii_only:
        filled = max(round(share * width), int(share > 0))
        return ("#" * filled).ljust(width)[:width]
    eighths = max(round(share * width * 8), int(share > 0))
    full, part = divmod(eighths, 8)
    return (_FULL_BLOCK * full + (_EIGHTHS[part] if part else "")).ljust(width)[:width]
