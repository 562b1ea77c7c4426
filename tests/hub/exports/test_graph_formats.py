"""Graphs for other programs: each format is read back by a reader that is not ours."""

from __future__ import annotations

import io
import json
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import networkx as nx
import pytest

from hub.analytics.graph import as_networkx, interactions_of
from hub.analytics.metrics import time_line as decision_points
from hub.domain.transcript import Accord, GraphEdge, GraphNode, Interactions
from hub.exports import mermaid
from hub.exports.dot import to_dot
from hub.exports.graphml import to_graphml
from hub.exports.node_link import to_node_link
from tests.fakes.crowds import crowd
from tests.fakes.transcripts import PAYLOADS, deliberation, hostile
from tests.hub.exports.readers import read


def of(t):
    return interactions_of(t.thread.title, t.messages, t.turns, t.decisions)


def nasty() -> Interactions:
    """Return a graph whose names are payloads, words of the languages, and nothing."""
    names = (
        *PAYLOADS,
        "end",
        "graph",
        "subgraph x",
        "click n0",
        "\\",
        '"',
        "a\nb",
        "%%",
        "---",
        "",
    )
    nodes = tuple(GraphNode(name, PAYLOADS[0], k, k, k) for k, name in enumerate(names))
    edges = tuple(GraphEdge(a, b, "reply", 1) for a, b in pairwise(names))
    return Interactions(PAYLOADS[2], nodes, edges)


GRAPHS = {
    "deliberation": of(deliberation()),
    "hostile": of(hostile()),
    "nasty": nasty(),
    "crowd": crowd(80),
    "nobody": Interactions("", (), ()),
}


@pytest.fixture(params=GRAPHS)
def graph(request):
    return GRAPHS[request.param]


def test_networkx_reads_graphml_with_every_node_edge_and_figure(graph):
    found = nx.read_graphml(io.BytesIO(to_graphml(graph).encode()), force_multigraph=True)

    assert found.is_directed()
    assert (found.number_of_nodes(), found.number_of_edges()) == (
        len(graph.nodes),
        len(graph.edges),
    )
    assert [data["messages"] for _, data in found.nodes(data=True)] == [
        node.messages for node in graph.nodes
    ]
    assert sum(data["cost_usd"] for *_, data in found.edges(data=True)) == pytest.approx(
        sum(edge.cost for edge in graph.edges) / 1e6
    )


def test_networkx_reads_node_link_json_as_the_graph_it_gets_from_us(graph):
    found = nx.node_link_graph(json.loads(to_node_link(graph)), edges="edges")

    assert nx.utils.graphs_equal(
        nx.MultiDiGraph(found.edges), nx.MultiDiGraph(as_networkx(graph).edges)
    )
    assert list(found.nodes) == [node.name for node in graph.nodes]


def test_an_edge_says_how_often_both_ends_chose_alike():
    accord = (Accord("a", "b", 4, 3),)
    nodes = (GraphNode("a", None, 1, 0, 0), GraphNode("b", None, 1, 0, 0))
    graph = Interactions("t", nodes, (GraphEdge("b", "a", "reply", 1),), accord)

    found = nx.read_graphml(io.BytesIO(to_graphml(graph).encode()))
    assert found.edges["n1", "n0"]["agreement"] == 0.75
    assert json.loads(to_node_link(graph))["accord"][0]["alike"] == 3


@pytest.mark.control("S10")
def test_xml_and_json_hold_no_live_element_whatever_names_say():
    document = ET.fromstring(to_graphml(nasty()))  # noqa: S314  our own output

    tags = {element.tag.rpartition("}")[2] for element in document.iter()}
    assert tags == {"graphml", "key", "graph", "desc", "node", "edge", "data"}
    assert to_node_link(nasty()).isascii()


def diagrams(t):
    points = decision_points(t.decisions, {})
    shares = {"unanimous": 2, t.thread.title: 1, "none": 0}
    return [
        mermaid.network(of(t)),
        mermaid.sequence(t),
        mermaid.pie(t.thread.title, shares),
        mermaid.time_line(t.thread.title, points, {"2025-11-22": 7}, lambda _: "2025-11-22"),
    ]


@pytest.mark.control("S10")
def test_mermaids_own_parser_takes_every_diagram_as_what_it_is(tmp_path):
    texts = [*diagrams(deliberation()), *diagrams(hostile())]
    texts += [mermaid.network(nasty()), mermaid.network(GRAPHS["crowd"])]

    found = read("read_mermaid.mjs", "mermaid", tmp_path, texts)

    kinds = ["flowchart-v2", "sequence", "pie", "timeline"]
    assert found == [*kinds, *kinds, "flowchart-v2", "flowchart-v2"]


@pytest.mark.control("S10")
def test_graphviz_draws_every_node_and_each_direction_and_nothing_live(tmp_path):
    drawn = [*(g for name, g in GRAPHS.items() if name != "crowd"), crowd(12)]
    found = read("read_dot.mjs", "@hpcc-js/wasm-graphviz", tmp_path, [to_dot(g) for g in drawn])

    assert found == [
        f"{len(g.nodes)} {len({(e.source, e.target) for e in g.edges})} still" for g in drawn
    ]


@pytest.mark.control("S10")
def test_every_text_of_a_diagram_is_a_label_of_plain_characters():
    for text in [*diagrams(hostile()), mermaid.network(nasty())]:
        said = re.sub(r"#\d+;", "", text)
        said = re.sub(r"-->\|\d+\||-->>|->>|-\)", "", said)  # the arrows are ours
        assert not re.search(r"[<>`|{}]|javascript:|\bclick n|\x1b|\u202e|%%", said)


def test_every_string_of_a_dot_file_ends_where_it_should():
    rest = re.sub(r'"(?:[^"\\]|\\.)*"', "", to_dot(nasty())).replace("->", "")

    assert not set(rest) & set('"\\<>&')


def test_a_long_thread_is_a_sequence_of_its_newest_messages():
    t = deliberation()
    many = mermaid.sequence(type(t)(t.thread, t.messages * 100, t.turns))

    assert many.count("->>") + many.count("-)") <= mermaid.MOST
    assert f"{len(t.messages) * 100 - mermaid.MOST} messages before" in many
