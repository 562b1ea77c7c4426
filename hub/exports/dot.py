"""The interaction graph in Graphviz's language: one arrow for each direction, as wide as it is busy."""

from __future__ import annotations

from collections import Counter

from hub.domain.text import one_line
from hub.domain.transcript import GraphNode, Interactions
from hub.domain.usage import usd
from hub.exports.palette import LIGHT, kind_of, looks
from hub.exports.words import counted

_SHAPES = {"o": "ellipse", "s": "box", "D": "diamond", "*": "star", "^": "triangle"}
_WIDEST = 4.2
"""Points that the busiest arrow is wider than the thinnest, as in the pictures."""


def to_dot(graph: Interactions) -> str:
    """Return the graph as a DOT file; every text in it is a quoted string and nothing else."""
    ids = {node.name: f"n{k}" for k, node in enumerate(graph.nodes)}
    weights: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        if edge.source in ids and edge.target in ids:
            weights[edge.source, edge.target] += edge.messages
    most = max(weights.values(), default=1)
    known = looks(LIGHT, graph.nodes)
    lines = [
        "digraph interactions {",
        f"  graph [label={quoted(graph.title)}, labelloc=t, overlap=false, splines=true];",
        "  node [fontname=Helvetica, penwidth=2];",
        "  edge [fontname=Helvetica];",
    ]
    for node in graph.nodes:
        look = known[kind_of(node.name, node.provider)]
        shape = _SHAPES.get(look.marker, "hexagon")
        label, tip = quoted(node.name), quoted(_facts(node))
        lines.append(
            f"  {ids[node.name]} [label={label}, tooltip={tip}, shape={shape}, "
            f'color="{look.colour}"];'
        )
    for (source, target), weight in weights.items():
        width = 0.6 + _WIDEST * weight / most
        lines.append(
            f'  {ids[source]} -> {ids[target]} [label="{weight}", weight={weight}, '
            f"penwidth={width:.2f}];"
        )
    return "\n".join([*lines, "}", ""])


def quoted(text: str) -> str:
    """Return a text as a DOT string, shown as it is: no escapes, no entities, one line."""
    shown = one_line(text, 200).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
    return f'"{shown}"'


def _facts(node: GraphNode) -> str:
    cost = usd(node.cost) + (" + unknown cost" if node.unknown_cost_turns else "")
    return f"{counted(node.messages, 'message')}, {counted(node.tokens, 'token')}, {cost}"
