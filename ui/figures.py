"""What recorded calls say of each deployment: latency, success, costs, shares, repeats, over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from hub.domain.route import RoutedCall
from hub.domain.turn import CallState

SLICES = 24
"""Slices of time that a sparkline has."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One deployment's row; None is unknown, never zero."""

    deployment: str
    calls: int
    share: float
    """Of all calls, 0..1."""
    ok: float | None
    """Share of its ended calls that were answered."""
    median_s: float | None
    p95_s: float | None
    cost: int
    """Micro-dollars booked, as far as known."""
    unknown_costs: int
    """Calls that ended with an answer and whose cost nobody knows."""
    repeats: int
    """Requests beyond the first of a call."""
    saved: int
    """Calls that a repeat brought through."""
    lost: int
    """Calls that failed although they were repeated."""
    failovers: int
    """Calls that came after another one of the same turn had failed."""
    errors: tuple[tuple[str, int], ...]
    """What failed calls said, the most frequent first."""
    over_time: tuple[int, ...]
    """Calls in each slice of time."""
    latency_over_time: tuple[float | None, ...]
    """Median seconds in each slice; None: no answer in it."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All of them, and the time that they cover."""

    rows: tuple[Figures, ...]
    first: int
    """UTC microseconds."""
    last: int


def dashboard(calls: Sequence[RoutedCall]) -> Dashboard:
    """Return the figures of recorded calls, the busiest deployment first."""
    timed = [c for c in calls if c.call is not None]
    starts = [c.call.started_at for c in timed if c.call is not None]
    first, last = (min(starts), max(starts)) if starts else (0, 0)
    by: dict[str, list[RoutedCall]] = {}
    for call in timed:
        by.setdefault(call.route.deployment.id, []).append(call)
    rows = [_figures(name, of, len(timed), first, last) for name, of in by.items()]
    return Dashboard(tuple(sorted(rows, key=lambda row: (-row.calls, row.deployment))), first, last)


def _figures(name: str, calls: list[RoutedCall], total: int, first: int, last: int) -> Figures:
    ended = [c for c in calls if c.call is not None and c.call.ended_at is not None]
    good = [c for c in ended if _state(c) is CallState.DONE]
    waits = sorted(c.latency_s for c in good if c.latency_s is not None)
    slices: list[list[RoutedCall]] = [[] for _ in range(SLICES)]
    for call in calls:
        slices[_slice(call, first, last)].append(call)
    errors = Counter(c.call.error for c in ended if c.call is not None and c.call.error)
    return Figures(
        deployment=name,
        calls=len(calls),
        share=len(calls) / total,
        ok=len(good) / len(ended) if ended else None,
        median_s=_quantile(waits, 50),
        p95_s=_quantile(waits, 95),
        cost=sum(c.cost or 0 for c in calls),
        unknown_costs=sum(c.cost is None for c in good),
        repeats=sum(_tries(c) - 1 for c in calls),
        saved=sum(_tries(c) > 1 for c in good),
        lost=sum(_tries(c) > 1 and _state(c) is not CallState.DONE for c in ended),
        failovers=sum(c.n > 1 for c in calls),
        errors=tuple(errors.most_common(3)),
        over_time=tuple(map(len, slices)),
        latency_over_time=tuple(
            _quantile(sorted(c.latency_s for c in part if c.latency_s is not None), 50)
            for part in slices
        ),
    )


def _state(call: RoutedCall) -> CallState | None:
    return call.call.state if call.call else None


def _tries(call: RoutedCall) -> int:
    return call.call.tries if call.call else 1


def _slice(call: RoutedCall, first: int, last: int) -> int:
    at = call.call.started_at if call.call else first
    return min(SLICES - 1, (at - first) * SLICES // max(1, last - first))


def _quantile(sorted_: Sequence[float], percent: int) -> float | None:
    if not sorted_:
        return None
    if len(sorted_) == 1:
        return sorted_[0]
    return quantiles(sorted_, n=100, method="inclusive")[percent - 1]
