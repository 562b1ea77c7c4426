"""The only retry loop of the whole program, and the only importer of tenacity.

It repeats only what cannot have cost anything: NOT_SENT, and REJECTED with 408, 409, 429, 503. An outcome
that is UNKNOWN goes up for its one re-send (STORAGE: outcome of a call).
"""

from __future__ import annotations

import random
from collections.abc import Callable

import tenacity

from agents.failure import FailedCallError, worth_repeating
from agents.retry_statistics import RetryStatistics
from hub.errors import SendOutcome
from hub.ports import Clock

PATIENCE_S = 4.0
"""Seconds after which nothing is repeated any more: another provider is quicker."""


def retry_with_backoff(
    max_retries: int = 3,
    base_delay: float = 1.0,
    *,
    clock: Clock,
    draw: Callable[[], float] = random.random,
    worth: Callable[[BaseException], bool] = worth_repeating,
    allowed: Callable[[], bool] = lambda: True,
    statistics: RetryStatistics | None = None,
    patience_s: float = PATIENCE_S,
) -> tenacity.AsyncRetrying:
    """Return the retry loop: exponential with full jitter, never sooner than Retry-After.

    Args:
        max_retries: Repeats after the first request.
        base_delay: Upper bound of the first wait in seconds; it doubles each time. A line that
            could not be opened is tried again after a tenth of that: failover has to be quick.
        clock: Waits.
        draw: Uniform in 0..1.
        worth: Tells whether an error is worth a repeat.
        allowed: Takes one repeat from what the provider's calls have earned, if any is left.
        statistics: Counts the repeats.
        patience_s: Seconds after which nothing is repeated any more.

    Source: Brooker, "Exponential Backoff And Jitter", 2015 (full jitter).
    """

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        jitter = draw() * base_delay * 2.0 ** (state.attempt_number - 1)
        if not isinstance(error, FailedCallError):
            return jitter
        if error.failure.outcome is SendOutcome.NOT_SENT:
            return jitter / 10
        return max(jitter, error.failure.retry_after_s or 0.0)

    def count(state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if statistics is not None and isinstance(error, FailedCallError):
            statistics.repeated(error.failure.kind, state.upcoming_sleep)

    def stop(state: tenacity.RetryCallState) -> bool:
        over = state.attempt_number > max_retries or clock.monotonic() >= end
        return over or not allowed()

    end = clock.monotonic() + patience_s
    return tenacity.AsyncRetrying(
        sleep=clock.sleep,
        stop=stop,
        wait=wait,
        retry=tenacity.retry_if_exception(worth),
        before_sleep=count,
        reraise=True,
    )
