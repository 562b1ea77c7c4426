"""Random keys, and the search for any piece of one in any spelling."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_WINDOW, _STEP = 10, 5
"""Pieces that are looked for: whatever holds 14 characters of a key in a row holds one of them."""


def canary() -> str:
    """Return a key that looks like none: nothing but knowing it can hide it."""
    a, b, c, d, e = (secrets.token_hex(3) for _ in range(5))
    return f"{a}+{b}/{c}-{d}.{e}"


def spellings(key: str) -> Iterator[str]:
    """Yield a key as servers and programs may write it."""
    yield from (key, quote(key, safe=""), key.encode().hex(), key[::-1])
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + key.encode()).decode()
        yield from (encoded[4:-4], encoded[4:-4].replace("+", "-").replace("/", "_"))


class Hunter:
    """Finds a piece of any of the keys in any spelling."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._pieces = {
            spelling[i : i + width].encode()
            for key in keys
            for spelling in spellings(key)
            # Hexadecimal says half as much in a character, and journals are full of it.
            for width in ([2 * _WINDOW] if spelling == key.encode().hex() else [_WINDOW])
            for i in range(0, len(spelling) - width + 1, _STEP)
        }

    def finds(self, content: bytes | str) -> bool:
        """Tell whether a piece is there."""
        data = content.encode() if isinstance(content, str) else content
        return any(piece in data for piece in self._pieces)


def repeated(key: str) -> str:
    """Return what a careless server says of a key that it refuses, as the inside of JSON text."""
    escaped = "".join(f"\\u{ord(c):04x}" for c in key)
    cut = "\\u0000".join(key)
    thin = "\\u200b".join(key)
    encoded = base64.b64encode(f"Bearer {key}".encode()).decode()
    ways = (key, escaped, cut, thin, encoded, quote(key, safe=""), key.encode().hex())
    return f"Incorrect API key: {' and '.join(ways)}"
