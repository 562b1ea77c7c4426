"""What one provider's repeats came to: a row of the router's retry scoreboard."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hub.errors import ProviderError


@dataclass(slots=True)
class RetryStatistics:
    """What one provider's repeats came to since the program began: the retry scoreboard's row."""

    calls: int = 0
    """Calls that ended, one way or the other."""
    repeats: Counter[str] = field(default_factory=Counter)
    """Repeats by the class of error that made them."""
    waited_s: float = 0.0
    """Seconds between tries, together."""
    saved: int = 0
    """Calls that a repeat brought through."""
    given_up: int = 0
    """Calls that failed although they were repeated."""

    def repeated(self, kind: type[ProviderError], wait_s: float) -> None:
        """Count a repeat that this error made, and that waits so many seconds."""
        self.repeats[kind.__name__] += 1
        self.waited_s += wait_s

    def as_facts(self) -> dict[str, object]:
        """Return them by name, for a line of the trace."""
        return {
            "calls": self.calls,
            "repeats": sum(self.repeats.values()),
            "waited_s": self.waited_s,
            "saved": self.saved,
            "given_up": self.given_up,
        }

    def ended(self, tries: int, *, answered: bool) -> None:
        """Count the end of a call."""
        self.calls += 1
        self.saved += tries > 1 and answered
        self.given_up += tries > 1 and not answered
