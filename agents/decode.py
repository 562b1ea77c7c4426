"""Bodies as bytes, with a limit on what they unfold to.

Identity is asked for; a server that compresses all the same is decoded here, a bounded piece at a
time: 0.2 MB on the wire took 394 MB where the HTTP library decoded it.
"""

from __future__ import annotations

import zlib

LIMIT = 8_000_000
"""Decoded bytes of one answer (FAULTS 34)."""


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
