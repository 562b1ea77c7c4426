"""The integration trace of one provider: a line for what its client did, with no secret in it.

`openai_integration_trace.log`, `grok_integration_trace.log` and so on in the folder of logs, times in
UTC. Several programs write to it at once: each line is one append, and a file that is full is moved
aside in one step. A disk that takes no lines never holds up a call.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.redaction import redact
from hub.ports import Clock

_FULL = 1_000_000
"""Bytes after which a file is moved aside; one older file is kept."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Trace:
    """Writes the lines of one provider."""

    def __init__(self, folder: Path, provider: str, clock: Clock) -> None:
        """Write nothing yet, make no folder."""
        name = re.sub(r"[^\w-]+", "_", provider)
        self._path = folder / f"{name}_integration_trace.log"
        self._provider = redact(provider, 60)
        self._clock = clock

    def tell(self, event: str, **facts: object) -> None:
        """Write one line.

        Args:
            event: What happened, in one word.
            facts: What is known about it; None is left out, key-shaped text replaced.
        """
        when = (_EPOCH + timedelta(microseconds=self._clock.now())).isoformat("T", "milliseconds")
        known = (f"{name}={_fact(value)}" for name, value in facts.items() if value is not None)
        line = " ".join((when, f"component={self._provider}", f"event={event}", *known))
        with suppress(OSError):
            self._append(f"{line}\n".encode())

    def _append(self, line: bytes) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except FileNotFoundError:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, flags, 0o600)
        try:
            os.write(descriptor, line)
            full = os.fstat(descriptor).st_size > _FULL
        finally:
            os.close(descriptor)
        if full:
            self._path.replace(self._path.with_suffix(".log.1"))


def _fact(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = redact(str(value))
    return text if re.fullmatch(r"[\w.:/+-]+", text) else f'"{text}"'.replace("\n", " ")
