"""Who answers whom: the interaction graph, read from what messages say of themselves.

Edges come from `reply_to`, `to` and mentions alone; nothing is guessed from the order of posts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.analytics.running import accords
from hub.domain.agent import HUB
from hub.domain.decision import Decision
from hub.domain.ids import MessageId, TurnId
from hub.domain.thread import Message
from hub.domain.transcript import Accord, GraphEdge, GraphNode, Interactions, TurnSummary


def interactions_of(
    title: str,
    messages: Iterable[Message],
    turns: Mapping[TurnId, TurnSummary],
    decisions: Iterable[Decision] = (),
) -> Interactions:
    """Build the interaction graph of some messages.

    A message makes at most one edge to each participant, and none to its own author: `reply` to
    the author of the message it answers, else `to`, else `mention`. An edge carries the tokens and
    the cost of its message, so a message with several addressees counts on each of its edges;
    nodes hold the true totals, ballots and failed turns included. The hub takes part only where
    somebody addresses it.

    Args:
        title: What the graph is of, for the picture's heading.
        messages: In the order they were posted; several threads may follow one another.
        turns: The turns behind them, and those that posted nothing.
        decisions: What was voted on among them, for who agrees with whom.
    """
    said = tuple(messages)
    authors = {message.id: message.author for message in said}
    edges = [edge for message in said for edge in _edges(message, authors, turns)]
    with_hub = any(edge.target == HUB for edge in edges)
    edges = [edge for edge in edges if with_hub or edge.source != HUB]

    names: dict[str, None] = {}
    for message in said:
        names[message.author] = None
        names |= dict.fromkeys(_addressees(message, authors))
    posts = Counter(message.author for message in said)
    heard = {m.reply_to for m in said if m.reply_to and m.author != authors.get(m.reply_to)}
    answered = Counter(authors[id_] for id_ in heard if id_ in authors)
    made: defaultdict[str, list[TurnSummary]] = defaultdict(list)
    for turn in turns.values():
        made[turn.agent].append(turn)
    return Interactions(
        title=title,
        nodes=tuple(
            _node(name, posts[name], made[name], answered[name])
            for name in names | dict.fromkeys(tuple(made))
            if with_hub or name != HUB
        ),
        edges=tuple(edges),
        accord=accord_of(decisions),
    )


def accord_of(decisions: Iterable[Decision]) -> tuple[Accord, ...]:
    """Return how often each pair of agents chose alike in these decisions."""
    counted: dict[tuple[str, str], list[int]] = {}
    for decision in decisions:
        for pair, alike in accords(decision):
            both = counted.setdefault(pair, [0, 0])
            both[0] += 1
            both[1] += alike
    return tuple(Accord(a, b, *both) for (a, b), both in sorted(counted.items()))


def summed(graph: Interactions) -> dict[tuple[str, str], int]:
    """Return the messages that went each way: (source, target) to weight, ordered as the nodes."""
    weights: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        weights[edge.source, edge.target] += edge.messages
    place = {node.name: k for k, node in enumerate(graph.nodes)}
    ordered = sorted(weights, key=lambda pair: (place[pair[0]], place[pair[1]]))
    return {pair: weights[pair] for pair in ordered}


def as_networkx(graph: Interactions) -> Any:
    """Return the graph as a `networkx.MultiDiGraph`, attributes and all.

    Nodes have `provider` (empty for the person and the hub), `messages`, `tokens` and `cost`;
    edges are keyed 0, 1, ... between each pair in the order they happened and have `kind`, `seq`,
    `messages`, `tokens` and `cost`. Costs are micro-dollars.
    """
    import networkx as nx

    drawn: nx.MultiDiGraph[str] = nx.MultiDiGraph(title=graph.title)
    for node in graph.nodes:
        drawn.add_node(
            node.name,
            provider=node.provider or "",
            messages=node.messages,
            tokens=node.tokens,
            cost=node.cost,
        )
    for edge in graph.edges:
        drawn.add_edge(
            edge.source,
            edge.target,
            kind=edge.kind,
            seq=edge.seq,
            messages=edge.messages,
            tokens=edge.tokens,
            cost=edge.cost,
        )
    return drawn


def _addressees(message: Message, authors: Mapping[MessageId, str]) -> dict[str, str]:
    """Return whom a message speaks to, each with the kind of edge that says so."""
    spoken: dict[str, str] = {}
    if message.reply_to is not None and message.reply_to in authors:
        spoken[authors[message.reply_to]] = "reply"
    for name in message.to:
        spoken.setdefault(name, "to")
    for name in message.mentions:
        spoken.setdefault(name, "mention")
    spoken.pop(message.author, None)
    return spoken


def _edges(
    message: Message, authors: Mapping[MessageId, str], turns: Mapping[TurnId, TurnSummary]
) -> list[GraphEdge]:
    turn = turns.get(message.turn_id) if message.turn_id else None
    return [
        GraphEdge(
            source=message.author,
            target=target,
            kind=kind,
            seq=message.seq,
            tokens=_tokens(turn) if turn else 0,
            cost=(turn.cost or 0) if turn else 0,
        )
        for target, kind in _addressees(message, authors).items()
    ]


def _node(name: str, posts: int, turns: Sequence[TurnSummary], answered: int) -> GraphNode:
    served = Counter(turn.provider for turn in turns if turn.provider)
    return GraphNode(
        name=name,
        provider=min(served, key=lambda provider: (-served[provider], provider), default=None),
        messages=posts,
        tokens=sum(_tokens(turn) for turn in turns),
        cost=sum(turn.cost or 0 for turn in turns),
        unknown_cost_turns=sum(turn.cost is None and _tokens(turn) > 0 for turn in turns),
        answered=answered,
    )


def _tokens(turn: TurnSummary) -> int:
    return turn.prompt_tokens + turn.completion_tokens
