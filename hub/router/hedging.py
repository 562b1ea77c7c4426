"""Whether a call that says nothing gets a second one beside it, and where (ROUTER: hedging).

Pure, like the choice: the same route, request and state give the same answer. Measured in hindsight
a second call after the 90th percentile cuts the tail for next to nothing, as long as it goes to a
deployment at most half as dear; the other way round it multiplies the cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from hub.domain.agent import Deployment
from hub.domain.route import HEDGE, Candidate, Route, RouteRequest
from hub.domain.usage import Price
from hub.router.observe import resend
from hub.router.pacing import waits
from hub.router.silence import LATE
from hub.router.state import RouterState

LEAST_SAMPLES = 30
"""Answers to have seen before their 90th percentile means anything."""
MARGIN = 0.05
"""Share of the mean cost that hedging may add: the rare second call costs its share of the time."""


@dataclass(frozen=True, slots=True)
class Hedge:
    """Where a second call goes, if anywhere."""

    deployment: Deployment | None
    """None: nowhere."""
    passed_over: Mapping[str, str]
    """Why not to those of the chain that come before it, by deployment id."""


def late_after_s(route: Route, state: RouterState) -> float | None:
    """Return the seconds of silence after which a call is late; None: too few were measured.

    A call that nobody could be asked beside is never late.
    """
    silence = state.figures_of(route.deployment.id).silence
    if not route.chain or len(silence.seconds) < LEAST_SAMPLES:
        return None
    return silence.late_after_s


def second(route: Route, request: RouteRequest, state: RouterState, now: int) -> Hedge:
    """Choose where the second call goes: the first of the chain that nothing speaks against.

    Args:
        route: Of the call that is late.
        request: What the router was asked for it, with who waits for room now.
        state: What the router knows now.
        now: UTC microseconds.
    """
    passed: dict[str, str] = {}
    for deployment in route.chain:
        reason = _against(deployment, route, request, state, now)
        if reason is None:
            return Hedge(deployment, passed)
        passed[deployment.id] = reason
    return Hedge(None, passed)


def hedged(route: Route, hedge: Hedge, waited_s: float) -> Route:
    """Return the route of the second call, which explains itself like any other.

    Args:
        route: Of the call that is late.
        hedge: Where the second one goes.
        waited_s: Seconds for which the first has said nothing.
    """
    chosen, first = hedge.deployment, route.deployment.id
    assert chosen is not None  # noqa: S101  the caller has one
    silent = f"has said nothing for {waited_s:.2f} s"
    passed = {first: silent, **hedge.passed_over}
    others = [
        replace(c, removed=passed.get(c.deployment, c.removed))
        for c in route.candidates
        if c.deployment != chosen.id
    ]
    candidates = (
        _candidate(route, chosen.id),
        *sorted(others, key=lambda c: c.removed is not None),
    )
    return replace(
        route,
        strategy=HEDGE,
        deployment=chosen,
        candidates=candidates,
        reason=f"{first} {silent}, longer than 9 of 10 of its answers: {chosen.id} is asked too, "
        "and whichever speaks first is heard.",
        propensity=1.0,
        chain=(),
        weights={},
        learning=None,
    )


def _against(
    deployment: Deployment, route: Route, request: RouteRequest, state: RouterState, now: int
) -> str | None:
    """Return what speaks against sending a second call to a deployment, or None."""
    candidate = _candidate(route, deployment.id)
    if candidate.removed is not None:
        return candidate.removed
    if request.committee and deployment.family != route.deployment.family:
        return "another model family would change who sits in the committee"
    return (
        _too_dear(candidate, route)
        or _ailing(deployment, state, now)
        or _crowded(deployment, request, state, now)
        or _too_often(deployment, state, now)
    )


def _too_dear(candidate: Candidate, route: Route) -> str | None:
    """Compare what second calls add to the mean turn with what they may add."""
    cost, first = _cost(candidate, route), route.chosen.cost
    if cost is None or first is None:
        return "what a second call would add is not known"
    if (1.0 - LATE) * cost > MARGIN * first:
        return "costs more than half as much as the first"
    return None


def _cost(candidate: Candidate, route: Route) -> int | None:
    """Return what a candidate's answer should cost: as long as the first's, if it never answered."""
    if candidate.latency_s is not None or not candidate.rates:
        return candidate.cost
    fresh, cached, output = candidate.rates
    tokens = route.prompt_tokens or 0, route.chosen.output_tokens or 0
    return Price(fresh, output, cached).expected(*tokens)


def _ailing(deployment: Deployment, state: RouterState, now: int) -> str | None:
    """A deployment that is only being tried out is no help in a hurry, and learns nothing by it."""
    provider = deployment.provider
    refusal = state.figures_of(deployment.id).unusable or state.refusal(provider, now)
    if refusal:
        return refusal
    return "is being tried out again" if state.breaker_of(provider).probed(now) else None


def _crowded(
    deployment: Deployment, request: RouteRequest, state: RouterState, now: int
) -> str | None:
    wait = waits(request, (deployment,), state, now).get(deployment.id)
    return wait.reason if wait else None


def _too_often(deployment: Deployment, state: RouterState, now: int) -> str | None:
    if resend(state, deployment.provider, now) is None:
        return "its provider was sent too many repeats lately"
    return None


def _candidate(route: Route, deployment: str) -> Candidate:
    """Return the figures of one of the route's chain."""
    return next(c for c in route.candidates if c.deployment == deployment)
