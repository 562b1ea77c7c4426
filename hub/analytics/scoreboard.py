"""Who is right on the person's own questions, and how much of that a dollar buys."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from hub.analytics.metrics import chosen
from hub.domain.decision import Decision
from hub.domain.ids import DecisionId, MessageId, TurnId
from hub.domain.insight import Judged, Standing
from hub.domain.mark import Mark, Marked
from hub.domain.thread import Message
from hub.domain.transcript import TurnSummary
from hub.domain.usage import MICRO

Z95 = 1.959963985
"""Quantile of the normal distribution that a 95 % interval leaves 2.5 % beyond."""


def newest(marks: Iterable[Marked]) -> Mapping[MessageId | DecisionId, Mark]:
    """Return what counts of marks: the newest of each message or decision."""
    return {marked.about: marked.mark for marked in sorted(marks, key=lambda marked: marked.n)}


def judged_decision(
    decision: Decision, mark: Mark, turns: Mapping[TurnId, TurnSummary]
) -> tuple[Judged, ...]:
    """Return what a mark says of the ballots of a decision's last round.

    Where the winner was wrong and nobody said what is right, it speaks of the winner's holders alone.
    """
    winner = decision.tally.winner if decision.tally else None
    known = winner if mark.right and mark.answer is None else mark.answer
    found = []
    for ballot in chosen(decision):
        if known is None and ballot.first != winner:
            continue
        right = known is not None and ballot.first == known
        turn = turns.get(ballot.turn_id) if ballot.turn_id else None
        found.append(_judged(ballot.voter, turn, float(right), mark.weight, ballot.deployment))
    return tuple(found)


def judged_message(
    message: Message, mark: Mark, turns: Mapping[TurnId, TurnSummary]
) -> Judged | None:
    """Return what a mark says of one answer; None where no turn wrote it."""
    turn = turns.get(message.turn_id) if message.turn_id else None
    return _judged(message.author, turn, float(mark.right), mark.weight) if turn else None


def standings(judged: Iterable[Judged], of: Callable[[Judged], str]) -> tuple[Standing, ...]:
    """Return how often each was right, the surest first: by the lower end of the interval.

    Args:
        judged: What the marks say.
        of: Groups them, as by agent or by deployment; an empty name is left out.
    """
    groups: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if of(one):
            groups[of(one)].append(one)
    rows = (_standing(name, group) for name, group in groups.items())
    return tuple(sorted(rows, key=lambda row: (-row.low, row.name)))


def wilson(right: float, weight: float) -> tuple[float, float]:
    """Return the 95 % interval of a share.

    Args:
        right: Weighted number of those that were right.
        weight: Weighted number of all, above zero.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    share, z2 = right / weight, Z95 * Z95
    middle = (share + z2 / (2 * weight)) / (1 + z2 / weight)
    half = Z95 / (1 + z2 / weight)
    half *= math.sqrt(share * (1 - share) / weight + z2 / (4 * weight * weight))
    # Rounding may leave an end a hair inside the share itself.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


def _judged(
    agent: str, turn: TurnSummary | None, right: float, weight: float, deployment: str = ""
) -> Judged:
    if turn is not None and turn.provider:
        deployment = deployment or f"{turn.provider}/{turn.model}"
    return Judged(agent, deployment, right, weight, turn.cost if turn else None)


def _standing(name: str, group: list[Judged]) -> Standing:
    weight = sum(one.weight for one in group)
    right = sum(one.right * one.weight for one in group)
    low, high = wilson(right, weight) if weight else (0.0, 1.0)
    cost = sum(one.cost or 0 for one in group)
    unknown = sum(one.cost is None for one in group)
    dollars = cost / MICRO
    priced = not unknown and dollars > 0
    return Standing(
        name=name,
        judged=len(group),
        right=right,
        weight=weight,
        share=right / weight if weight else 0.0,
        low=low,
        high=high,
        cost=cost,
        unknown_cost=unknown,
        per_dollar=right / dollars if priced else None,
        per_dollar_low=low * weight / dollars if priced else None,
        per_dollar_high=high * weight / dollars if priced else None,
    )
