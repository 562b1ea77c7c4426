"""The whole `choose`: how long it takes, and what it says of a set that all models master."""

from __future__ import annotations

import json
import time
from statistics import median

import numpy as np

from benchmarks.routing_data import Recorded
from benchmarks.routing_online import streams
from benchmarks.routing_stream import mean, warmed
from hub.domain.agent import Deployment, ProviderKind
from hub.domain.ids import TurnId
from hub.domain.query import CallFact
from hub.domain.route import Pacing, Route, RouteRequest
from hub.domain.turn import Purpose
from hub.domain.usage import Price
from hub.router.adaptive.learned import Learned, charged, marked, routed
from hub.router.choose import choose
from hub.router.features import features
from hub.router.observe import observe
from hub.router.state import Policy, RouterState

_PROMPT = (
    "Explain step by step why the function `def f(x): return x * 2` gives 14 for x = 7, "
    "compare it with the version of last week, and say which of the two you would keep and why, "
    "in five sentences with numbers, without repeating the code."
)[:233]
_TOKENS = 1_000
_DEPLOYMENTS = 8
_ROUNDS = 3_000
_THOUSAND = 1e-3
"""Micro-dollars a prompt as dollars per 1,000 prompts."""


def choose_p50(rounds: int = _ROUNDS) -> tuple[float, float]:
    """Return the median microseconds of `choose`, and of `json.dumps` of the request's body.

    Eight deployments with marks and bills, a budget that is paced, a prompt of 233 characters, its
    features included; the two take turns.
    """
    costs = {f"p{k % 4}/m{k}": 180.0 * (k + 1) for k in range(_DEPLOYMENTS)}
    deployments = [_deployment(name, cost) for name, cost in costs.items()]
    state = RouterState(Policy(seed="measured"), learned=_lived(costs))
    body = {
        "model": "m1",
        "messages": [
            {"role": "system", "content": "You are a critic."},
            {"role": "user", "content": _PROMPT},
        ],
        "max_tokens": 1_000,
        "stream": True,
    }
    ours, theirs = [], []
    for turn in range(rounds):
        prompt = (
            f"{turn:05}{_PROMPT[5:]}"  # never the same: features of the last ones are remembered
        )
        request = _request(f"t{turn}", prompt, Pacing(900.0, 100, 80_000.0))
        began = time.perf_counter()
        choose(request, deployments, state, 0)
        chosen = time.perf_counter()
        json.dumps(body)
        theirs.append(time.perf_counter() - chosen)
        ours.append(chosen - began)
    return median(ours) * 1e6, median(theirs) * 1e6


def saturated(recorded: Recorded, seeds: int) -> dict[str, object]:
    """Return what the policy does with a set after learning from half of it, on the other half.

    Price alone first (as in all tables), then with the measured latency.
    """
    dealt = streams(recorded, seeds)
    shares: dict[str, list[tuple[int, float, float]]] = {"price": [], "latency": []}
    routes: dict[str, Route] = {}
    for one in dealt:
        warm = warmed(recorded, one.known, recorded.models)
        usual = dict(zip(recorded.models, warm.usual.tolist(), strict=True))
        deployments = [_deployment(name, cost) for name, cost in usual.items()]
        for way, found in shares.items():
            state = RouterState(Policy(seed="measured"), learned=warm.learned)
            if way == "latency":
                state = _timed(state, recorded)
            routes[way] = choose(_request("t1", ""), deployments, state, 0)
            place = recorded.models.index(routes[way].deployment.id)
            scores, costs = recorded.scores[one.order, place], recorded.costs[one.order, place]
            found.append((place, float(scores.mean()), float(costs.mean())))
    costs = recorded.costs.mean(0)
    learning = routes["price"].learning
    return {
        "saturated": learning is not None and learning.saturated,
        "says": routes["price"].reason,
        "ours": _summary(recorded, shares["price"]),
        "with_latency": _summary(recorded, shares["latency"]),
        "cheapest": round(float(recorded.scores.mean(0)[recorded.cheapest]), 4),
        "cheapest_usd_per_1000": round(float(costs.min()) * _THOUSAND, 4),
        "best_single": round(float(recorded.scores.mean(0).max()), 4),
        "random": round(float(recorded.scores.mean()), 4),
        "oracle": round(float(recorded.scores.max(1).mean()), 4),
    }


def _summary(recorded: Recorded, runs: list[tuple[int, float, float]]) -> dict[str, object]:
    places = [run[0] for run in runs]
    most = max(set(places), key=places.count)
    return {
        "chosen": recorded.models[most],
        "share_of_seeds": round(places.count(most) / len(places), 2),
        "quality": round(mean([run[1] for run in runs]), 4),
        "usd_per_1000": round(mean([run[2] for run in runs]) * _THOUSAND, 4),
    }


def _deployment(name: str, cost: float) -> Deployment:
    """Return a deployment whose call of 1,000 tokens costs that many micro-dollars."""
    provider, _, model = name.partition("/")
    rate = round(cost * 1e6 / _TOKENS)
    return Deployment(provider, model, ProviderKind.COMPATIBLE, Price(rate, 0, rate))


def _request(turn: str, text: str, pacing: Pacing | None = None) -> RouteRequest:
    return RouteRequest(
        TurnId(turn), "critic", Purpose.REPLY, _TOKENS, 1_000, text=text, pacing=pacing
    )


def _timed(state: RouterState, recorded: Recorded) -> RouterState:
    """Return the state after calls that took what was measured of each model."""
    seconds = np.zeros(len(recorded.models)) if recorded.seconds is None else recorded.seconds
    for model, taken in zip(recorded.models, np.median(np.atleast_2d(seconds), 0), strict=True):
        fact = CallFact(model, True, 0, float(taken), float(taken), _TOKENS, 1)
        for _ in range(20):
            state = observe(state, fact)
    return state


def _lived(costs: dict[str, float]) -> Learned:
    """Return what is known after 200 turns in which all were marked and paid."""
    rng = np.random.default_rng(0)
    learned = Learned()
    for turn in range(200):
        vector = features(f"{turn} {_PROMPT[turn % 90 :]}")
        for place, (name, cost) in enumerate(costs.items()):
            quality = float(rng.random() < 0.6 + 0.04 * place)
            learned = marked(learned, name, vector, quality)
            learned = charged(learned, name, vector, cost * rng.lognormal(0.0, 0.3), cost)
        learned = routed(learned, vector, costs)
    return learned
