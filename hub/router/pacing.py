"""Which deployments could serve a turn, and only have to be waited for: rate buckets, concurrency.

The last filter: what it removes is healthy, so a turn that nobody else can serve waits in line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.domain.agent import Deployment
from hub.domain.route import RouteRequest
from hub.router.breaker import wait_left
from hub.router.filters import output_limit
from hub.router.state import RouterState


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a deployment has to be waited for."""

    reason: str
    seconds: float | None = None
    """Until its rate limit leaves room; None: until a call there ends."""


def waits(
    request: RouteRequest, left: Sequence[Deployment], state: RouterState, now: int
) -> dict[str, Wait]:
    """Return, by deployment id, those of `left` that have no room for the turn now.

    Turns that have waited longer go first: what they wait for counts as taken.
    """
    found = {}
    for deployment in left:
        wait = _bucket(request, deployment, state, now) or _places(request, deployment, state)
        if wait is not None:
            found[deployment.id] = wait
    return found


def tokens_for(request: RouteRequest, deployment: Deployment, state: RouterState) -> int:
    """Return the tokens that a turn should take on a deployment, prompt and answer together."""
    limit = output_limit(request, deployment)
    outputs = state.figures_of(deployment.id).outputs
    return request.prompt_tokens + outputs.expected(request.purpose, limit)


def _bucket(
    request: RouteRequest, deployment: Deployment, state: RouterState, now: int
) -> Wait | None:
    buckets = state.figures_of(deployment.id).buckets
    if buckets.requests is None and buckets.tokens is None:
        return None
    turns, tokens = request.ahead.get(deployment.provider, (0, 0))
    own = tokens_for(request, deployment, state)
    seconds = buckets.ready_in_s(turns + 1, tokens + own, now)
    if seconds <= 0.0:
        return None
    until = now + round(seconds * 1e6)
    return Wait(f"its rate limit leaves no room{wait_left(until, now)}", seconds)


def _places(request: RouteRequest, deployment: Deployment, state: RouterState) -> Wait | None:
    turns, _ = request.ahead.get(deployment.provider, (0, 0))
    places, inflight = state.places_at(deployment), state.inflight_at(deployment.provider)
    if inflight + turns < places:
        return None
    ahead = f", and {turns} turns come first" if turns else ""
    calls = "one call" if places == 1 else f"{places} calls"
    return Wait(f"takes {calls} at once, {inflight} are under way{ahead}")
