"""One route as lines and as JSON: the candidates, what decided, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from hub.domain.mark import Mark
from hub.domain.route import Candidate, Learning, Route, RoutedCall
from hub.domain.text import one_line
from hub.domain.turn import CallState
from hub.domain.usage import MICRO, usd
from hub.exports.choice import choice_json
from hub.exports.shapes import Json, money_json, time_json
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
    circumstances = ", ".join(_circumstances(route))
    console.line(circumstances[0].upper() + circumstances[1:])
    if route.learning is not None:
        console.line(", ".join(_learned(route.learning)))
    head = [*_HEAD, *(["QUALITY"] if route.learning else [])]
    rows = [[*_cells(c), *([_quality(c)] if route.learning else [])] for c in route.standing]
    if routed:
        head.append("WOULD HAVE COST")
        for row, candidate in zip(rows, route.standing, strict=True):
            row.append(money(routed.would_cost(candidate)))
    table(console, tuple(head), map(tuple, rows))
    removed: dict[str, list[str]] = {}
    for candidate in route.candidates:
        if candidate.removed is not None:
            removed.setdefault(candidate.removed, []).append(candidate.deployment)
    for reason, names in removed.items():
        console.line(f"{', '.join(names)}: {one_line(reason, 400)}")
    if route.chain:
        console.line(f"Next, should it fail: {', '.join(d.id for d in route.chain)}")


def _circumstances(route: Route) -> Iterator[str]:
    weighed = ", ".join(f"{part} {share:.2f}" for part, share in route.weights.items())
    if weighed or route.learning is None:
        yield f"Weights: {weighed or 'none'}"
    yield f"propensity {route.propensity:.3g}"
    if route.prompt_tokens is not None:
        yield f"{route.prompt_tokens} prompt tokens"
    yield "no cap" if route.headroom is None else f"{money(route.headroom)} left under the caps"


def _learned(learning: Learning) -> Iterator[str]:
    """Yield what the learned policy went by, as far as it is no candidate's."""
    marks = "1 mark" if learning.marks == 1 else f"{learning.marks} marks"
    rests = marks if learning.marks else "published priors alone"
    yield f"Learned: from {rests}, task {learning.task}, lottery {learning.lottery}"
    yield f"a dollar is worth {learning.price * MICRO:.3g} of quality"
    if learning.rate is not None and learning.bank is not None:
        yield f"{usd(round(learning.rate))} a turn, {usd(round(learning.bank))} in the bank"


def _quality(candidate: Candidate) -> str:
    if candidate.quality is None or candidate.doubt is None:
        return UNKNOWN
    return f"{candidate.quality:.3f} ± {candidate.doubt:.3f}"


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
    if routed.mark is not None and call.state is CallState.DONE:
        yield f"Marked: {_said(routed.mark)}"


def _said(mark: Mark) -> str:
    if mark.weight < 1.0:
        return "asked again"
    return "right" if mark.right else "wrong"


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
        "mark": _said(routed.mark) if routed.mark else None,
        "would_have_cost_usd": {
            c.deployment: money_json(routed.would_cost(c)) for c in route.candidates
        },
    }
