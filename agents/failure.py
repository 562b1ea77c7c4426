"""What went wrong on the wire, before it becomes the error of one provider's tree."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.limits import RateLimits
from hub.errors import ProviderConnectionError, ProviderError, RateLimitError, SendOutcome

LONGEST_WAIT_S = 2.0
"""A longer Retry-After is the router's business: another provider is quicker."""
DECLINED = frozenset((408, 409, 503))
"""Declined before anything was done, and soon over: not all there yet, in use, overloaded."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The facts of one failed request."""

    kind: type[ProviderError]
    """Class of `hub.errors`."""
    sentence: str
    """For the person: provider, what happened, what to do; no key."""
    outcome: SendOutcome
    status: int | None = None
    request_id: str | None = None
    retry_after_s: float | None = None
    parameter: str | None = None
    """The request's parameter that the provider refuses, where it names one."""
    should_retry: bool | None = None
    """What `x-should-retry` said."""
    limits: RateLimits | None = None
    """What the answer said of rate limits."""


class FailedCallError(Exception):
    """Carries a failure up to the agent, which alone turns it into a `ProviderError`."""

    def __init__(self, failure: Failure, tries: int = 1) -> None:
        super().__init__(failure.sentence)
        self.failure = failure
        self.tries = tries


def worth_repeating(error: BaseException) -> bool:
    """Tell whether a repeat is free and may help soon."""
    if not isinstance(error, FailedCallError):
        return False
    failure = error.failure
    if failure.should_retry is False or (failure.retry_after_s or 0.0) > LONGEST_WAIT_S:
        return False
    if failure.outcome is SendOutcome.NOT_SENT:
        return failure.kind is ProviderConnectionError
    if failure.outcome is not SendOutcome.REJECTED:
        return False
    return failure.kind is RateLimitError or failure.status in DECLINED
