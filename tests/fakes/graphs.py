"""Sample interaction graphs for tests of the drawing: fixed, of any size."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hub.domain.transcript import GraphEdge, GraphNode, Interactions

PROVIDERS = ("openai", "grok", "local", "ollama")
FOUR = ("you", "proposer", "critic", "synthesist")
SAID = (
    ("proposer", "you", 2),
    ("critic", "you", 1),
    ("synthesist", "you", 1),
    ("critic", "proposer", 3),
    ("proposer", "critic", 2),
    ("synthesist", "critic", 2),
    ("you", "proposer", 1),
)

Positions = dict[str, tuple[float, float]]


def graph(names: Iterable[str], said: Iterable[tuple[str, str, int]]) -> Interactions:
    """Return a graph in which each (source, target, times) is that many replies."""
    edges = [(source, target) for source, target, times in said for _ in range(times)]
    return Interactions(
        title="sample",
        nodes=tuple(
            GraphNode(name, None if name == "you" else PROVIDERS[k % 4], k + 1, 100 * k, 700 * k)
            for k, name in enumerate(names)
        ),
        edges=tuple(GraphEdge(s, t, "reply", n) for n, (s, t) in enumerate(edges, start=1)),
    )


def circle(names: Iterable[str], scale: float = 1.0) -> Positions:
    """Return the names on a circle, the first on top."""
    names = tuple(names)
    angles = {name: math.tau * k / len(names) + math.pi / 2 for k, name in enumerate(names)}
    return {name: (scale * math.cos(a), scale * math.sin(a)) for name, a in angles.items()}


def four() -> tuple[Interactions, Positions]:
    """Return the person and three agents."""
    return graph(FOUR, SAID), circle(FOUR)


def crowd(count: int) -> tuple[Interactions, Positions]:
    """Return so many agents, each speaking to three others, some of them often."""
    names = [f"agent{k}" for k in range(count)]
    said = [
        (name, names[(k * step + step) % count], 1 + (k * step) % 5)
        for k, name in enumerate(names)
        for step in (1, 3, 7)
        if names[(k * step + step) % count] != name
    ]
    return graph(names, said), circle(names)
