"""Makes wrong input out of right input: bytes changed, JSON values swapped, grammars put together.

Everything is drawn from the one generator it is given, so that the same seed makes the same input.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

Seed = bytes | dict | list
"""Bytes as they are, or a JSON value that is changed inside before it is written."""
_MOST_BYTES = 6_000
_ORDINARY = 60
"""Percent of the inputs that are changed inside their JSON where there is any."""

NASTY_VALUES = (
    None, True, False, 0, -1, 1, 1.5, -0.0, 10**12, 10**19, 10**400, -(10**400), 10**4299,
    float("nan"), float("inf"), float("-inf"), 1e308, "", " ", "0", "1e999", "\x00", "\ud800",
    "\u202e", "\x1b[2J", "[/]", "[@click=app.evil('x')]", "a" * 300, "[DONE]", [], {}, [[]], [None],
    [{}], {"": None}, {"text": None}, [1, "a", {"text": "b"}], {"a": [{"b": {}}]}, "response.failed",
    "error", "try again in " + "9" * 320 + "s", "retry after 1e5 second",
)  # fmt: skip
TOKENS = (
    b"\n", b"\r", b"\r\n", b"\n\n", b"\x00", b"\x1b[2J", b"\xff", b"\xed\xa0\x80", b"\xc2\x85",
    b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"data:", b"data: [DONE]\n\n", b"event: error\n",
    b": ping\n\n", b"{", b"}", b"[", b"]", b'"', b"'", b"\\", b"\\ud800", b"\\u0000", b",", b":",
    b"=", b"null", b"NaN", b"Infinity", b"-", b"-1", b"0", b"1e999", b"9" * 25, b"9" * 400,
    b"9" * 4_400, b"[[" * 40, b'{"a":' * 40, b"[/]", b"[/b]", b"[@click=app.evil('x')]", b"#", b"| a |\n|---|\n",
    b"```", b"> ", b"- ", b"1. ", b"**", b"~~", b"](", b"\t", b" ",
)  # fmt: skip


class Mutator:
    """Draws changed inputs."""

    def __init__(self, draw: Random, tokens: Sequence[bytes] = TOKENS) -> None:
        """Draw from a generator; `tokens` are the pieces that parsers trip over."""
        self.draw = draw
        self._tokens = tokens

    def mutate(self, seed: Seed, other: Seed) -> bytes:
        """Return an input made from a seed, and sometimes from another one too."""
        if not isinstance(seed, bytes) and self.draw.randrange(100) < _ORDINARY:
            for _ in range(self.draw.choice((1, 1, 1, 2, 3))):
                seed = self.swapped(seed)
            return written(seed)
        data = written(seed)
        for _ in range(self.draw.choice((0, 1, 1, 2, 2, 4, 8))):
            data = self.changed(data, other)
        return data[:_MOST_BYTES]

    def changed(self, data: bytes, other: Seed) -> bytes:
        """Return bytes with one change."""
        draw = self.draw
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.choice((1, 1, 2, 4, 16, 200)))
        put, rest = b"", end
        match draw.randrange(8):
            case 0:
                pass
            case 1:
                put, rest = data[start:end], start
            case 2:
                rest = len(data)
            case 3:
                put, rest = bytes((draw.randrange(256),)), start + 1
            case 4:
                source = written(other)
                cut = draw.randrange(len(source) + 1)
                put = source[cut : cut + draw.choice((8, 60, 600))]
            case 5:
                put = data[start:end] * draw.choice((2, 3, 20))
            case 6:
                put = draw.choice(self._tokens)
            case _:
                put, rest = draw.choice(self._tokens), start
        return data[:start] + put + data[rest:]

    def swapped(self, value: object, depth: int = 0) -> object:
        """Return a JSON value in which one part, somewhere, is another; the original stays."""
        draw = self.draw
        if not isinstance(value, dict | list) or not value or (depth and draw.random() < 0.18):
            return draw.choice(NASTY_VALUES)
        if isinstance(value, list):
            place = draw.randrange(len(value))
            if draw.random() < 0.1:
                return value[:place] + value[place + 1 :]
            return [*value[:place], self.swapped(value[place], depth + 1), *value[place + 1 :]]
        name = draw.choice(list(value))
        inner = dict(value)
        chance = draw.random()
        if chance < 0.08:
            del inner[name]
        elif chance < 0.12:
            inner[draw.choice(list(value))] = inner.pop(name)
        else:
            inner[name] = self.swapped(value[name], depth + 1)
        return inner

    def put_together(self, pieces: Sequence[bytes], most: int = 14) -> bytes:
        """Return pieces of a grammar in any order."""
        return b"".join(self.draw.choices(pieces, k=self.draw.randrange(1, most)))

    def cut(self, data: bytes) -> list[bytes]:
        """Return the same bytes in up to five pieces."""
        count = self.draw.choice((0, 1, 1, 2, 4))
        places = sorted(self.draw.randrange(len(data) + 1) for _ in range(count))
        return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def written(value: object) -> bytes:
    """Return a JSON value as bytes; a list of events as a stream of them, bytes as they are."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict) and "data" in value[0]:
        return b"".join(map(_event, value))
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _event(event: object) -> bytes:
    if not isinstance(event, dict):
        return b": " + json.dumps(event).encode() + b"\n"
    data, name = event.get("data"), event.get("event")
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    line = f"event: {name}\n" if name else ""
    return f"{line}data: {text}\n\n".encode("utf-8", "replace")
