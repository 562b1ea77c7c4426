"""The choice: filters, figures, strategy, ties, chain, and the sentence that explains it.

Pure: the same request, deployments and state give the same route, whatever their order; draws are
seeded by the router's seed and the turn's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from hub.domain.agent import Deployment
from hub.domain.ids import seeded
from hub.domain.route import Candidate, Route, RouteRequest
from hub.router.adaptive.knowledge import Decision
from hub.router.breaker import Phase
from hub.router.filters import families, output_limit, removals, shortened
from hub.router.pacing import waits
from hub.router.reasons import forced_reason, reason_for
from hub.router.refusals import crowded, refuse, require_configured
from hub.router.state import Policy, RouterState
from hub.router.strategies import ADAPTIVE, Standing, adaptive, strategy_of, weights_of

CHAIN = 3
FORCED = "forced"
"""Recorded as the strategy when the person left one deployment to choose from."""
_LAST = float("inf")
_Ranked = list[tuple[Standing, float]]


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Candidates with their scores, the best first."""

    ranked: _Ranked
    decision: Decision | None = None
    """None: not the learned policy's."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Of each deployment in the decision's figures."""

    def figures_of(self, standing: Standing) -> _Figures | None:
        """Return what the learned policy expects of a candidate; None: it did not look at it."""
        place = self.places.get(standing.deployment.id)
        decision = self.decision
        if decision is None or place is None:
            return None
        return _Figures(
            cost=None if standing.cost is None else round(decision.costs[place]),
            quality=round(decision.qualities[place], 4),
            doubt=round(decision.doubts[place], 4),
            mean=round(decision.means[place], 4),
        )


class _Figures(NamedTuple):
    cost: int | None
    quality: float
    doubt: float
    mean: float


def choose(
    request: RouteRequest, deployments: Sequence[Deployment], state: RouterState, now: int
) -> Route:
    """Choose the deployment that serves a turn.

    Args:
        request: The turn.
        deployments: All that are configured, in any order.
        state: What the router knows.
        now: UTC microseconds.

    Raises:
        UsageError: Nothing that is configured could ever serve it, or the strategy is unknown.
        BudgetRefusedError: The budget alone stands in the way.
        RoutingError: No deployment can serve it now; the message lists each with its reason.
    """
    name = request.strategy or state.policy.strategy
    strategy_of(name)
    require_configured(request, deployments)
    removed = removals(request, deployments, state, now)
    left = [d for d in deployments if d.id not in removed]
    if not left:
        raise refuse(request, deployments, removed, state, now)
    seated = families(request, left)
    left = [d for d in left if d.id not in seated]
    short = shortened(request, left)
    left = [d for d in left if d.id not in short]
    full = waits(request, left, state, now)
    if len(full) == len(left):
        raise crowded(request, left, full, state)
    left = [d for d in left if d.id not in full]

    ranking = _rank(name, request, left, state, now)
    spare = [d for d in deployments if d.id in seated or d.id in short]
    reserve = _rank(name, request, spare, state, now).ranked if spare else []
    removed |= seated | short | {name: wait.reason for name, wait in full.items()}
    return _route(name, request, ranking, reserve, deployments, removed, state.policy)


def _rank(
    name: str,
    request: RouteRequest,
    left: Sequence[Deployment],
    state: RouterState,
    now: int,
) -> _Ranking:
    """Order by score; equal ones by availability, then cost, then a draw, never by place."""
    standings = [_standing(request, d, state, now) for d in left]
    found = adaptive(request, standings, state) if name == ADAPTIVE else None
    if found is None:
        return _Ranking(_ordered(request, state, standings, strategy_of(name)(standings, state)))
    decision, order = found
    places = {deployment: place for place, deployment in enumerate(order)}
    gains = (*decision.gains, min(decision.gains) - 1.0)
    scores = [gains[places.get(s.deployment.id, -1)] for s in standings]
    return _Ranking(_ordered(request, state, standings, scores), decision, places)


def _ordered(
    request: RouteRequest, state: RouterState, standings: Sequence[Standing], given: Sequence[float]
) -> _Ranked:
    scores = [round(score, 9) for score in given]
    keys = [
        (-score, -s.availability, _LAST if s.cost is None else s.cost)
        for s, score in zip(standings, scores, strict=True)
    ]
    tied = len(set(keys)) < len(keys)
    draws = [_draw(request, state, s) if tied else 0 for s in standings]
    order = sorted(range(len(keys)), key=lambda i: (keys[i], draws[i]))
    return [(standings[i], scores[i]) for i in order]


