"""Interaction graphs of any size for tests of layouts, pictures and screens."""

from __future__ import annotations

import random

from hub.domain.agent import YOU
from hub.domain.transcript import GraphEdge, GraphNode, Interactions

_CAST = (
    "planner", "critic", "coder", "research", "judge", "scribe", "tester", "ops", "design", "legal",
    "data", "pm", "qa", "security", "ux", "infra", "ml", "api", "docs", "triage",
)  # fmt: skip
_PROVIDERS = ("openai", "grok", "local", "ollama")


def crowd(n: int, seed: int = 3) -> Interactions:
    """Return a graph of `n` participants, the person first, with uneven traffic."""
    draw = random.Random(seed)  # noqa: S311  a fixed picture, no secret
    names = [YOU, *(_CAST[k] if k < len(_CAST) else f"agent-{k + 1}" for k in range(n - 1))][:n]
    edges: list[GraphEdge] = []
    for source in names:
        for target in draw.sample(names, min(n, 4)):
            for _ in range(0 if target == source else draw.choice((1, 1, 2, 3, 5, 9, 14))):
                edges.append(GraphEdge(source, target, "reply", len(edges) + 1, 120, 900))
    nodes = tuple(
        GraphNode(
            name=name,
            provider=None if name == YOU else _PROVIDERS[draw.choice((0, 0, 0, 1, 1, 2, 3))],
            messages=draw.randint(3, 60),
            tokens=0 if name == YOU else draw.randint(1_000, 90_000),
            cost=0 if name == YOU else draw.randint(500, 1_900_000),
        )
        for name in names
    )
    return Interactions("One question to many agents", nodes, tuple(edges))
