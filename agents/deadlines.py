"""Three deadlines in one timer: first token, idle, total.

The HTTP library's own timeouts bound the silence between bytes: a server that sends a comment now
and then holds them off for ever.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a call may take, in seconds."""

    first_token_s: float = 60.0
    """From sending to the first content, hidden reasoning included."""
    idle_s: float = 60.0
    """Between two pieces of content; comments do not count."""
    total_s: float = 300.0
    """For everything, repeats and waits included."""
    connect_s: float = 5.0


ORDINARY = Deadlines()


class Watch:
    """Holds a call to its deadlines; `timer` is the context to run it in."""

    def __init__(self, deadlines: Deadlines) -> None:
        """Start the total."""
        self._deadlines = deadlines
        self._now = asyncio.get_running_loop().time
        self._end = self._now() + deadlines.total_s
        self._began = False
        self.timer = asyncio.timeout_at(self._end)

    def request_begins(self) -> None:
        """Wait for the first token from here on."""
        self._set(self._deadlines.first_token_s)

    def between_requests(self) -> None:
        """Let only the total count."""
        self.timer.reschedule(self._end)

    def content_came(self) -> None:
        """Wait for the next piece from here on."""
        self._began = True
        self._set(self._deadlines.idle_s)

    def passed(self) -> str:
        """Say which deadline it was."""
        if self._now() >= self._end:
            return f"was not done after {self._deadlines.total_s:g} s"
        if self._began:
            return f"said nothing more for {self._deadlines.idle_s:g} s"
        return f"did not begin to answer within {self._deadlines.first_token_s:g} s"

    def _set(self, seconds: float) -> None:
        self.timer.reschedule(min(self._now() + seconds, self._end))