def _draw(request: RouteRequest, state: RouterState, standing: Standing) -> int:
    return seeded(state.policy.seed, request.turn_id, standing.deployment.id)


def _standing(
    request: RouteRequest, deployment: Deployment, state: RouterState, now: int
) -> Standing:
    """Work out what a deployment should cost and take for this turn."""
    figures = state.figures_of(deployment.id)
    limit = output_limit(request, deployment)
    output = figures.outputs.expected(request.purpose, limit)
    price, bound = deployment.price, deployment.bound
    load = state.inflight_at(deployment.provider) / state.places_at(deployment)
    half_open = state.breaker_of(deployment.provider).phase(now) is Phase.HALF_OPEN
    return Standing(
        deployment=deployment,
        cost=price.expected(request.prompt_tokens, output) if price else None,
        ceiling=bound.ceiling(request.prompt_tokens, limit) if bound else None,
        latency_s=figures.latency.expected_s(output, load, now),
        measured=figures.latency.measured,
        availability=figures.outcomes.availability * (0.5 if half_open else 1.0),
        load=load,
        output=output,
    )


def _route(
    name: str,
    request: RouteRequest,
    ranking: _Ranking,
    reserve: _Ranked,
    deployments: Sequence[Deployment],
    removed: Mapping[str, str],
    policy: Policy,
) -> Route:
    ranked, decision = ranking.ranked, ranking.decision
    winner = ranked[0][0].deployment
    only = len(ranked) == 1 and bool(request.provider or request.model)
    away = {standing.deployment.id: standing for standing, _ in reserve}
    rates = {d.id: d.price.rates(request.prompt_tokens) if d.price else () for d in deployments}
    candidates = [
        _candidate(standing, score, rates, figures=ranking.figures_of(standing))
        for standing, score in ranked
    ]
    learning = decision.learning if decision is not None and not only else None
    candidates += [
        _candidate(away[i], None, rates, removed[i])
        if i in away
        else Candidate(i, removed=removed[i], rates=rates[i])
        for i in sorted(removed)
    ]
    strategy = FORCED if only else name
    return Route(
        turn_id=request.turn_id,
        agent=request.agent,
        strategy=strategy,
        deployment=winner,
        candidates=tuple(candidates),
        reason=forced_reason(request, ranked[0][0])
        if only
        else reason_for(name, request, ranked, len(deployments), learning),
        propensity=decision.propensity if decision is not None else _propensity(ranked),
        chain=_chain(winner, [s.deployment for s, _ in (*ranked[1:], *reserve)]),
        weights={} if learning else weights_of(strategy, policy.weights),
        prompt_tokens=request.prompt_tokens,
        headroom=request.headroom,
        seed=policy.seed,
        learning=learning,
    )


def _candidate(
    standing: Standing,
    score: float | None,
    rates: Mapping[str, tuple[int, ...]],
    removed: str | None = None,
    figures: _Figures | None = None,
) -> Candidate:
    return Candidate(
        deployment=standing.deployment.id,
        removed=removed,
        cost=figures.cost if figures else standing.cost,
        listed=standing.cost if figures else None,
        quality=figures.quality if figures else None,
        doubt=figures.doubt if figures else None,
        mean_quality=figures.mean if figures else None,
        ceiling=standing.ceiling,
        latency_s=round(standing.latency_s, 3) if standing.measured else None,
        availability=round(standing.availability, 4),
        score=score,
        rates=rates[standing.deployment.id],
        output_tokens=standing.output,
        load=round(standing.load, 4),
    )


def _propensity(ranked: _Ranked) -> float:
    """Return the winner's chance in the draw among those that nothing tells apart."""
    best, score = ranked[0]
    figures = (score, best.availability, best.cost)
    return 1.0 / sum((x, s.availability, s.cost) == figures for s, x in ranked)


def _chain(winner: Deployment, others: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """Return the next-best, other providers first: a fault is the provider's more often."""
    elsewhere = [d for d in others if d.provider != winner.provider]
    same = [d for d in others if d.provider == winner.provider]
    return tuple((elsewhere + same)[:CHAIN])
