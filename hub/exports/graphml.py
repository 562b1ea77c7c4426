"""The interaction graph as GraphML, for Gephi, yEd, Cytoscape and networkx.

Source: Brandes, Eiglsperger, Lerner, "GraphML Primer", graphml.graphdrawing.org.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.domain.text import one_line
from hub.domain.transcript import Accord, GraphEdge, GraphNode, Interactions
from hub.domain.usage import MICRO
from hub.exports.svg import plain

_KEYS = {
    "node": {
        "label": "string", "provider": "string", "messages": "int", "answered": "int",
        "tokens": "long", "cost_usd": "double", "unknown_cost_turns": "int",
    },
    "edge": {
        "kind": "string", "seq": "int", "messages": "int", "tokens": "long", "cost_usd": "double",
        "agreement": "double",
    },
}  # fmt: skip
"""Attributes and their types; an edge's agreement is how often both chose alike, 0..1."""


def to_graphml(graph: Interactions) -> str:
    """Return the graph as an XML document; names are labels, ids are `n0`, `n1`, ..."""
    ids = {node.name: f"n{k}" for k, node in enumerate(graph.nodes)}
    accord = {frozenset((pair.a, pair.b)): pair for pair in graph.accord}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *_keys(),
        '<graph id="interactions" edgedefault="directed">',
        f"<desc>{plain(one_line(graph.title, 400))}</desc>",
    ]
    lines += [_element("node", f'id="{ids[node.name]}"', _node(node)) for node in graph.nodes]
    lines += [
        _element(
            "edge",
            f'id="e{k}" source="{ids[edge.source]}" target="{ids[edge.target]}"',
            _edge(edge, accord),
        )
        for k, edge in enumerate(graph.edges)
        if edge.source in ids and edge.target in ids
    ]
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


def _keys() -> Iterator[str]:
    for of, attributes in _KEYS.items():
        for name, kind in attributes.items():
            yield f'<key id="{of}-{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>'


def _element(of: str, attributes: str, values: Mapping[str, object]) -> str:
    data = "".join(
        f'<data key="{of}-{name}">{plain(str(value))}</data>'
        for name, value in values.items()
        if value is not None
    )
    return f"<{of} {attributes}>{data}</{of}>"


def _node(node: GraphNode) -> Mapping[str, object]:
    return {
        "label": one_line(node.name),
        "provider": node.provider and one_line(node.provider),
        "messages": node.messages,
        "answered": node.answered,
        "tokens": node.tokens,
        "cost_usd": node.cost / MICRO,
        "unknown_cost_turns": node.unknown_cost_turns,
    }


def _edge(edge: GraphEdge, accord: Mapping[frozenset[str], Accord]) -> Mapping[str, object]:
    pair = accord.get(frozenset((edge.source, edge.target)))
    return {
        "kind": edge.kind,
        "seq": edge.seq,
        "messages": edge.messages,
        "tokens": edge.tokens,
        "cost_usd": edge.cost / MICRO,
        "agreement": pair.share if pair else None,
    }
