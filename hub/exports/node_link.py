"""The interaction graph as JSON: nodes and edges as `networkx.node_link_graph` reads them."""

from __future__ import annotations

import json
from collections import Counter

from hub.domain.transcript import GraphEdge, GraphNode, Interactions
from hub.exports.shapes import Json, money_json


def to_node_link(graph: Interactions) -> str:
    """Return the graph as JSON in ASCII; who chose alike stands in it as `accord`."""
    return json.dumps(node_link(graph), indent=2, allow_nan=False) + "\n"


def node_link(graph: Interactions) -> Json:
    """Return the graph as a JSON value: a directed multigraph, costs in US dollars."""
    keys: Counter[tuple[str, str]] = Counter()
    edges = []
    for edge in graph.edges:
        edges.append(_edge(edge, keys[edge.source, edge.target]))
        keys[edge.source, edge.target] += 1
    return {
        "directed": True,
        "multigraph": True,
        "graph": {"title": graph.title},
        "nodes": [_node(node) for node in graph.nodes],
        "edges": edges,
        "accord": [
            {"agents": [pair.a, pair.b], "together": pair.together, "alike": pair.alike}
            for pair in graph.accord
        ],
    }


def _node(node: GraphNode) -> Json:
    return {
        "id": node.name,
        "provider": node.provider,
        "messages": node.messages,
        "answered": node.answered,
        "tokens": node.tokens,
        "cost_usd": money_json(node.cost),
        "unknown_cost_turns": node.unknown_cost_turns,
    }


def _edge(edge: GraphEdge, key: int) -> Json:
    return {
        "source": edge.source,
        "target": edge.target,
        "key": key,
        "kind": edge.kind,
        "seq": edge.seq,
        "messages": edge.messages,
        "tokens": edge.tokens,
        "cost_usd": money_json(edge.cost),
    }
