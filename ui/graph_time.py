"""The interaction graph as it stood at an earlier moment."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.transcript import Interactions


def at_moment(graph: Interactions, share: float) -> Interactions:
    """Return the graph after a share of its messages.

    Everybody keeps their place; edges come as their messages did.

    Args:
        graph: The whole of it.
        share: 0..1 of the way from the first message to the last.
    """
    numbers = sorted({edge.seq for edge in graph.edges})
    if not numbers:
        return graph
    last = numbers[0] - 1 + round(share * (numbers[-1] - numbers[0] + 1))
    return replace(graph, edges=tuple(edge for edge in graph.edges if edge.seq <= last))
