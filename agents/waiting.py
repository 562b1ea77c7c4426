"""How long a provider asks to wait, in every form that is in use.

Headers `retry-after-ms`, `retry-after` (seconds or a date), `x-ratelimit-reset-*` once a limit is
used up, or words in the message: "Please try again in 23.03s".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_S = 1e9
"""Thirty years: longer ones, 1e300 among them, count as that, since no clock can add them."""
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_WORDS = re.compile(r"try again in ((?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+)\b", re.IGNORECASE)
_SPELLED = re.compile(
    r"(?:try again|retry) (?:in|after) (\d+(?:\.\d+)?) (second|minute)", re.IGNORECASE
)


def duration(text: str) -> float | None:
    """Return the seconds of `6ms`, `1.2s`, `1m2.5s` or `1h2m3.4s`; None for anything else."""
    if not _WHOLE.fullmatch(text):
        return None
    parts = _PART.findall(text)
    return min(LONGEST_S, sum(float(n) * _UNIT[unit] for n, unit in parts))


def retry_after(headers: Mapping[str, str], message: str, now: int) -> float | None:
    """Return the seconds, at most `LONGEST_S`, that a provider asks to wait; None: it does not say.

    Args:
        headers: Of the answer, names in lower case.
        message: Its error text.
        now: UTC microseconds; dates are read against the answer's own `date` where it has one.
    """
    wait = _number(headers.get("retry-after-ms"))
    wait = None if wait is None else wait / 1000
    if wait is None:
        wait = _seconds_or_date(headers.get("retry-after"), headers.get("date"), now)
    if wait is None:
        wait = _in_words(message)
    if wait is None:
        wait = _reset(headers)
    return None if wait is None else min(LONGEST_S, wait)


def _in_words(message: str) -> float | None:
    if found := _WORDS.search(message):
        return duration(found[1].lower())
    if found := _SPELLED.search(message):
        return float(found[1]) * (60 if found[2].lower() == "minute" else 1)
    return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _seconds_or_date(text: str | None, date: str | None, now: int) -> float | None:
    if not text:
        return None
    if (seconds := _number(text)) is not None:
        return seconds
    until, since = _timestamp(text), _timestamp(date)
    if until is None:
        return None
    return max(0.0, until - (now / 1e6 if since is None else since))


def _timestamp(text: str | None) -> float | None:
    try:
        when = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    if when is None:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _reset(headers: Mapping[str, str]) -> float | None:
    """Read the reset of whichever limit is used up; -1 and masked values say nothing."""
    waits = [
        wait
        for what in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{what}") == "0"
        and (wait := duration(headers.get(f"x-ratelimit-reset-{what}", ""))) is not None
    ]
    return max(waits, default=None)
