"""Rate limits of one deployment (its key and model), kept as two buckets that fill with time.

What a call should take is taken when it is chosen, what it took is settled when it ends. What the
provider says is left is believed where it is less: others may use the same key (ROUTER: rate buckets).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hub.domain.limits import RateLimits

_SECOND = 1_000_000
_NEVER = 1e9


@dataclass(frozen=True, slots=True)
class Bucket:
    """One limit."""

    size: float
    """What may be taken at once when it is full."""
    per_s: float
    """What comes back each second."""
    level: float
    """What was left at `at`; below 0 where more was taken than was there."""
    at: int
    """UTC microseconds."""

    def left(self, now: int) -> float:
        """Return what may be taken at `now`."""
        return min(self.size, self.level + self.per_s * max(0, now - self.at) / _SECOND)

    def took(self, amount: float, now: int) -> Bucket:
        """Return the bucket with so much taken; a negative amount is given back."""
        return replace(self, level=min(self.size, self.left(now) - amount), at=now)

    def ready_in_s(self, amount: float, now: int) -> float:
        """Return the seconds until so much is there; one that never fits goes when it is full."""
        missing = min(amount, self.size) - self.left(now)
        if missing <= 0:
            return 0.0
        return missing / self.per_s if self.per_s else _NEVER


@dataclass(frozen=True, slots=True)
class Buckets:
    """What one deployment may still be asked; a limit that nobody told of is None."""

    requests: Bucket | None = None
    tokens: Bucket | None = None

    def took(self, requests: float, tokens: float, now: int) -> Buckets:
        """Return what is left once so many requests and tokens are taken."""
        if self.requests is None and self.tokens is None:
            return self
        return Buckets(
            self.requests and self.requests.took(requests, now),
            self.tokens and self.tokens.took(tokens, now),
        )

    def told(self, limits: RateLimits, now: int) -> Buckets:
        """Return the buckets after a provider has said how they stand."""
        at = min(limits.at, now)
        size, left = limits.requests, limits.requests_left
        requests = _told(self.requests, size, limits.requests_per_s, left, at, now)
        size, left = limits.tokens, limits.tokens_left
        return Buckets(requests, _told(self.tokens, size, limits.tokens_per_s, left, at, now))

    def ready_in_s(self, requests: float, tokens: float, now: int) -> float:
        """Return the seconds until so many requests and tokens may be taken; 0: now."""
        return max(
            self.requests.ready_in_s(requests, now) if self.requests else 0.0,
            self.tokens.ready_in_s(tokens, now) if self.tokens else 0.0,
        )


def _told(
    known: Bucket | None,
    size: float | None,
    per_s: float,
    left: float | None,
    at: int,
    now: int,
) -> Bucket | None:
    """Return a bucket after an answer; one that the answer does not speak of stays as it is."""
    if size is None:
        return known
    said = Bucket(size, per_s, size if left is None else left, at).left(now)
    ours = known.left(now) if known is not None else size
    return Bucket(size, per_s, min(size, said, ours), now)
