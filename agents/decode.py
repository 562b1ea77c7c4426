"""Bodies as bytes and the JSON in them, with a limit on what they unfold to.

Identity is asked for; a server that compresses all the same is decoded here, a bounded piece at a
time: 0.2 MB on the wire took 394 MB where the HTTP library decoded it.
"""

from __future__ import annotations

import json
import re
import zlib
from itertools import islice

LIMIT = 8_000_000
"""Decoded bytes of one answer (FAULTS 34)."""
MOST_VALUES = 250_000
"""Parts of one JSON text: 8 MB of `{"":1},` became objects of 240 MB."""
_PARTS = re.compile(r'[\[{,]|"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""What every value of a JSON text begins or ends with; a string is one, whatever stands in it."""


class BodyError(ValueError):
    """A body cannot be decoded, or is larger than the limit."""


class BodyDecoder:
    """Decodes the pieces of one body and counts them."""

    def __init__(self, encoding: str, limit: int = LIMIT) -> None:
        """Choose by the `content-encoding` header.

        Raises:
            BodyError: An encoding that was not asked for and is not known.
        """
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BodyError("the answer is compressed in a way that was not asked for")
        # 47: zlib and gzip headers are told apart by themselves.
        self._inflate = None if name in ("", "identity") else zlib.decompressobj(47)
        self._left = limit
        self._limit = limit

    def feed(self, chunk: bytes) -> bytes:
        """Return what a piece decodes to.

        Raises:
            BodyError: Broken compression, or more than the limit.
        """
        if self._inflate is not None:
            try:
                chunk = self._inflate.decompress(chunk, self._left + 1)
            except zlib.error as error:
                raise BodyError("the answer's compression is broken") from error
        self._left -= len(chunk)
        if self._left < 0:
            raise BodyError(f"the answer is larger than {self._limit // 1_000_000} MB")
        return chunk


def parse_json(text: str | bytes) -> object:
    """Return the JSON value of a text from a provider, or None where it is none.

    Bytes that are no UTF-8 become U+FFFD. Depth is limited by the interpreter: 200,000 brackets are
    no JSON here, and neither is a text of more than `MOST_VALUES` parts.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig", "replace")
    if len(text) > MOST_VALUES and _has_too_many_parts(text):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _has_too_many_parts(text: str) -> bool:
    return next(islice(_PARTS.finditer(text), MOST_VALUES, None), None) is not None
