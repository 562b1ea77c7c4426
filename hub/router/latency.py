"""How long a deployment takes: time to the first token, speed after it, and how busy it is.

Source of the peak-sensitive mean: Finagle's PeakEwma load balancer. A sample above the figure
replaces it, then it decays towards the median: a slow answer is believed at once, and forgiven. Speed
is forgiven too, or a deployment that was slow for a while would never be asked again.

A spell that outlasts half of the window makes the median itself slow. So while nobody calls a
deployment its median is trusted less and less (a minute's time constant) and the best median that it
has had comes through again: it gets a second look, which either ends the spell or keeps the rest away
as before. One tenfold slower is looked at again after about four minutes and a hundred calls
elsewhere, whichever is later: at most one call in a hundred goes there in vain. One that was never
quicker has no better time to go back to, and is left alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hub.router.usual import NEVER, Usual

FIRST_TOKEN_PRIOR_S = 1.0
SPEED_PRIOR = 50.0
"""Output tokens per second of a deployment that was never measured."""
_STEP = 0.2
_DECAY_S = 10.0
_DOUBT_S = 60.0
_PER_CALL_S = 2.0
"""A call elsewhere ages a figure by so much at most: who asks once an hour is not sent to a slow one
every other time."""
_LEAST_TOKENS = 8
"""Fewer say nothing about speed."""


@dataclass(frozen=True, slots=True)
class Latency:
    """What was measured of one deployment's time."""

    first: Usual = NEVER
    """Seconds to the first token."""
    pace: Usual = NEVER
    """Seconds an output token after it."""
    peak_s: float = FIRST_TOKEN_PRIOR_S
    """Seconds to the first token as they were at `at`."""
    speed: float | None = None
    """Output tokens per second as they were at `at`; None: never measured."""
    at: int = 0
    """UTC microseconds when the newest call ended."""

    @property
    def measured(self) -> bool:
        """True once a call has ended."""
        return bool(self.first.samples)

    def first_token_s(self, now: int, elsewhere: int = 0) -> float:
        """Return the seconds to expect until the first token.

        Args:
            now: UTC microseconds.
            elsewhere: Calls that went to others since its newest one.
        """
        return self._first(*self._age(now, elsewhere))

    def tokens_per_s(self, now: int, elsewhere: int = 0) -> float:
        """Return the speed to expect after the first token; arguments as for `first_token_s`."""
        return self._speed(*self._age(now, elsewhere))

    def expected_s(self, output_tokens: float, load: float, now: int, elsewhere: int = 0) -> float:
        """Return the seconds to expect for a whole answer.

        Args:
            output_tokens: Expected length of the answer.
            load: Calls in flight over the calls it may serve at once.
            now: UTC microseconds.
            elsewhere: Calls that went to others since its newest one.
        """
        recent, trust = self._age(now, elsewhere)
        writing_s = output_tokens / self._speed(recent, trust)
        return (self._first(recent, trust) + writing_s) * (1.0 + load)

    def after(
        self,
        first_token_s: float | None,
        latency_s: float,
        tokens: int,
        at: int,
        window: int,
        elsewhere: int = 0,
    ) -> Latency:
        """Return the figures with one more call that gave an answer.

        Args:
            first_token_s: None when the answer came in one piece.
            latency_s: Seconds from sending to the end.
            tokens: Output tokens.
            at: UTC microseconds when it ended.
            window: Calls to remember.
            elsewhere: Calls that went to others since its newest one.
        """
        recent, trust = self._age(at, elsewhere)
        standing = self._speed(recent, trust)
        if first_token_s is None:
            first_token_s = max(0.0, latency_s - tokens / standing)
        first = self.first.after(first_token_s, window, trust)
        peak_s = self._peak(first_token_s, recent, trust)
        writing_s = latency_s - first_token_s
        if tokens < _LEAST_TOKENS or writing_s <= 0.0:
            speed = None if self.speed is None else standing
            return Latency(first, self.pace, peak_s, speed, at)
        sample = tokens / writing_s
        speed = sample if self.speed is None else standing + _STEP * (sample - standing)
        pace = self.pace.after(writing_s / tokens, window, trust)
        return Latency(first, pace, peak_s, speed, at)

    def lost(self, seconds: float, at: int, window: int, elsewhere: int = 0) -> Latency:
        """Return the figures with the time that a failed call took away; see `after`."""
        sample = self.first_token_s(at, elsewhere) + seconds
        return self.at_least(sample, at, window, elsewhere)

    def at_least(self, seconds: float, at: int, window: int, elsewhere: int = 0) -> Latency:
        """Return the figures with a call that had no first token by then, where that is slow for it.

        What it would have taken is known from below alone; a shorter wait than was to be expected
        says nothing.
        """
        recent, trust = self._age(at, elsewhere)
        if self.measured and seconds < self._first(recent, trust):
            return self
        first = self.first.after(seconds, window)
        speed = None if self.speed is None else self._speed(recent, trust)
        return Latency(first, self.pace, self._peak(seconds, recent, trust), speed, at)

    def _age(self, now: int, elsewhere: int) -> tuple[float, float]:
        """Return the shares that still count, 0..1.

        The first is of the newest figure's distance from the usual one, the second of the usual
        one's distance from its best.
        """
        passed_s = max(0, now - self.at) / 1e6
        idle_s = min(passed_s, _PER_CALL_S * elsewhere)
        trust = math.exp(-idle_s / _DOUBT_S) if idle_s else 1.0
        return math.exp(-passed_s / _DECAY_S), trust

    def _first(self, recent: float, trust: float) -> float:
        if not self.first.samples:
            return FIRST_TOKEN_PRIOR_S
        usual = self.first.expected(trust)
        return usual + (self.peak_s - usual) * recent

    def _speed(self, recent: float, trust: float) -> float:
        if self.speed is None:
            return SPEED_PRIOR
        usual = 1.0 / self.pace.expected(trust)
        return usual + (self.speed - usual) * recent

    def _peak(self, sample: float, recent: float, trust: float) -> float:
        """Return a figure that jumps up to a slow sample, and stands above a quick one."""
        return max(sample, self._first(recent, trust)) if self.first.samples else sample
