"""Server-sent events from bytes, however the network cut them.

Lines end with CRLF, LF or CR and with nothing else: U+2028, U+0085 and form feed occur inside JSON.
A last event without its blank line counts, since providers end their bodies so.

Source: WHATWG HTML, "Server-sent events", 9.2.6.
"""

from __future__ import annotations

from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"


class OversizedEventError(ValueError):
    """One event is larger than the parser may keep."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was sent."""

    data: str
    """All `data` lines, joined by newlines; bytes that are no UTF-8 became U+FFFD."""
    name: str = ""
    """The `event` field; empty: a plain message."""


class EventParser:
    """Turns pieces of a body into events; give it the pieces in order, then `close` it."""

    def __init__(self, limit: int = 4_000_000) -> None:
        """Keep at most `limit` bytes of one event."""
        self._limit = limit
        self._pieces: list[bytes] = []
        self._data: list[bytes] = []
        self._name = b""
        self._kept = 0
        """Bytes of `data` so far, line ends included."""
        self._waiting = 0
        """Bytes of the line that is not whole yet."""
        self._after_cr = False
        self._begun = False

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes and return the events they complete.

        Raises:
            OversizedEventError: An event passes the limit.
        """
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if not chunk:
            return []
        self._waiting += len(chunk)
        self._pieces.append(chunk)
        if b"\n" not in chunk and b"\r" not in chunk:
            self._check(self._waiting)
            return []
        text = b"".join(self._pieces)
        lines = text.splitlines()  # of bytes: splits at \r\n, \n and \r only
        if text[-1:] in (b"\n", b"\r"):
            self._after_cr = text.endswith(b"\r")
            self._pieces, self._waiting = [], 0
        else:
            self._pieces = [lines.pop()]
            self._waiting = len(self._pieces[0])
        events = self._read(lines)
        self._check(self._waiting)
        return events

    def close(self) -> list[Event]:
        """Return the event that the end of the body completes, if there is one."""
        rest = b"".join(self._pieces)
        self._pieces, self._waiting = [], 0
        return self._read([rest, b""] if rest else [b""])

    def _check(self, line: int) -> None:
        """Refuse a line, whole or not, that makes its event too large."""
        if self._kept + line > self._limit:
            raise OversizedEventError(f"one event is larger than {self._limit} bytes")

    def _read(self, lines: list[bytes]) -> list[Event]:
        """Read whole lines; a blank one ends an event."""
        events: list[Event] = []
        for line in lines:
            if not self._begun:
                self._begun = True
                line = line.removeprefix(_BOM)  # noqa: PLW2901  only the first line can have one
            if not line:
                data = b"\n".join(self._data).decode("utf-8", "replace")
                if data:
                    events.append(Event(data, self._name.decode("utf-8", "replace")))
                self._data, self._name, self._kept = [], b"", 0
                continue
            self._check(len(line))
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                self._data.append(value)
                self._kept += len(value) + 1
            elif field == b"event":
                self._name = value
        return events
