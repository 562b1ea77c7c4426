"""The interaction graph as running sums: a message changes a few of them, however many there were.

One edge for each pair and kind, with how often, tokens and cost; `hub.analytics.graph` keeps the
single messages of one thread apart, in the order they happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hub.domain.agent import HUB
from hub.domain.decision import Decision
from hub.domain.interaction import Spending, Utterance
from hub.domain.transcript import Accord, GraphEdge, GraphNode, Interactions

PairOf = tuple[str, str]


@dataclass(slots=True)
class _Link:
    """Sums of one direction and kind."""

    messages: int = 0
    tokens: int = 0
    cost: int = 0
    last: int = 0
    """Number of the newest message in it."""


@dataclass(slots=True)
class _Participant:
    """Sums of one participant."""

    messages: int = 0
    answered: int = 0
    """Messages of theirs that somebody answered."""
    tokens: int = 0
    cost: int = 0
    unknown: int = 0
    served: Counter[str] = field(default_factory=Counter)


class RunningGraph:
    """Grows by single messages, bookings and decisions; each takes the same time, always."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._who: dict[str, _Participant] = {}
        self._links: dict[tuple[str, str, str], _Link] = {}
        self._accord: dict[PairOf, list[int]] = {}
        self._said = 0

    def __len__(self) -> int:
        """Return how many messages are in it."""
        return self._said

    def say(self, said: Utterance, spoken: Mapping[str, str] | None = None) -> None:
        """Add a message: at most one edge to each whom it speaks to, and none to its author.

        Args:
            said: The message.
            spoken: Its `addressees`, where they are known already.
        """
        self._said += 1
        author = self._participant(said.author)
        author.messages += 1
        for target, kind in (addressees(said) if spoken is None else spoken).items():
            other = self._participant(target)
            if kind == "reply" and said.first:
                other.answered += 1
            link = self._links.get(key := (said.author, target, kind))
            if link is None:
                link = self._links[key] = _Link()
            link.messages += 1
            link.tokens += said.tokens
            link.cost += said.cost or 0
            link.last = self._said

    def spend(self, spent: Spending) -> None:
        """Add what one call used to its agent."""
        agent = self._participant(spent.agent)
        agent.tokens += spent.tokens
        agent.cost += spent.cost or 0
        agent.unknown += spent.cost is None and spent.tokens > 0
        if spent.provider:
            agent.served[spent.provider] += 1

    def decide(self, decision: Decision) -> None:
        """Add a decision: who chose alike in its last round."""
        for pair, alike in accords(decision):
            counted = self._accord.setdefault(pair, [0, 0])
            counted[0] += 1
            counted[1] += alike

    def graph(self, title: str) -> Interactions:
        """Return the graph as it stands; the hub takes part only where somebody addresses it."""
        with_hub = any(target == HUB for _, target, _ in self._links)
        shown = {name: who for name, who in self._who.items() if with_hub or name != HUB}
        return Interactions(
            title=title,
            nodes=tuple(_node(name, who) for name, who in shown.items()),
            edges=tuple(
                GraphEdge(source, target, kind, link.last, link.tokens, link.cost, link.messages)
                for (source, target, kind), link in self._links.items()
                if source in shown
            ),
            accord=tuple(
                Accord(a, b, together, alike) for (a, b), (together, alike) in self._accord.items()
            ),
        )

    def _participant(self, name: str) -> _Participant:
        who = self._who.get(name)
        if who is None:
            who = self._who[name] = _Participant()
        return who


def addressees(said: Utterance) -> Mapping[str, str]:
    """Return whom a message speaks to, each with the kind of edge: reply, else to, else mention."""
    spoken: dict[str, str] = {}
    if said.answered is not None:
        spoken[said.answered] = "reply"
    for name in said.to:
        spoken.setdefault(name, "to")
    for name in said.mentions:
        spoken.setdefault(name, "mention")
    spoken.pop(said.author, None)
    return spoken


def accords(decision: Decision) -> Iterable[tuple[PairOf, bool]]:
    """Return each pair of agents that chose in the last round, and whether they chose alike."""
    last = {
        ballot.voter: ballot.first
        for ballot in sorted(decision.ballots, key=lambda ballot: ballot.round)
        if not ballot.override
    }
    chose = [(name, choice) for name, choice in sorted(last.items()) if choice is not None]
    for k, (a, first) in enumerate(chose):
        for b, second in chose[k + 1 :]:
            yield (a, b), first == second


def _node(name: str, who: _Participant) -> GraphNode:
    served = who.served
    return GraphNode(
        name=name,
        provider=min(served, key=lambda provider: (-served[provider], provider), default=None),
        messages=who.messages,
        tokens=who.tokens,
        cost=who.cost,
        unknown_cost_turns=who.unknown,
        answered=who.answered,
    )
