"""One route as lines and as JSON: the candidates, what decided, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.route import Candidate, Route, RoutedCall
from hub.domain.text import one_line
from hub.exports.shapes import Json, money_json, route_json, time_json
from ui.cli.console import Console
from ui.cli.listing import table
from ui.format import UNKNOWN, duration, money, percent

_HEAD = ("MODEL", "SCORE", "ABOUT", "AT MOST", "LATENCY", "WORKS")


def choice_lines(console: Console, route: Route, routed: RoutedCall | None = None) -> None:
    """Write the choice: reason, what it rested on, and the candidates.

    Args:
        console: Where to.
        route: From a record, or of a dry run.
        routed: What came of it, for what the others would have cost.
    """
    console.line(f"{route.deployment.id}: {one_line(route.reason, 2_000)}")
    console.line(", ".join(_circumstances(route)))
    head = (*_HEAD, *(("WOULD HAVE COST",) if routed else ()))
    rows = [
        (*_cells(c), *((money(routed.would_cost(c)),) if routed else ())) for c in route.standing
    ]
    table(console, head, rows)
    for candidate in route.candidates:
        if candidate.removed is not None:
            console.line(f"{candidate.deployment}: {one_line(candidate.removed, 400)}")
    if route.chain:
        console.line(f"Next, should it fail: {', '.join(d.id for d in route.chain)}")


def _circumstances(route: Route) -> Iterator[str]:
    weighed = ", ".join(f"{part} {share:.2f}" for part, share in route.weights.items())
    yield f"Weights: {weighed}" if weighed else "Weights: none"
    yield f"propensity {route.propensity:.3g}"
    if route.prompt_tokens is not None:
        yield f"{route.prompt_tokens} prompt tokens"
    yield "no cap" if route.headroom is None else f"{money(route.headroom)} left under the caps"


def _cells(candidate: Candidate) -> tuple[str, ...]:
    score = UNKNOWN if candidate.score is None else f"{candidate.score:.4f}"
    return (
        candidate.deployment,
        score,
        money(candidate.cost),
        money(candidate.ceiling),
        duration(candidate.latency_s),
        percent(candidate.availability),
    )


def routed_lines(routed: RoutedCall) -> Iterator[str]:
    """Yield what was predicted and what came of it."""
    chosen, call = routed.route.chosen, routed.call
    yield f"Predicted: {money(chosen.cost)}, {duration(chosen.latency_s)}"
    if call is None:
        return
    used = "no tokens counted"
    if call.usage is not None:
        used = f"{call.usage.prompt_tokens} + {call.usage.completion_tokens} tokens"
        used += " (estimated)" if call.usage.estimated else ""
    error = f": {one_line(call.error, 400)}" if call.error else ""
    cost = "nothing booked" if call.usage is None else money(routed.cost)
    yield f"Came of it: {cost}, {duration(routed.latency_s)}, {used}, {call.state.value}{error}"


def choice_json(route: Route) -> Json:
    """Return the object of `route dry-run --json`."""
    figures = {c.deployment: c for c in route.candidates}
    shown = route_json(route)
    for candidate in shown["candidates"]:
        found = figures[candidate["deployment"]]
        candidate["output_tokens"] = found.output_tokens
        candidate["load"] = found.load
    return {
        **shown,
        "weights": dict(route.weights),
        "confidence": round(route.confidence, 4),
        "fallback": route.fallback,
        "prompt_tokens": route.prompt_tokens,
        "headroom_usd": money_json(route.headroom),
    }


def routed_json(routed: RoutedCall) -> Json:
    """Return one route with its call, as `route history --json` lists it."""
    route, call = routed.route, routed.call
    usage = call.usage if call else None
    return {
        **choice_json(route),
        "thread": routed.thread_id,
        "purpose": routed.purpose.value,
        "n": routed.n,
        "started_at": time_json(call.started_at) if call else None,
        "state": call.state.value if call else None,
        "predicted": {
            "cost_usd": money_json(route.chosen.cost),
            "latency_s": route.chosen.latency_s,
        },
        "actual": {
            "cost_usd": money_json(routed.cost),
            "latency_s": routed.latency_s,
            "first_token_s": call.first_token_s if call else None,
            "prompt_tokens": usage.prompt_tokens if usage else None,
            "completion_tokens": usage.completion_tokens if usage else None,
            "error": call.error if call else "",
        },
        "would_have_cost_usd": {
            c.deployment: money_json(routed.would_cost(c)) for c in route.candidates
        },
    }
