from dataclasses import replace

import networkx as nx

from hub.analytics.graph import as_networkx, interactions_of, summed
from hub.domain.agent import HUB, YOU
from hub.domain.ids import MessageId, ThreadId, TurnId
from hub.domain.thread import Message, MessageKind
from hub.domain.transcript import GraphEdge, GraphNode, Interactions, TurnSummary
from hub.domain.turn import TurnState
from tests.fakes.transcripts import deliberation


def said(n, author, **fields):
    return Message(
        MessageId(f"m{n}"), ThreadId("t"), n, author, MessageKind.REPLY, f"text {n}", n, **fields
    )


def turn(n, agent, provider="openai", **fields):
    return TurnSummary(TurnId(f"t{n}"), agent, TurnState.DONE, provider, "model", **fields)


def edges(graph):
    return [(edge.source, edge.target, edge.kind) for edge in graph.edges]


def test_edges_come_from_reply_to_then_to_then_mentions_once_for_each_participant():
    graph = interactions_of(
        "t",
        [
            said(1, YOU),
            said(2, "a", reply_to=MessageId("m1"), to=(YOU, "b"), mentions=("b", "c")),
        ],
        {},
    )

    assert edges(graph) == [("a", YOU, "reply"), ("a", "b", "to"), ("a", "c", "mention")]
    assert [edge.seq for edge in graph.edges] == [2, 2, 2]


def test_nothing_is_guessed_from_the_order_of_messages():
    graph = interactions_of("t", [said(1, YOU), said(2, "a"), said(3, "b")], {})

    assert graph.edges == ()
    assert [node.name for node in graph.nodes] == [YOU, "a", "b"]


def test_a_reply_to_a_message_that_is_not_there_makes_no_edge():
    assert interactions_of("t", [said(1, "a", reply_to=MessageId("gone"))], {}).edges == ()


def test_speaking_to_oneself_is_no_interaction():
    messages = [said(1, "a"), said(2, "a", reply_to=MessageId("m1"), mentions=("a",))]

    assert interactions_of("t", messages, {}).edges == ()


def test_somebody_addressed_who_stays_silent_is_a_node_without_messages():
    graph = interactions_of("t", [said(1, YOU, to=("mute",))], {})

    assert graph.nodes[1] == GraphNode("mute", None, 0, 0, 0)


def test_the_hub_takes_part_only_where_it_is_addressed():
    question, outcome = said(1, YOU), said(2, HUB, reply_to=MessageId("m1"))
    answered = said(3, "a", reply_to=MessageId("m2"))

    without = interactions_of("t", [question, outcome], {})
    with_hub = interactions_of("t", [question, outcome, answered], {})

    assert [node.name for node in without.nodes] == [YOU]
    assert without.edges == ()
    assert [node.name for node in with_hub.nodes] == [YOU, HUB, "a"]
    assert edges(with_hub) == [(HUB, YOU, "reply"), ("a", HUB, "reply")]


def test_nodes_hold_the_totals_of_all_turns_and_the_provider_of_most():
    turns = [
        turn(1, "a", "grok", cost=5, prompt_tokens=10, completion_tokens=2),
        turn(2, "a", "openai", cost=7, prompt_tokens=20, completion_tokens=1),
        turn(3, "a", "openai", cost=None, prompt_tokens=1, completion_tokens=0),
    ]

    graph = interactions_of("t", [said(1, "a", turn_id=TurnId("t1"))], {t.id: t for t in turns})

    assert graph.nodes == (GraphNode("a", "openai", 1, 34, 12, unknown_cost_turns=1),)


def test_equally_used_providers_are_told_apart_by_name_alone():
    turns = [turn(1, "a", "openai"), turn(2, "a", "grok")]

    graph = interactions_of("t", [said(1, "a")], {t.id: t for t in turns})

    assert graph.nodes[0].provider == "grok"


def test_an_agent_that_only_voted_is_a_node():
    voter = turn(1, "voter", prompt_tokens=3)

    graph = interactions_of("t", [said(1, YOU)], {voter.id: voter})

    assert [(node.name, node.messages, node.tokens) for node in graph.nodes] == [
        (YOU, 0 + 1, 0),
        ("voter", 0, 3),
    ]


def test_an_edge_carries_the_tokens_and_the_cost_of_its_message():
    t = deliberation()

    graph = interactions_of(t.thread.title, t.messages, t.turns)

    assert graph.edges[0] == GraphEdge("proposer", YOU, "reply", 2, tokens=653, cost=4_180)


def test_summed_counts_messages_each_way_in_the_order_of_the_nodes():
    nodes = tuple(GraphNode(name, None, 1, 0, 0) for name in "abc")
    spoken = [("c", "a"), ("a", "b"), ("b", "a"), ("a", "b")]
    graph = Interactions("t", nodes, tuple(GraphEdge(s, t, "reply", 1) for s, t in spoken))

    assert list(summed(graph).items()) == [(("a", "b"), 2), (("b", "a"), 1), (("c", "a"), 1)]


def test_networkx_gets_every_edge_and_every_attribute():
    t = deliberation()
    graph = interactions_of(t.thread.title, t.messages, t.turns)

    drawn = as_networkx(graph)

    assert isinstance(drawn, nx.MultiDiGraph)
    assert drawn.graph["title"] == t.thread.title
    assert drawn.number_of_edges() == len(graph.edges)
    assert drawn.nodes["critic"] == {
        "provider": "grok",
        "messages": 2,
        "tokens": 3_085,
        "cost": 1_877,
    }
    assert drawn.edges["proposer", YOU, 0] == {
        "kind": "reply",
        "seq": 2,
        "messages": 1,
        "tokens": 653,
        "cost": 4_180,
    }


def test_the_same_messages_give_the_same_graph():
    t = deliberation()

    assert interactions_of("x", t.messages, t.turns) == interactions_of(
        "x", iter([replace(m) for m in t.messages]), dict(t.turns)
    )
