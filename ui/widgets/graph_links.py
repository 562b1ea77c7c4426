"""What a drawing of the graph shows: links with their weights, under a threshold, round a focus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.transcript import Interactions

_FULL_WEIGHT = 4
"""Messages that make a line strong; a graph with fewer on every edge stays thin."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the person wants to see the graph now."""

    selected: str | None = None
    focus: bool = False
    """True: only the selected participant and whom it speaks with."""
    threshold: int = 1
    """Messages that an edge needs to be shown."""
    active: frozenset[str] = frozenset()
    """Participants whose turn is running."""
    matrix: bool = False
    """True: the adjacency matrix, however few take part."""
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """All that one participant said to another."""

    source: str
    target: str
    messages: int
    weight: float
    """0..1, against the heaviest link of the graph."""


def links_of(graph: Interactions, look: Look) -> tuple[Link, ...]:
    """Sum parallel edges per direction and return those to be drawn, the lightest first.

    Edges of a participant with itself and edges from or to a stranger are left out.
    """
    names = {node.name for node in graph.nodes}
    counts: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        if edge.source != edge.target and edge.source in names and edge.target in names:
            counts[edge.source, edge.target] += edge.messages
    heaviest = max((_FULL_WEIGHT, *counts.values()))
    shown = (
        Link(source, target, messages, messages / heaviest)
        for (source, target), messages in counts.items()
        if messages >= look.threshold and _in_focus(source, target, look)
    )
    return tuple(sorted(shown, key=lambda link: (link.messages, link.source, link.target)))


def _in_focus(source: str, target: str, look: Look) -> bool:
    return not look.focus or look.selected is None or look.selected in (source, target)


def backbone(links: Iterable[Link], selected: str | None) -> tuple[Link, ...]:
    """Return each participant's heaviest link and every link of the selected one."""
    links = tuple(links)
    strongest = {link.source: link for link in links}
    return tuple(
        link
        for link in links
        if link is strongest[link.source] or selected in (link.source, link.target)
    )


def neighbours(links: Iterable[Link], name: str) -> frozenset[str]:
    """Return whoever the participant speaks to or is spoken to by, itself included."""
    met = {
        end
        for link in links
        if name in (link.source, link.target)
        for end in (link.source, link.target)
    }
    return frozenset(met | {name})
