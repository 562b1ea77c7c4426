"""What a question brings along: its own text from stdin, and files."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from hub.domain.text import one_line, sanitize
from hub.domain.thread import Attachment
from hub.errors import UsageError

LARGEST = 1_000_000
"""Bytes of one file or of stdin."""


def read_text(text: str, what: str = "question") -> str:
    """Return what the person wrote; `-` reads it from stdin.

    Raises:
        UsageError: It is empty, too long or no text.
    """
    if text == "-":
        text = _text(sys.stdin.buffer.read(LARGEST + 1), "stdin")
    if not sanitize(text).strip():
        raise UsageError(f"The {what} is empty: write what you want to know or say.")
    return text


def read_attachment(name: str, *, by: str = "--file ") -> Attachment:
    """Return a file as an attachment, its text cleaned.

    Args:
        name: Its path.
        by: How the person named it, as a message begins.

    Raises:
        UsageError: It cannot be read, is too large or is no text.
    """
    path, shown = Path(name), one_line(name)
    try:
        if not path.is_file():
            raise UsageError(f"{by}{shown}: there is no such file.")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{by}{shown} cannot be read: {reason}.") from error
    text = sanitize(_text(data, f"{by}{shown}"))
    stored = text.encode()
    return Attachment(
        name=one_line(path.name),
        hash=hashlib.sha256(stored).hexdigest(),
        size=len(stored),
        text=text,
    )


def _text(data: bytes, shown: str) -> str:
    if len(data) > LARGEST:
        raise UsageError(f"{shown} is larger than {LARGEST:,} bytes: send the part that matters.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{shown} is no UTF-8 text: only text can be sent.")
    return text
