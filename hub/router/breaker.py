"""Keeps turns away from a provider (its key) that fails, rests, has no money or refuses the key.

Closed -> open after 5 failures in a row or half of the last 20; open -> half-open when the time is
up: one probe at a time, 2 successes close, a failure opens for longer (ROUTER: availability).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from hub.domain.ids import seeded
from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    GitBridgeError,
    ModelError,
    ProviderError,
    QuotaError,
    RateLimitError,
)
from hub.router.outcomes import Outcomes

NOT_ITS_FAULT = (BadRequestError, ContentFilterError, ContextLengthError, ModelError)
"""Errors that say nothing about how the provider is doing."""
_IN_ROW = 5
_OF_LAST = 20
_TO_CLOSE = 2
PROBE = "; a probe is under way"
"""How the reason of a provider ends that is being tried."""
_FIRST_OPEN_S = 15.0
_LONGEST_OPEN_S = 300.0
_LONGEST_REST_S = 120.0
_DEFAULT_REST_S = 5.0
_QUOTA_S = 900.0
_LONGEST_ASKED_S = 3_600.0
"""A provider that asks for years is probed within the hour: clocks are wrong, and headers junk."""
_MOST_TRIPS = 16
_SECOND = 1_000_000


class Phase(StrEnum):
    """Whether calls may go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """One provider's breaker."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    """The last 20 calls since it closed."""
    cause: str = ""
    """Why it opened; empty while closed."""
    until: int | None = None
    """UTC microseconds when an open one becomes half-open; None: not before a restart."""
    trips: int = 0
    """Times it opened since it was last closed."""
    healed: int = 0
    """Successes in half-open."""
    rest_until: int = 0
    """UTC microseconds to which a rate limit keeps calls away; 0 once one worked after it."""

    def phase(self, now: int) -> Phase:
        """Return whether calls may go through at `now`, in UTC microseconds."""
        if not self.cause:
            return Phase.CLOSED
        if self.until is None or now < self.until:
            return Phase.OPEN
        return Phase.HALF_OPEN

    def refusal(self, now: int, *, probing: bool = False) -> str | None:
        """Return why no call may go to the provider now, or None.

        Args:
            now: UTC microseconds.
            probing: True while a call is under way at the provider: where one is let through at
                a time, that is the probe.
        """
        phase = self.phase(now)
        if phase is Phase.OPEN:
            return f"{self.cause}{wait_left(self.until, now)}"
        if now < self.rest_until:
            return f"rests after a rate limit{wait_left(self.rest_until, now)}"
        if probing and self.probed(now):
            return f"{self.cause or 'was rate limited'}{PROBE}"
        return None

    def probed(self, now: int) -> bool:
        """Return whether only one call at a time may go through, to find out how it is."""
        return self.phase(now) is Phase.HALF_OPEN or 0 < self.rest_until <= now

    def recovers_at(self, now: int) -> int | None:
        """Return when a rate limit ends, in UTC microseconds; None: no rest, or open too."""
        if self.phase(now) is Phase.OPEN or self.rest_until <= now:
            return None
        return self.rest_until

    def succeeded(self, now: int) -> Breaker:
        """Return the breaker after a call that worked."""
        phase = self.phase(now)
        if phase is Phase.OPEN:
            return self
        if phase is Phase.HALF_OPEN:
            healed = self.healed + 1
            return Breaker() if healed >= _TO_CLOSE else replace(self, healed=healed)
        rest_until = self.rest_until if now < self.rest_until else 0
        outcomes = self.outcomes.add(ok=True, window=_OF_LAST)
        return replace(self, outcomes=outcomes, rest_until=rest_until)

    def checked(self) -> Breaker:
        """Return the breaker after a free question was answered while it was half-open.

        It shows that line and key work, so it is one of the two successes; that answers come is
        for a call to show.
        """
        return replace(self, healed=max(self.healed, _TO_CLOSE - 1))

    def failed(self, error: GitBridgeError, now: int, draw: str) -> Breaker:
        """Return the breaker after a call that did not work.

        Args:
            error: Its class decides; see the module.
            now: UTC microseconds.
            draw: Seeds the random part of how long it opens.
        """
        wait_s = error.retry_after_s if isinstance(error, ProviderError) else None
        wait_s = None if wait_s is None else min(wait_s, _LONGEST_ASKED_S)
        refused = bool(self.cause) and self.until is None
        if refused or isinstance(error, NOT_ITS_FAULT):
            return self
        if isinstance(error, AuthenticationError):
            return replace(self, cause="its key was refused; correct it and restart", until=None)
        if isinstance(error, QuotaError):
            return _opened(self, "its account has no money left", _QUOTA_S, now)
        if isinstance(error, RateLimitError):
            return self._limited(wait_s or _DEFAULT_REST_S, now)
        return self._counted(wait_s, now, draw)

    def _limited(self, wait_s: float, now: int) -> Breaker:
        if wait_s > _LONGEST_REST_S:
            return _opened(self, "its rate limit is used up", wait_s, now)
        return replace(self, rest_until=max(self.rest_until, now + round(wait_s * _SECOND)))

    def _counted(self, wait_s: float | None, now: int, draw: str) -> Breaker:
        phase = self.phase(now)
        if phase is Phase.OPEN:
            return self
        outcomes = self.outcomes.add(ok=False, window=_OF_LAST)
        in_row, of_last = outcomes.failures_in_row, outcomes.failed_of_last(_OF_LAST)
        cause = ""
        if phase is Phase.HALF_OPEN:
            cause = "a probe failed again"
        elif in_row >= _IN_ROW:
            cause = f"{in_row} calls in a row failed"
        elif 2 * of_last >= _OF_LAST:
            cause = f"{of_last} of its last {outcomes.n} calls failed"
        counted = replace(self, outcomes=outcomes)
        if not cause:
            return counted
        longest_s = min(_LONGEST_OPEN_S, _FIRST_OPEN_S * 2.0**self.trips)
        share = 0.5 + seeded(draw, str(self.trips)) / 2.0**257
        return _opened(counted, cause, wait_s or longest_s * share, now)


def _opened(breaker: Breaker, cause: str, seconds: float, now: int) -> Breaker:
    until = now + round(seconds * _SECOND)
    if breaker.until is not None and breaker.phase(now) is Phase.OPEN:
        until = max(until, breaker.until)
    trips = min(breaker.trips + 1, _MOST_TRIPS)
    return replace(breaker, cause=cause, until=until, trips=trips, healed=0)


def wait_left(until: int | None, now: int) -> str:
    """Return how the reason of a wait ends that is over at `until`; empty: nobody knows."""
    if until is None:
        return ""
    seconds = -(-(until - now) // _SECOND)
    return f", {seconds} s more" if seconds < _LONGEST_REST_S else f", {seconds // 60} min more"
