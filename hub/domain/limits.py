"""What a provider says of the rate limits on a key and model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Two buckets that fill again as time passes, as an answer's headers told of them.

    What was not said, or with a number that means nothing (-1, a mask), is None.
    """

    at: int
    """UTC microseconds when it was said."""
    requests: float | None = None
    """Requests that may be sent at once, when none was sent for a while."""
    requests_per_s: float = 0.0
    """How many come back each second."""
    requests_left: float | None = None
    tokens: float | None = None
    """Tokens, prompt and answer together, cached and reasoning ones included."""
    tokens_per_s: float = 0.0
    tokens_left: float | None = None
