"""Cleans text from models, files, providers and pastes: the one way in (SECURITY S1)."""

from __future__ import annotations

import re

# One code point at a time, so that a stream cut anywhere is cleaned alike: C0 but newline and
# tab, DEL, C1, the bidirectional controls and marks, and lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")


def sanitize(text: str) -> str:
    """Drop every code point that could steer a terminal or hide what is written.

    What is left of an escape string is plain text. Cleaning twice changes nothing, and cleaning
    pieces equals cleaning the whole.
    """
    return _UNSAFE.sub("", text)


def one_line(text: str, limit: int = 120) -> str:
    """Return the cleaned text on one line, cut with an ellipsis at `limit` characters."""
    flat = _SPACE.sub(" ", sanitize(text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def title_of(text: str) -> str:
    """Return a thread's title from its first message: its first sentence, at most 60 characters."""
    flat = one_line(text, 400)
    end = re.search(r"[.?!](\s|$)", flat)
    return one_line(flat[: end.end()].strip() if end else flat, 60) or "untitled"
