"""The two streams: stdout belongs to the result, stderr to everything said beside it."""

from __future__ import annotations

import json
import re
import sys
from io import TextIOWrapper

from hub.config import colour_allowed
from hub.domain.text import sanitize

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Console:
    """Writes cleaned text: no cursor moves ever, colours only through `painted`."""

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")

    @property
    def out_is_terminal(self) -> bool:
        """True when a person reads stdout."""
        return sys.stdout.isatty()

    @property
    def colour(self) -> bool:
        """True when stdout may carry colours."""
        return self.out_is_terminal and colour_allowed()

    @property
    def asks(self) -> bool:
        """True when a question can be put to a person and answered."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def out(self, text: str) -> None:
        """Write a piece of the result as it is, without a newline of its own."""
        sys.stdout.write(sanitize(text))
        sys.stdout.flush()

    def err(self, text: str) -> None:
        """Write a piece of what is said beside the result."""
        sys.stderr.write(sanitize(text))
        sys.stderr.flush()

    def line(self, text: str = "") -> None:
        """Write one line of the result."""
        self.out(f"{text}\n")

    def painted(self, text: str) -> None:
        """Write lines of the result with colours in them, the one escape sequence that passes."""
        pieces = _COLOUR.split(text)
        codes = [*_COLOUR.findall(text), ""]
        both = zip(map(sanitize, pieces), codes, strict=True)
        sys.stdout.write("".join(piece + code for piece, code in both) + "\n")

    def note(self, text: str) -> None:
        """Write one line to stderr."""
        self.err(f"{text}\n")

    def json(self, value: object, *, indent: int | None = 2) -> None:
        """Write one JSON value in ASCII, so that no text in it can steer a terminal."""
        self.line(json.dumps(value, indent=indent, allow_nan=False))

    def data(self, content: bytes) -> None:
        """Write bytes, such as a picture, to stdout."""
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()

    def confirm(self, question: str) -> bool:
        """Ask a person yes or no; anything but yes is no."""
        return self.read(f"{question} [y/N]") in ("y", "yes")

    def read(self, question: str) -> str:
        """Put a question to a person; return the answer in lower case, empty where there is none."""
        self.err(f"{question} ")
        return sys.stdin.readline().strip().casefold()
