"""The integration trace of one provider: a line for what its client did, with no secret in it.

`openai_integration_trace.log`, `grok_integration_trace.log` and so on in the folder of logs, times in
UTC.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.redaction import redact
from hub.log_file import LogFile
from hub.ports import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Trace:
    """Writes the lines of one provider."""

    def __init__(self, folder: Path, provider: str, clock: Clock) -> None:
        """Write nothing yet, make no folder."""
        name = re.sub(r"[^\w-]+", "_", provider)
        self._file = LogFile(folder / f"{name}_integration_trace.log")
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
        self._file.append(line)


def _fact(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    text = redact(str(value))
    return text if re.fullmatch(r"[\w.:/+-]+", text) else f'"{text}"'.replace("\n", " ")
