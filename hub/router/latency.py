"""How long a deployment takes: time to the first token, speed after it, and how busy it is.

Source of the peak-sensitive mean: Finagle's PeakEwma load balancer. A sample above the figure
replaces it, then it decays towards the median: a slow answer is believed at once, and forgiven. Speed
is forgiven too, or a deployment that was slow for a while would never be asked again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median

FIRST_TOKEN_PRIOR_S = 1.0
SPEED_PRIOR = 50.0
"""Output tokens per second of a deployment that was never measured."""
_STEP = 0.2
_DECAY_S = 10.0
_MOST_SAMPLES = 1_000
_LEAST_TOKENS = 8
"""Fewer say nothing about speed."""


@dataclass(frozen=True, slots=True)
class Latency:
    """What was measured of one deployment's time."""

    first_s: tuple[float, ...] = ()
    """Seconds to the first token of the last calls, the newest last."""
    median_s: float = FIRST_TOKEN_PRIOR_S
    peak_s: float = FIRST_TOKEN_PRIOR_S
    """The figure as it was at `peak_at`."""
    peak_at: int = 0
    """UTC microseconds."""
    speed: float | None = None
    """Output tokens per second as it was at `peak_at`; None: never measured."""
    speeds: tuple[float, ...] = ()
    """Output tokens per second of the last calls, the newest last."""
    usual_speed: float | None = None
    """Their median."""

    @property
    def measured(self) -> bool:
        """True once a call has ended."""
        return bool(self.first_s)

    def first_token_s(self, now: int) -> float:
        """Return the seconds to expect until the first token, at `now` in UTC microseconds."""
        return self.median_s + (self.peak_s - self.median_s) * self._remembered(now)

    def tokens_per_s(self, now: int) -> float:
        """Return the speed to expect after the first token, at `now` in UTC microseconds."""
        if self.speed is None or self.usual_speed is None:
            return SPEED_PRIOR
        return self.usual_speed + (self.speed - self.usual_speed) * self._remembered(now)

    def _remembered(self, now: int) -> float:
        """Return the share of the newest figures' distance from the median that still counts."""
        return math.exp(-max(0, now - self.peak_at) / 1e6 / _DECAY_S)

    def expected_s(self, output_tokens: float, load: float, now: int) -> float:
        """Return the seconds to expect for a whole answer.

        Args:
            output_tokens: Expected length of the answer.
            load: Calls in flight over the calls it may serve at once.
            now: UTC microseconds.
        """
        writing_s = output_tokens / self.tokens_per_s(now)
        return (self.first_token_s(now) + writing_s) * (1.0 + load)

    def after(
        self, first_token_s: float | None, latency_s: float, tokens: int, at: int, window: int
    ) -> Latency:
        """Return the figures with one more call that gave an answer.

        Args:
            first_token_s: None when the answer came in one piece.
            latency_s: Seconds from sending to the end.
            tokens: Output tokens.
            at: UTC microseconds when it ended.
            window: Calls to remember.
        """
        if first_token_s is None:
            first_token_s = max(0.0, latency_s - tokens / self.tokens_per_s(at))
        writing_s = latency_s - first_token_s
        after = self._with(first_token_s, at, window)
        if tokens < _LEAST_TOKENS or writing_s <= 0.0:
            return after
        sample = tokens / writing_s
        speed = sample if after.speed is None else after.speed + _STEP * (sample - after.speed)
        speeds = (*self.speeds, sample)[-min(window, _MOST_SAMPLES) :]
        return replace(after, speed=speed, speeds=speeds, usual_speed=median(speeds))

    def lost(self, seconds: float, at: int, window: int) -> Latency:
        """Return the figures with the time that a failed call took away."""
        return self._with(self.first_token_s(at) + seconds, at, window)

    def _with(self, sample: float, at: int, window: int) -> Latency:
        """Return the figures with one more time to the first token, and the speed as it is by then."""
        first_s = (*self.first_s, sample)[-min(window, _MOST_SAMPLES) :]
        standing = self.first_token_s(at) if self.measured else sample
        return replace(
            self,
            first_s=first_s,
            median_s=median(first_s),
            peak_s=max(sample, standing),
            peak_at=at,
            speed=self.tokens_per_s(at) if self.speed is not None else None,
        )
