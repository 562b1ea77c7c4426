"""Everything that a choice rested on, as JSON: for the log, and for who asks why."""

from __future__ import annotations

from hub.domain.route import Candidate, Learning, Route
from hub.domain.usage import MICRO
from hub.exports.shapes import Json, money_json, route_json


def choice_json(route: Route) -> Json:
    """Return a route with what its candidates were judged by, and what the learned policy knew."""
    shown = route_json(route)
    pairs = zip(shown["candidates"], route.candidates, strict=True)
    return {
        **shown,
        "candidates": [{**known, **_figures(candidate)} for known, candidate in pairs],
        "weights": dict(route.weights),
        "confidence": round(route.confidence, 4),
        "fallback": route.fallback,
        "prompt_tokens": route.prompt_tokens,
        "headroom_usd": money_json(route.headroom),
        "seed": route.seed,
        "learned": None if route.learning is None else _learned(route.learning),
    }


def _figures(candidate: Candidate) -> Json:
    """Return what is recorded of a candidate beside what every export of a route holds."""
    return {
        "output_tokens": candidate.output_tokens,
        "load": candidate.load,
        "rates_usd_per_million": [money_json(rate) for rate in candidate.rates],
        "listed_cost_usd": money_json(candidate.listed),
        "quality": candidate.quality,
        "doubt": candidate.doubt,
        "mean_quality": candidate.mean_quality,
    }


def _learned(learning: Learning) -> Json:
    """Return what the learned policy went by; money in dollars."""
    rate, bank = learning.rate, learning.bank
    return {
        "lottery": learning.lottery,
        "quality_per_usd": learning.price * MICRO,
        "rate_usd": None if rate is None else money_json(round(rate)),
        "bank_usd": None if bank is None else money_json(round(bank)),
        "task": learning.task,
        "saturated": learning.saturated,
        "explored": learning.explored,
        "marks": learning.marks,
    }
