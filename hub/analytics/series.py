"""Calls over time, and how each deployment did: latency, success, cost and routing shares."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from hub.domain.insight import Bucket, DeploymentFigures
from hub.domain.interaction import LoggedCall

HOUR = 3_600_000_000
"""Microseconds."""
STEPS = (HOUR // 60, HOUR // 4, HOUR, 6 * HOUR, 24 * HOUR, 7 * 24 * HOUR)
"""Lengths that a bucket may have."""
BUCKETS = 48
"""Buckets that a span is cut into, at most."""


def step_for(begin: int, end: int) -> int:
    """Return the shortest bucket that cuts a span into at most `BUCKETS`, in microseconds."""
    for step in STEPS:
        if (end - begin) <= step * BUCKETS:
            return step
    return STEPS[-1]


def series(calls: Sequence[LoggedCall], step: int) -> tuple[Bucket, ...]:
    """Return what each deployment did in each bucket in which it did anything, oldest first."""
    cells: defaultdict[tuple[int, str], list[LoggedCall]] = defaultdict(list)
    for call in calls:
        cells[call.ended_at // step * step, call.deployment].append(call)
    return tuple(_bucket(at, name, cells[at, name]) for at, name in sorted(cells))


def deployments(calls: Sequence[LoggedCall]) -> tuple[DeploymentFigures, ...]:
    """Return how each deployment did, most calls first."""
    by_name: defaultdict[str, list[LoggedCall]] = defaultdict(list)
    for call in calls:
        by_name[call.deployment].append(call)
    found = (_deployment(name, mine, len(calls)) for name, mine in by_name.items())
    return tuple(sorted(found, key=lambda row: (-row.calls, row.deployment)))


def strategies(calls: Sequence[LoggedCall]) -> tuple[tuple[str, int], ...]:
    """Return how many calls each strategy routed, most first."""
    counted = Counter(call.strategy for call in calls if call.strategy)
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` (0..1) of all do not exceed; None: no value."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _bucket(at: int, name: str, calls: Sequence[LoggedCall]) -> Bucket:
    waits = [call.latency_s for call in calls if call.ok]
    return Bucket(
        at=at,
        deployment=name,
        calls=len(calls),
        answered=len(waits),
        tokens=sum(call.tokens for call in calls),
        cost=sum(call.cost or 0 for call in calls),
        unknown_cost_calls=sum(call.cost is None for call in calls),
        latency_p50_s=quantile(waits, 0.5),
        latency_p95_s=quantile(waits, 0.95),
    )


def _deployment(name: str, calls: Sequence[LoggedCall], all_calls: int) -> DeploymentFigures:
    waits = [call.latency_s for call in calls if call.ok]
    firsts = [call.first_token_s for call in calls if call.ok and call.first_token_s is not None]
    return DeploymentFigures(
        deployment=name,
        calls=len(calls),
        answered=len(waits),
        failovers=sum(call.follows for call in calls),
        repeats=sum(call.tries - 1 for call in calls),
        saved=sum(call.tries > 1 and call.ok for call in calls),
        tokens=sum(call.tokens for call in calls),
        cost=sum(call.cost or 0 for call in calls),
        unknown_cost_calls=sum(call.cost is None for call in calls),
        latency_p50_s=quantile(waits, 0.5),
        latency_p95_s=quantile(waits, 0.95),
        first_token_p50_s=quantile(firsts, 0.5),
        share=len(calls) / all_calls,
        last_error=next((call.error for call in reversed(calls) if call.failed and call.error), ""),
    )
