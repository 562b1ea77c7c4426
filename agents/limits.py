"""Reads rate limits from an answer's headers `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`.

OpenAI's reset is when the bucket is full again, so it tells how fast it fills; per minute where it
does not say. xAI sends no reset and counts requests by the second, a sixtieth of what it says the
minute allows, and what it says remains of them is always all (seen in every recording).

Sources: OpenAI, "Rate limits in headers"; xAI, "Consumption and Rate Limits"; PROVIDERS: errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from agents.waiting import duration
from hub.domain.agent import ProviderKind
from hub.domain.limits import RateLimits

_MINUTE_S = 60.0
_TELLING_S = 0.1
"""A shorter reset is rounded too much to tell how fast the bucket fills."""
_LONGEST = 15
"""Digits of a number that is believed."""


class _Bucket(NamedTuple):
    size: float
    per_s: float
    left: float | None


_UNKNOWN = (None, 0.0, None)


def rate_limits(headers: Mapping[str, str], kind: ProviderKind, now: int) -> RateLimits | None:
    """Return what an answer says of the limits; None where it says nothing.

    Args:
        headers: Names in lower case.
        kind: Whose manner they are in.
        now: UTC microseconds.
    """
    requests = _bucket(headers, "requests")
    tokens = _bucket(headers, "tokens")
    if requests is None and tokens is None:
        return None
    if requests is not None and kind is ProviderKind.GROK:
        second = requests.size / _MINUTE_S
        requests = _Bucket(max(1.0, second), second, None)
    return RateLimits(now, *(requests or _UNKNOWN), *(tokens or _UNKNOWN))


def _bucket(headers: Mapping[str, str], what: str) -> _Bucket | None:
    """Read one bucket; 0 left without a reset is a mask, with one it is true."""
    size = _count(headers.get(f"x-ratelimit-limit-{what}"))
    if not size:
        return None
    left = _count(headers.get(f"x-ratelimit-remaining-{what}"))
    reset_s = duration(headers.get(f"x-ratelimit-reset-{what}", ""))
    per_s = size / _MINUTE_S
    if left is not None and reset_s is not None and reset_s >= _TELLING_S and left < size:
        per_s = (size - left) / reset_s
    return _Bucket(size, per_s, None if left == 0 and not reset_s else left)


def _count(text: str | None) -> float | None:
    """Return a number that counts something; None for -1, a mask or nothing."""
    told = (text or "").strip()
    if not (told.isascii() and told.isdigit()) or len(told) > _LONGEST:
        return None
    return float(told)
