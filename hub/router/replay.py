"""Recorded turns under another policy: what would have been picked, and what that would have cost.

Each record holds the figures that the choice was made from, so a policy can choose from them again.
The filters' removals stand as they were: they are facts, not policy. Costs are those of the recorded
tokens at each candidate's own rates, the answer as much longer or shorter as the two models' answers
to such turns are on average, where both are recorded often enough to say.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

from hub.config import Weights
from hub.domain.agent import Deployment
from hub.domain.ids import TurnId, seeded
from hub.domain.route import HEDGE, Candidate, QualityEstimate, Replay, Reroute, Route, RoutedCall
from hub.domain.turn import CallState, Purpose
from hub.router.choose import FORCED
from hub.router.latency import FIRST_TOKEN_PRIOR_S, SPEED_PRIOR
from hub.router.state import Policy, RouterState
from hub.router.strategies import ADAPTIVE, Standing, strategy_of

_LAST = float("inf")
_PRIOR_QUALITY = 0.7
_PRIOR_MARKS = 4
"""A deployment's mean starts as so many marks of the prior (ROUTER: adaptive)."""
_HEAVIEST = 20.0
"""No mark weighs more than so many: one lucky draw must not decide."""
_LEAST_MARKS = 30.0
"""Effective marks below which nothing is said about quality (ROUTER: replay)."""
_RESAMPLES = 1_000
_LEAST_ANSWERS = 5
"""Recorded answers of a model to one kind of turn below which nothing is said of their length."""


def replay(
    calls: Sequence[RoutedCall],
    strategy: str,
    *,
    weights: Weights,
    marks: Mapping[TurnId, float],
    known: Mapping[str, Deployment],
) -> Replay:
    """Re-route recorded turns.

    Args:
        calls: The record, oldest first.
        strategy: Name of the policy.
        weights: What `hybrid` weighs.
        marks: How good answers were, 0..1, where somebody said so.
        known: Deployments by id; one that is gone keeps its figures.

    Raises:
        UsageError: There is no such policy.
    """
    strategy_of(strategy)
    state = RouterState(Policy(strategy, weights))
    lengths = _lengths(calls)
    turns: list[Reroute] = []
    picked: list[RoutedCall] = []
    for call in calls:
        if not _answered(call):
            continue
        pick = _pick(call.route, strategy, state, known)
        state = RouterState(state.policy, last_used=pick.deployment)
        was, now = call.route.deployment.id, pick.deployment
        own, other = (lengths.get((name, call.purpose)) for name in (was, now))
        would_cost = call.would_cost(pick, other / own if own and other else 1.0)
        turns.append(Reroute(call.route.turn_id, was, now, call.cost, would_cost))
        picked.append(call)
    return Replay(
        strategy=strategy,
        turns=tuple(turns),
        left_out=len(calls) - len(turns),
        quality=_quality(picked, turns, marks),
        marks=sum(turn.turn_id in marks for turn in turns),
    )


def _lengths(calls: Sequence[RoutedCall]) -> dict[tuple[str, Purpose], float]:
    """Return the mean tokens of answer by deployment and purpose, where there are enough."""
    written: dict[tuple[str, Purpose], list[int]] = defaultdict(list)
    for call in calls:
        if _answered(call) and call.call is not None and call.call.usage is not None:
            tokens = call.call.usage.completion_tokens
            written[call.route.deployment.id, call.purpose].append(tokens)
    return {key: _mean(n) for key, n in written.items() if len(n) >= _LEAST_ANSWERS}


def _answered(call: RoutedCall) -> bool:
    """Tell whether a route led to an answer, and its record holds the figures."""
    done = call.call is not None and call.call.state is CallState.DONE
    done = done and call.route.strategy != HEDGE  # no policy chose it
    return done and call.route.prompt_tokens is not None


def _pick(
    route: Route, strategy: str, state: RouterState, known: Mapping[str, Deployment]
) -> Candidate:
    """Return the candidate that a policy takes; ties as in `hub.router.choose`."""
    candidates = route.standing
    as_it_was = strategy == ADAPTIVE and route.learning is not None
    if as_it_was or route.strategy == FORCED or len(candidates) == 1:
        return route.chosen
    standings = [_standing(candidate, route, known) for candidate in candidates]
    scores = strategy_of(strategy)(standings, state)
    keys = [
        (
            -round(score, 9),
            -s.availability,
            _LAST if s.cost is None else s.cost,
            seeded(route.seed, route.turn_id, c.deployment),
        )
        for score, s, c in zip(scores, standings, candidates, strict=True)
    ]
    return candidates[min(range(len(keys)), key=keys.__getitem__)]


def _standing(candidate: Candidate, route: Route, known: Mapping[str, Deployment]) -> Standing:
    """Return the figures that a candidate was judged by; unmeasured speed is the prior's."""
    output = candidate.output_tokens or 0
    prior_s = (FIRST_TOKEN_PRIOR_S + output / SPEED_PRIOR) * (1.0 + candidate.load)
    provider, _, model = candidate.deployment.partition("/")
    return Standing(
        deployment=known.get(candidate.deployment)
        or Deployment(provider, model, route.deployment.kind),
        cost=candidate.cost,
        ceiling=candidate.ceiling,
        latency_s=prior_s if candidate.latency_s is None else candidate.latency_s,
        measured=candidate.latency_s is not None,
        availability=candidate.availability or 0.0,
        load=candidate.load,
        output=output,
    )


def _quality(
    calls: Sequence[RoutedCall], turns: Sequence[Reroute], marks: Mapping[TurnId, float]
) -> QualityEstimate | None:
    """Return the doubly robust estimate of a policy's quality; None: too little data.

    Each marked turn counts the mean of the pick's earlier marks, corrected, where the pick is what
    served it, by the mark's distance from that, over the chance it had. Source: Dudik, Langford, Li,
    "Doubly Robust Policy Evaluation and Learning", 2011.
    """
    means: dict[str, tuple[float, int]] = {}
    values, heavy, given = [], [], []
    for call, turn in zip(calls, turns, strict=True):
        mark = marks.get(turn.turn_id)
        if mark is None:
            continue
        expected, n = means.get(turn.was, (_PRIOR_QUALITY, _PRIOR_MARKS))
        weight = min(_HEAVIEST, 1.0 / call.route.propensity) if turn.was == turn.now else 0.0
        of_pick, _ = means.get(turn.now, (_PRIOR_QUALITY, _PRIOR_MARKS))
        values.append(of_pick + weight * (mark - expected))
        heavy.append(weight)
        given.append(mark)
        means[turn.was] = (expected + (mark - expected) / (n + 1), n + 1)
    if not sum(heavy) or sum(heavy) ** 2 / sum(w * w for w in heavy) < _LEAST_MARKS:
        return None
    draw = random.Random("replay")  # noqa: S311  a bootstrap, the same each time
    samples = sorted(_mean(draw.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    return QualityEstimate(
        recorded=_mean(given),
        replayed=_mean(values),
        low=samples[round(0.025 * _RESAMPLES)],
        high=samples[round(0.975 * _RESAMPLES) - 1],
        marks=len(given),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
