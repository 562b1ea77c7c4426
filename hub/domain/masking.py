"""Takes keys out of text: the ones that are known in every usual spelling, others by their look.

Providers repeat keys in errors, and tracebacks hold what failed (SECURITY S5).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from hub.domain.text import HIDDEN

MASK = "[key]"
_LEAST = 8
"""Characters from which on a key is looked for in other spellings; shorter ones are words."""
_BETWEEN = rf"[\s\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069{HIDDEN}]*"
# What stands before a find is bounded: an endless word would be searched from each of its letters.
_LOOKS = re.compile(
    r"(?i:bearer)\s+[^\s\"',;]+"
    r"|\b(?:sk|pk|rk|xai|gsk|ghp)-[^\s\"',;]*[^\s\"',;.]"
    r"|[^\s\"',;]{0,80}\*{3,}[^\s\"',;]*"
    r"|(?i:(?<=key=))[^\s'\"&]+|(?<=://)[^\s/@]+@"
    r"|\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_]{32,}"
)


class Mask:
    """Replaces these keys, however they are written: plain, cut up, percent-encoded, base64, hex."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Take the keys; an empty one is none."""
        spellings = {form for key in keys if key for form in _spellings(key)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._found = re.compile("|".join(longest_first)) if longest_first else None

    def __call__(self, text: str) -> str:
        """Return the text without the keys."""
        return self._found.sub(MASK, text) if self._found else text


def masked(text: str, keys: Iterable[str] = ()) -> str:
    """Return a text without these keys, and without anything that looks like one."""
    return _LOOKS.sub(MASK, Mask(keys)(text) if keys else text)


def _spellings(key: str) -> Iterator[str]:
    """Yield patterns of the ways in which a key may be written."""
    if len(key) < _LEAST:
        yield re.escape(key)
        return
    for spelling in (key, quote(key, safe=""), quote(quote(key, safe=""), safe="")):
        yield _BETWEEN.join(map(re.escape, spelling))
    yield f"(?i:{key.encode().hex()})"
    for offset in range(3):
        for core in {_core(key, offset, b"+/"), _core(key, offset, b"-_")}:
            yield rf"[A-Za-z0-9+/_-]{{0,3}}{re.escape(core)}[A-Za-z0-9+/_-]{{0,3}}=*"


def _core(key: str, offset: int, last: bytes) -> str:
    """Return what of a key's base64 stays the same whatever stands around it.

    Args:
        key: In ASCII.
        offset: Bytes before it in its group of three.
        last: The two characters after the letters and digits.
    """
    bits = len(key.encode()) * 8
    first, end = -(-offset * 8 // 6), (offset * 8 + bits) // 6
    return base64.b64encode(b"\0" * offset + key.encode(), last).decode()[first:end]
