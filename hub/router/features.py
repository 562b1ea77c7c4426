"""What the learned policy sees of a prompt: hashed words, projected, and a few counts. Nothing is fitted.

A seeded projection did as well as a fitted one (ROUTER: adaptive), so there is nothing to ship, to
refit, or to keep in step with what was learned on it.
"""

from __future__ import annotations

import hashlib
import math
import re
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from hub.domain.turn import Purpose

Floats = NDArray[np.float64]

PROJECTED = 24
_BUCKETS = 4_096
_MOST_TOKENS = 600
_ENOUGH_CHARS = 4_000
"""Hold as many tokens in most texts; more are looked through only where they do not."""
_MOST_CHARS = 8_000
"""More than 600 tokens of common prose; a longer prompt costs no more to look at."""
_PAIR = 0.5
_TOKEN = re.compile(r"[a-z0-9_]+|[^\sa-z0-9_]")
_OPTION = r"(?:[A-D]\.\s|Option 1\b)"
_OPTIONS = (
    re.compile(_OPTION).match,
    re.compile(r"\([A-D]\)").search,
    re.compile(rf"\n{_OPTION}").search,
)
"""How options are lettered: three patterns, as each finds its first letter faster than one all."""
_KINDS = tuple(Purpose)
_COUNTS = 8
DIMENSION = 1 + PROJECTED + _COUNTS + len(_KINDS)
"""Length of a feature vector; its first entry is 1."""
SHAPE = np.r_[0, 1 + PROJECTED : DIMENSION]
"""Entries that describe the shape of a prompt, not its words: the 1, the counts, the kind."""
SHAPED = len(SHAPE)
_FIRST_COUNT = 1 + PROJECTED
CODE = _FIRST_COUNT + 4
OPTIONS = _FIRST_COUNT + 5
MATHS = (_FIRST_COUNT + 2, _FIRST_COUNT + 7)
"""Entries above 0 where the text has code, lettered options, or formulas."""


def _projection() -> Floats:
    """Return (buckets, projected) of +1 and -1, the same on every machine and for every version."""
    bits = hashlib.shake_256(b"gitbridge features 1").digest(_BUCKETS * PROJECTED // 8)
    signs = np.unpackbits(np.frombuffer(bits, dtype=np.uint8)).astype(np.float64)
    return (2.0 * signs - 1.0).reshape(_BUCKETS, PROJECTED)


_PROJECTION = _projection()


@lru_cache(maxsize=64)
def features(text: str, purpose: Purpose = Purpose.REPLY) -> Floats:
    """Describe a prompt by 37 numbers of about unit size, the first of them 1; not to be written to.

    A turn is looked at when it is routed, paid for and marked: the last ones are remembered.

    Args:
        text: The newest text that the turn answers.
        purpose: What the turn is for.
    """
    seen = text[:_MOST_CHARS]
    found = np.empty(DIMENSION)
    found[0] = 1.0
    found[1 : 1 + PROJECTED] = _projected(_tokens(seen.lower()))
    found[1 + PROJECTED : -len(_KINDS)] = _counts(seen, len(text))
    found[-len(_KINDS) :] = [float(purpose is kind) for kind in _KINDS]
    found.flags.writeable = False
    return found


def _tokens(text: str) -> list[str]:
    tokens: list[str] = _TOKEN.findall(text, 0, _ENOUGH_CHARS)
    if len(tokens) <= _MOST_TOKENS and len(text) > _ENOUGH_CHARS:  # its last one may be cut off
        tokens = _TOKEN.findall(text)
    return tokens[:_MOST_TOKENS]


def _projected(tokens: list[str]) -> Floats:
    counts: dict[int, float] = {}
    before = None
    for token in "\n".join(tokens).encode(errors="surrogatepass").split(b"\n"):
        word = crc32(token)
        bucket = word % _BUCKETS
        counts[bucket] = counts.get(bucket, 0.0) + 1.0
        if before is not None:
            # The checksum of "before token", without putting the two together.
            bucket = crc32(token, crc32(b" ", before)) % _BUCKETS
            counts[bucket] = counts.get(bucket, 0.0) + _PAIR
        before = word
    if not tokens:
        return np.zeros(PROJECTED)
    weights = np.log1p(np.fromiter(counts.values(), np.float64, len(counts)))
    rows = _PROJECTION.take(np.fromiter(counts, np.intp, len(counts)), 0)
    projected: Floats = weights.dot(rows) / math.sqrt(weights.dot(weights))
    return projected


def _counts(text: str, whole: int) -> list[float]:
    length = max(1, len(text))
    return [
        math.log1p(whole) - 5.5,
        15.0 * sum(map(text.count, "0123456789")) / length,
        60.0 * text.count("\\") / length,
        60.0 * text.count("\n") / length,
        2.0 * ("def " in text),
        1.0 if any(find(text) for find in _OPTIONS) else -1.0,
        1.0 if "?" in text else -1.0,
        2.0 * ("$" in text),
    ]
