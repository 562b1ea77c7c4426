"""A log: lines at the end of a file, from several programs at once.

Each line is one append, and a file that is full is moved aside in one step. A disk that takes no lines
never holds anything up.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FULL = 1_000_000
"""Bytes after which a file is moved aside; one older file is kept."""


class LogFile:
    """One log, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        """Write nothing yet, make no folder."""
        self.path = path

    def append(self, *lines: str) -> None:
        """Write lines, without their ends; what cannot be written is let go."""
        with suppress(OSError):
            self._append("".join(f"{line}\n" for line in lines).encode())

    def _append(self, text: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, flags, 0o600)
        try:
            os.write(descriptor, text)
            written = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        # Another program may have moved it aside just now: what stands there then is not full.
        if written.st_size > FULL and os.path.samestat(written, self.path.stat()):
            self.path.replace(self.path.with_name(f"{self.path.name}.1"))
