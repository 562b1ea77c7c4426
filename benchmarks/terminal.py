"""A terminal that does nothing but look: runs a program on it and waits for its first picture."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

COLUMNS, ROWS = 120, 40
_ALTERNATE_SCREEN = b"\x1b[?1049h"
_ESCAPES = re.compile(
    rb"\x1b(\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(\x07|\x1b\\)|[@-Z\\^_=>78])|[\r\n]", re.DOTALL
)


class Terminal:
    """One program on a pseudo-terminal of 120 by 40; leaving the block ends the program."""

    def __init__(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Start the program.

        Raises:
            OSError: This machine has no pseudo-terminals.
        """
        import fcntl
        import termios

        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        words = [str(word) for word in command]
        self._command = " ".join(words)
        self._process = subprocess.Popen(
            words,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(theirs)
        self.output = b""

    def __enter__(self) -> Self:
        """Return the terminal."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the program and whatever it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._ours)

    def first_paint_s(self, timeout_s: float = 60.0) -> float:
        """Return the seconds from the start until every cell of the screen has been written once.

        Raises:
            RuntimeError: The program ended, or drew no full screen in time.
        """
        while time.perf_counter() - self.started < timeout_s:
            ready, _, _ = select.select([self._ours], [], [], 0.5)
            piece = self._read() if ready else b""
            if ready and not piece:
                break
            self.output += piece
            if painted(self.output) >= COLUMNS * ROWS:
                return time.perf_counter() - self.started
        last = _ESCAPES.sub(b" ", self.output)[-300:].decode(errors="replace").strip()
        raise RuntimeError(f"no first screen from {self._command}: {last or 'no output'}")

    def type(self, text: str) -> None:
        """Send keys to the program."""
        os.write(self._ours, text.encode())

    def wait_for(self, text: bytes, timeout_s: float = 60.0) -> float:
        """Return the seconds until the program writes a text, from now on.

        Raises:
            RuntimeError: It ended, or did not write it in time.
        """
        began, seen = time.perf_counter(), b""
        while time.perf_counter() - began < timeout_s:
            ready, _, _ = select.select([self._ours], [], [], 0.5)
            piece = self._read() if ready else b""
            if ready and not piece:
                break
            seen = (seen + piece)[-65_536:]
            if text in seen:
                return time.perf_counter() - began
        raise RuntimeError(f"{self._command} never wrote {text!r}")

    def read_for(self, seconds: float) -> None:
        """Take what the program writes for so long, as a terminal would."""
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            ready, _, _ = select.select([self._ours], [], [], left)
            if ready and not self._read():
                return

    def _read(self) -> bytes:
        try:
            return os.read(self._ours, 65_536)
        except OSError:  # Linux says so when the program closed its end
            return b""


def painted(output: bytes) -> int:
    """Return how many characters were written to the alternate screen, blanks included."""
    _, entered, shown = output.partition(_ALTERNATE_SCREEN)
    return len(_ESCAPES.sub(b"", shown).decode(errors="ignore")) if entered else 0


def supported() -> bool:
    """Tell whether this machine has pseudo-terminals."""
    return sys.platform != "win32"
