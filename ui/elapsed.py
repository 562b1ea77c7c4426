"""How long something has been going on, in whole seconds: a clock that ticks, not a measurement."""

from __future__ import annotations

from ui.format import duration


def elapsed(since: int, now: int) -> str:
    """Return the time between two moments as `5 s` or `3 min 05 s`; empty where it is unknown.

    Args:
        since: UTC microseconds; 0 where unknown.
        now: UTC microseconds.
    """
    if not 0 < since <= now:
        return ""
    seconds = (now - since) // 1_000_000
    return f"{seconds} s" if seconds < 60 else duration(seconds)  # noqa: PLR2004  a minute
