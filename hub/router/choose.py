"""The choice: filters, figures, strategy, ties, chain, and the sentence that explains it.

Pure: the same request, deployments and state give the same route, whatever their order; draws are
seeded by the router's seed and the turn's id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

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
_ID = attrgetter("id")
_Ranked = list[tuple[Standing, float]]


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Candidates with their scores, the best first."""

    ranked: _Ranked
    decision: Decision | None = None
    """None: not the learned policy's."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Of each deployment in the decision's figures."""


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
    deployments = sorted(deployments, key=_ID)
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
    standings = _standings(request, left, state, now)
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
    keys: list[tuple[float, ...]] = [
        (-score, -s.availability, _LAST if s.cost is None else s.cost)
        for s, score in zip(standings, scores, strict=True)
    ]
    if len(set(keys)) < len(keys):
        keys = [(*k, _draw(request, state, s)) for k, s in zip(keys, standings, strict=True)]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return [(standings[i], scores[i]) for i in order]


def _draw(request: RouteRequest, state: RouterState, standing: Standing) -> int:
    return seeded(state.policy.seed, request.turn_id, standing.deployment.id)


def _standings(
    request: RouteRequest, left: Sequence[Deployment], state: RouterState, now: int
) -> list[Standing]:
    """Work out what each deployment should cost and take for this turn."""
    half_open = {
        name for name, breaker in state.breakers.items() if breaker.phase(now) is Phase.HALF_OPEN
    }
    prompt, found = request.prompt_tokens, []
    for deployment in left:
        figures = state.figures_of(deployment.id)
        limit = output_limit(request, deployment)
        output = figures.outputs.expected(request.purpose, limit)
        price, bound = deployment.price, deployment.bound
        load = state.inflight_at(deployment.provider) / state.places_at(deployment)
        standing = Standing(
            deployment,
            price.expected(prompt, output) if price else None,
            bound.ceiling(prompt, limit) if bound else None,
            figures.latency.expected_s(output, load, now, state.elsewhere(figures)),
            figures.latency.measured,
            figures.outcomes.availability * (0.5 if deployment.provider in half_open else 1.0),
            load,
            output,
        )
        found.append(standing)
    return found


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
    learning = decision.learning if decision is not None and not only else None
    strategy = FORCED if only else name
    return Route(
        turn_id=request.turn_id,
        agent=request.agent,
        strategy=strategy,
        deployment=winner,
        candidates=_candidates(request, ranking, reserve, deployments, removed),
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


def _candidates(
    request: RouteRequest,
    ranking: _Ranking,
    reserve: _Ranked,
    deployments: Sequence[Deployment],
    removed: Mapping[str, str],
) -> tuple[Candidate, ...]:
    """Return all that are configured: the chosen one, the others by score, the removed by name."""
    found = [_elected(request, standing, score, ranking) for standing, score in ranking.ranked]
    away = {standing.deployment.id: standing for standing, _ in reserve}
    for deployment in deployments if removed else ():
        name = deployment.id
        if name in away:
            candidate = _elected(request, away[name], None, _Ranking([]))
            found.append(replace(candidate, removed=removed[name]))
        elif name in removed:
            rates = _rates(request, deployment)
            found.append(Candidate(name, removed=removed[name], rates=rates))
    return tuple(found)


def _elected(
    request: RouteRequest, standing: Standing, score: float | None, ranking: _Ranking
) -> Candidate:
    """Return a candidate that stood for election, its figures rounded for the record."""
    deployment, cost = standing.deployment, standing.cost
    listed, quality, doubt, mean = None, None, None, None
    decision, place = ranking.decision, ranking.places.get(deployment.id)
    if decision is not None and place is not None:
        listed, cost = cost, None if cost is None else round(decision.costs[place])
        quality = round(decision.qualities[place], 4)
        doubt = round(decision.doubts[place], 4)
        mean = round(decision.means[place], 4)
    return Candidate(
        deployment.id,
        cost=cost,
        listed=listed,
        quality=quality,
        doubt=doubt,
        mean_quality=mean,
        ceiling=standing.ceiling,
        latency_s=round(standing.latency_s, 3) if standing.measured else None,
        availability=round(standing.availability, 4),
        score=score,
        rates=_rates(request, deployment),
        output_tokens=standing.output,
        load=round(standing.load, 4) if standing.load else 0.0,
    )


def _rates(request: RouteRequest, deployment: Deployment) -> tuple[int, ...]:
    return deployment.price.rates(request.prompt_tokens) if deployment.price else ()


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
