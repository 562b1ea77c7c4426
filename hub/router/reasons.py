"""The sentence that explains a route: strategy, the figures that decided, and the runner-up."""

from __future__ import annotations

from collections.abc import Sequence

from hub.domain.route import Learning, RouteRequest
from hub.domain.usage import usd
from hub.router.filters import insisted
from hub.router.strategies import ADAPTIVE, ROUND_ROBIN, Standing

_Ranked = Sequence[tuple[Standing, float]]


def reason_for(
    name: str,
    request: RouteRequest,
    ranked: _Ranked,
    configured: int,
    learning: Learning | None = None,
) -> str:
    """Return one sentence for a route that a strategy chose.

    Args:
        name: The strategy.
        request: The turn, for what the person insisted on.
        ranked: Candidates with their scores, the winner first.
        configured: Deployments before the filters.
        learning: What the learned policy went by; None where it did not choose.
    """
    opening = _opening(name, learning)
    if request.provider or request.model:
        opening = f"{insisted(request)} was asked for; {opening}"
    best, score = ranked[0]
    names = _short_names(ranked)
    if len(ranked) == 1:
        others = f" of {configured} configured" if configured > 1 else ""
        return f"{opening}: {names[0]} is the only one{others} that can serve this turn ({_all(best)})."
    following, following_score = ranked[1]
    if learning is not None:
        return f"{opening}: {names[0]} {_learned(best, learning)} ({_all(best)}); next {names[1]}."
    after = f"next {names[1]} {_runner_up(name, following, following_score)}"
    if score == following_score and name != ROUND_ROBIN:
        after = f"level with {names[1]}, {_tie(best, following)}"
    return f"{opening}: {names[0]} {_decided(name, best, score)}; {after}."


def _opening(name: str, learning: Learning | None) -> str:
    if name != ADAPTIVE:
        return name
    if learning is None:
        return "adaptive has no marks of these yet, so hybrid"
    return name if learning.marks else "adaptive, from published priors as nothing is marked yet"


def _learned(best: Standing, learning: Learning) -> str:
    """Return why the learned policy chose it."""
    if learning.explored:
        return "was drawn to learn more about it"
    if learning.saturated:
        return "does best on price and latency alone, as all are good enough at such turns"
    if best.deployment.id != learning.lottery:
        return f"is clearly worth more here than {learning.lottery}"
    if learning.rate is None:
        return "is worth its price"
    return f"is what {usd(round(learning.rate))} a turn is best spent on"


def forced_reason(request: RouteRequest, only: Standing) -> str:
    """Return one sentence for a route that the person left no choice in."""
    asked, served = insisted(request), only.deployment.id
    by = "" if asked == served else f", and {served} serves it"
    return f"forced: {asked} was asked for{by} ({_all(only)})."


def _decided(name: str, best: Standing, score: float) -> str:
    if name == "cost_optimized":
        return f"costs least ({_cost(best)}, {_available(best)})"
    if name == "performance_optimized":
        return f"is fastest ({_seconds(best)})"
    if name == "availability_optimized":
        return f"works most often ({_available(best)})"
    if name == ROUND_ROBIN:
        return f"is next in turn ({_all(best)})"
    return f"scores {_points(score)} ({_all(best)})"


def _runner_up(name: str, other: Standing, score: float) -> str:
    if name == "cost_optimized":
        return f"with {_cost(other)}, {_available(other)}"
    if name == "performance_optimized":
        return f"with {_seconds(other)}"
    if name == "availability_optimized":
        return f"with {_available(other)}"
    if name == ROUND_ROBIN:
        return "after it"
    return f"with {_points(score)}"


def _tie(best: Standing, other: Standing) -> str:
    """Return what decided between equal scores: availability, cost, or the draw."""
    if best.availability != other.availability:
        return f"which works less often ({_available(other)})"
    if best.cost != other.cost:
        return (
            "whose cost is unknown" if other.cost is None else f"which costs more ({_cost(other)})"
        )
    return "and drawn by lot"


def _short_names(ranked: _Ranked) -> list[str]:
    """Name the first two by model, and by provider too where two providers serve the same one."""
    models = [standing.deployment.model for standing, _ in ranked]
    return [
        standing.deployment.id if models.count(model) > 1 else model
        for (standing, _), model in zip(ranked[:2], models, strict=False)
    ]


def _all(standing: Standing) -> str:
    return f"{_cost(standing)}, {_seconds(standing)}, {_available(standing)}"


def _cost(standing: Standing) -> str:
    return "cost unknown" if standing.cost is None else f"cost {usd(standing.cost)}"


def _seconds(standing: Standing) -> str:
    return f"{standing.latency_s:.1f} s" if standing.measured else "speed not measured yet"


def _available(standing: Standing) -> str:
    return f"{100 * standing.availability:.0f} % available"


def _points(score: float) -> str:
    return f"{score:.2f}".removeprefix("0")
