"""The strategies: each gives every candidate a score of 0..1, higher is better (ROUTER: strategies).

Scores are comparable within one route. A price that nobody knows scores 0 wherever cost is weighed:
such a deployment is the last choice, not a free one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from hub.config import Weights
from hub.domain.agent import Deployment
from hub.domain.route import RouteRequest
from hub.domain.text import one_line
from hub.errors import UsageError
from hub.router.adaptive.knowledge import Decision
from hub.router.priors import priors_of
from hub.router.state import RouterState

HYBRID = "hybrid"
ADAPTIVE = "adaptive"
ROUND_ROBIN = "round_robin"


class Standing(NamedTuple):
    """One candidate with the figures that strategies look at."""

    deployment: Deployment
    cost: int | None
    """Expected micro-dollars; None: unknown."""
    ceiling: int | None
    """Micro-dollars at most; None: unknown."""
    latency_s: float
    """Expected seconds, from priors where nothing was measured."""
    measured: bool
    """True once its speed was measured."""
    availability: float
    """0..1."""
    load: float
    """Calls in flight over the calls it may serve at once."""
    output: int = 0
    """Output tokens that cost and latency were expected from."""


Scores = Sequence[float]
Strategy = Callable[[Sequence[Standing], RouterState], Scores]


def cost_optimized(standings: Sequence[Standing], state: RouterState) -> Scores:
    """Prefer the lowest expected cost over availability: a call that fails is paid again."""
    del state
    dear = [_per_success(s) for s in standings]
    least = min((c for c in dear if c is not None), default=0.0)
    return [0.0 if c is None else (least + 1.0) / (c + 1.0) for c in dear]


def performance_optimized(standings: Sequence[Standing], state: RouterState) -> Scores:
    """Prefer the fewest expected seconds."""
    del state
    least = min(s.latency_s for s in standings)
    return [_ratio(least, s.latency_s) for s in standings]


def availability_optimized(standings: Sequence[Standing], state: RouterState) -> Scores:
    """Prefer the one that works most often; among equals the idlest."""
    del state
    # Load stays far below the smallest step between two availabilities.
    return [s.availability - 1e-6 * min(s.load, 1e3) for s in standings]


def hybrid(standings: Sequence[Standing], state: RouterState) -> Scores:
    """Weigh cost, speed and availability, each against the best candidate."""
    weights = state.policy.weights
    total = weights.cost + weights.performance + weights.availability
    least = min((s.cost for s in standings if s.cost is not None), default=None)
    fastest = min(s.latency_s for s in standings)
    scores = []
    for s in standings:
        score = weights.performance * _ratio(fastest, s.latency_s)
        score += weights.availability * s.availability
        if least is not None and s.cost is not None:
            score += weights.cost * (least + 1) / (s.cost + 1)
        elif least is not None and weights.cost:
            score = 0.0
        scores.append(score / total)
    return scores


def round_robin(standings: Sequence[Standing], state: RouterState) -> Scores:
    """Take turns, in alphabetical order of the ids, after the one that was used last."""
    order = sorted(s.deployment.id for s in standings)
    order = [n for n in order if n > state.last_used] + [n for n in order if n <= state.last_used]
    rank = {name: place for place, name in enumerate(order)}
    return [1.0 - rank[s.deployment.id] / len(order) for s in standings]


def adaptive(
    request: RouteRequest, standings: Sequence[Standing], state: RouterState
) -> tuple[Decision, Sequence[str]] | None:
    """Let the learned policy decide (ROUTER: adaptive).

    Args:
        request: The turn.
        standings: The candidates, in order of id.
        state: What the router knows.

    Returns:
        Its decision and the deployments that it was between, in order: those with a price, or all
        where none has one. None where neither marks nor published priors say anything about
        them: then `hybrid` decides.
    """
    priced = [s for s in standings if s.cost is not None] or standings
    names = [s.deployment.id for s in priced]
    if state.learned is None and priors_of(names) is None:
        return None
    from hub.router.adaptive.decide import Option, Question, decide
    from hub.router.adaptive.learned import known
    from hub.router.features import features

    learned = known(state.learned)
    if not any(name in learned.beliefs for name in names) and priors_of(names) is None:
        return None
    question = Question(
        seed=f"{state.policy.seed}\0{request.turn_id}",
        vector=features(request.text, request.purpose),
        purpose=request.purpose,
        pacing=request.pacing,
        explore=state.policy.explore,
    )
    options = [
        Option(s.deployment.id, float(s.cost or 0), s.availability, s.latency_s) for s in priced
    ]
    return decide(learned, question, options), names


STRATEGIES: Mapping[str, Strategy] = {
    "cost_optimized": cost_optimized,
    "performance_optimized": performance_optimized,
    "availability_optimized": availability_optimized,
    HYBRID: hybrid,
    ROUND_ROBIN: round_robin,
    ADAPTIVE: hybrid,
}
"""By name. `adaptive` is `hybrid` where it has nothing to go by, and the route says so."""
GOES_BY: Mapping[str, str] = {
    "cost_optimized": "the lowest expected cost over availability",
    "performance_optimized": "the fewest expected seconds",
    "availability_optimized": "what works most often, then what is idlest",
    HYBRID: "cost, speed and availability, weighed",
    ROUND_ROBIN: "turns, in alphabetical order",
    ADAPTIVE: "what marks and bills have taught; hybrid until then",
}
"""What each goes by, for the person."""


def weights_of(name: str, weights: Weights) -> Mapping[str, float]:
    """Return what a strategy weighs, summing to 1; empty for one that weighs nothing.

    Args:
        name: The strategy.
        weights: What the person set for `hybrid`.
    """
    if name in (HYBRID, ADAPTIVE):
        shares = weights.model_dump()
        return {part: share / sum(shares.values()) for part, share in shares.items()}
    part = name.removesuffix("_optimized")
    return {} if part == name else {part: 1.0}


def strategy_of(name: str) -> Strategy:
    """Return a strategy by name.

    Raises:
        UsageError: There is none of that name; the message lists them.
    """
    if name not in STRATEGIES:
        known = ", ".join(STRATEGIES)
        raise UsageError(f"There is no strategy {one_line(name)!r}; choose one of: {known}.")
    return STRATEGIES[name]


def _per_success(standing: Standing) -> float | None:
    return None if standing.cost is None else standing.cost / standing.availability


def _ratio(best: float, own: float) -> float:
    return best / own if own > 0.0 else 1.0
