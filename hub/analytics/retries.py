"""The retry scoreboard: what sending again came to, by provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from hub.domain.insight import Retries
from hub.domain.interaction import LoggedCall


def retries(calls: Iterable[LoggedCall]) -> tuple[Retries, ...]:
    """Return a row for each provider that was asked, in order of their names."""
    asked: dict[str, list[LoggedCall]] = defaultdict(list)
    for call in calls:
        asked[call.deployment.partition("/")[0]].append(call)
    return tuple(_row(name, asked[name]) for name in sorted(asked))


def _row(provider: str, calls: list[LoggedCall]) -> Retries:
    return Retries(
        provider=provider,
        calls=len(calls),
        repeats=sum(call.tries - 1 for call in calls),
        saved=sum(call.tries > 1 and call.ok for call in calls),
        given_up=sum(call.tries > 1 and call.failed for call in calls),
        failed=sum(call.failed for call in calls),
        stood_in=sum(call.follows and call.ok for call in calls),
    )
