"""Who drives, who is ignored, who changes its mind, who agrees with whom, and what consensus costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from hub.domain.agent import HUB, YOU
from hub.domain.decision import Ballot, Decision, Verdict
from hub.domain.ids import DecisionId
from hub.domain.insight import ConsensusFigures, DecisionPoint, VoiceFigures
from hub.domain.transcript import Interactions
from hub.domain.usage import UsageRow

ACCEPTED = (Verdict.DECIDED, Verdict.ADVISORY)


def voices(graph: Interactions, decisions: Sequence[Decision]) -> tuple[VoiceFigures, ...]:
    """Return what each agent does, who drives most first; the person and the hub are none."""
    reached: Counter[str] = Counter()
    for edge in graph.edges:
        reached[edge.target] += edge.messages
    agents = [node for node in graph.nodes if node.name not in (YOU, HUB)]
    total = sum(reached[node.name] for node in agents)
    chose = Counter(b.voter for d in decisions for b in chosen(d))
    flipped = Counter(name for d in decisions for name in {flip.voter for flip in d.flips})
    together: Counter[str] = Counter()
    alike: Counter[str] = Counter()
    for pair in graph.accord:
        for name in (pair.a, pair.b):
            together[name] += pair.together
            alike[name] += pair.alike
    found = (
        VoiceFigures(
            name=node.name,
            provider=node.provider,
            messages=node.messages,
            tokens=node.tokens,
            cost=node.cost,
            unknown_cost_turns=node.unknown_cost_turns,
            drives=reached[node.name] / total if total else 0.0,
            ignored=1 - min(1.0, node.answered / node.messages) if node.messages else None,
            ballots=chose[node.name],
            flips=flipped[node.name],
            agreement=alike[node.name] / together[node.name] if together[node.name] else None,
        )
        for node in agents
    )
    return tuple(sorted(found, key=lambda voice: (-voice.drives, voice.name)))


def agreement_matrix(graph: Interactions) -> tuple[tuple[str, ...], list[list[float | None]]]:
    """Return the agents that voted, and how often each chose as each other did, 0..1.

    None where two never chose in the same decision; 1 on the diagonal.
    """
    names = tuple(sorted({name for pair in graph.accord for name in (pair.a, pair.b)}))
    place = {name: k for k, name in enumerate(names)}
    matrix: list[list[float | None]] = [
        [1.0 if row == column else None for column in names] for row in names
    ]
    for pair in graph.accord:
        a, b = place[pair.a], place[pair.b]
        matrix[a][b] = matrix[b][a] = pair.share
    return names, matrix


def consensus(
    decisions: Sequence[Decision], costs: Mapping[DecisionId, UsageRow]
) -> ConsensusFigures:
    """Return what decisions came to.

    Args:
        decisions: Open ones are counted and say nothing else.
        costs: What was booked for the question of each.
    """
    closed = [d for d in decisions if d.tally is not None]
    choices = [chosen(d) for d in closed]
    options = [{ballot.first for ballot in ballots} for ballots in choices]
    stated = [b.confidence for ballots in choices for b in ballots if b.confidence is not None]
    counted = sum(map(len, choices))
    for_winner = sum(map(_support, closed, choices))
    paid = [costs[d.id] for d in closed if d.id in costs]
    return ConsensusFigures(
        closed=len(closed),
        open=len(decisions) - len(closed),
        accepted=sum(d.tally is not None and d.tally.verdict in ACCEPTED for d in closed),
        unanimous=sum(
            len(ballots) > 1 and len(named) == 1
            for ballots, named in zip(choices, options, strict=True)
        ),
        contested=sum(len(named) > 1 for named in options),
        average_confidence=sum(stated) / len(stated) if stated else None,
        support_rate=for_winner / counted if counted else None,
        cost=sum(row.cost for row in paid),
        unknown_cost_calls=sum(row.unknown_cost_calls for row in paid),
    )


def time_line(
    decisions: Sequence[Decision], costs: Mapping[DecisionId, UsageRow]
) -> tuple[DecisionPoint, ...]:
    """Return decisions as points in time, the oldest first."""
    points = (_point(decision, costs.get(decision.id)) for decision in decisions)
    return tuple(sorted(points, key=lambda point: (point.at, point.id)))


def chosen(decision: Decision) -> tuple[Ballot, ...]:
    """Return the last ballot of each voter that chose an option with it."""
    last: dict[str, Ballot] = {}
    for ballot in sorted(decision.ballots, key=lambda ballot: ballot.round):
        if not ballot.override:
            last[ballot.voter] = ballot
    return tuple(ballot for ballot in last.values() if ballot.first is not None)


def _support(decision: Decision, ballots: Sequence[Ballot]) -> int:
    winner = decision.tally.winner if decision.tally else None
    return sum(ballot.first == winner for ballot in ballots) if winner is not None else 0


def _point(decision: Decision, usage: UsageRow | None) -> DecisionPoint:
    tally, ballots = decision.tally, chosen(decision)
    winner = decision.option(tally.winner) if tally else None
    unknown = usage.unknown_cost_calls if usage else 0
    return DecisionPoint(
        at=decision.closed_at or decision.opened_at,
        id=decision.id,
        question=decision.proposal.question,
        outcome=tally.verdict.value if tally else "open",
        winner=winner.text if winner else "",
        votes=_support(decision, ballots),
        chose=len(ballots),
        cost=None if usage is None or unknown else usage.cost,
        unknown_cost_calls=unknown,
    )
