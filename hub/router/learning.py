"""What turns, bills and marks change in the router's state, for whoever sees them happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hub.domain.route import Candidate, Route, RouteRequest
from hub.domain.turn import Purpose
from hub.router.adaptive.learned import charged, known, marked, routed
from hub.router.features import features
from hub.router.state import RouterState


def noted(state: RouterState, request: RouteRequest, route: Route) -> RouterState:
    """Return the state after a turn was routed, by whichever strategy; once a turn.

    Args:
        state: What was known before.
        request: What the turn asked.
        route: What was chosen for it.
    """
    vector = features(request.text, request.purpose)
    expected = _expected(c for c in route.candidates if c.removed is None)
    reserve = _expected(c for c in route.candidates if c.removed is not None)
    learned = routed(known(state.learned), vector, expected, tuple(reserve))
    return replace(state, learned=learned)


def paid(
    state: RouterState, request: RouteRequest, route: Route, deployment: str, cost: int
) -> RouterState:
    """Return the state after a call of a turn was billed; once a call whose cost is known.

    Args:
        state: What was known before.
        request: What the turn asked.
        route: What was chosen for it.
        deployment: Who served the call: the route's own, or one of its chain.
        cost: Micro-dollars.
    """
    candidate = next((c for c in route.candidates if c.deployment == deployment), None)
    expected = None if candidate is None else _listed(candidate)
    if expected is None:
        return state
    vector = features(request.text, request.purpose)
    learned = charged(known(state.learned), deployment, vector, float(cost), float(expected))
    return replace(state, learned=learned)


def graded(
    state: RouterState,
    deployment: str,
    text: str,
    quality: float,
    weight: float = 1.0,
    purpose: Purpose = Purpose.REPLY,
    replaces: tuple[float, float] | None = None,
) -> RouterState:
    """Return the state after an answer was marked, perhaps days after its turn.

    Args:
        state: What was known before.
        deployment: Whose answer it was.
        text: The newest text that the turn answered, as in its `RouteRequest`.
        quality: 0..1: wrong, right, or between.
        weight: 1 for the person's own mark, .3 for "asked again", .5 for a stored one.
        purpose: What the turn was for.
        replaces: Quality and weight of an earlier mark of the same answer that was learned from.
    """
    vector = features(text, purpose)
    learned = marked(known(state.learned), deployment, vector, quality, weight, purpose, replaces)
    return replace(state, learned=learned)


def _expected(candidates: Iterable[Candidate]) -> dict[str, float]:
    """Return the listed cost of each that has one."""
    costs = {candidate.deployment: _listed(candidate) for candidate in candidates}
    return {name: float(cost) for name, cost in costs.items() if cost is not None}


def _listed(candidate: Candidate) -> int | None:
    """Return the cost before anything was learned of it: the learned one would feed on itself."""
    return candidate.cost if candidate.listed is None else candidate.listed
