"""How long the answers of one deployment leave a person waiting for a first word, and when one is late."""

from __future__ import annotations

import math
from dataclasses import dataclass

LATE = 0.9
"""Share of answers that have begun by the time after which a call is late."""
_MOST_SAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Silence:
    """The silences of the last calls."""

    seconds: tuple[float, ...] = ()
    """To the first token, or of the whole answer where it came in one piece; the newest last."""

    @property
    def late_after_s(self) -> float | None:
        """Seconds within which nine of ten answers have begun; None: none was seen.

        The smallest time seen that at least so large a share of all do not exceed.
        """
        if not self.seconds:
            return None
        return sorted(self.seconds)[max(0, math.ceil(LATE * len(self.seconds)) - 1)]

    def broken(self, seconds: float, window: int) -> Silence:
        """Return it after an answer began; as many calls as the window has are remembered."""
        return Silence((*self.seconds, seconds)[-min(window, _MOST_SAMPLES) :])

    def stopped(self, seconds: float, window: int) -> Silence:
        """Return it after a call was stopped that had said nothing for so long.

        How long it would have been silent is known from below alone, and where it was late that is
        all that matters for when one is late. Left out, slow answers would never be seen once
        another call beside them is quicker, and with each of them fewer would count as slow.
        """
        late_s = self.late_after_s
        return self.broken(seconds, window) if late_s is None or seconds >= late_s else self
