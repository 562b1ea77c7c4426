"""Kept graphs: whatever order and pieces the news comes in, the sums are those of a rebuild."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hub.analytics.kept import KeptGraphs
from hub.analytics.running import RunningGraph, accords
from hub.domain.agent import HUB
from hub.domain.ids import ThreadId
from hub.domain.interaction import News, Place, Spending, Utterance
from tests.fakes.transcripts import deliberation

names = st.sampled_from("abcd")
utterances = st.builds(
    Utterance,
    thread_id=st.sampled_from([ThreadId("t1"), ThreadId("t2")]),
    author=names,
    at=st.integers(1, 5),
    answered=st.none() | names,
    first=st.booleans(),
    to=st.lists(names, max_size=2).map(tuple),
    mentions=st.lists(names, max_size=2).map(tuple),
    tokens=st.integers(0, 9),
    cost=st.none() | st.integers(0, 9),
)
THREADS = frozenset((ThreadId("t1"), ThreadId("t2")))


def kept(*batches) -> KeptGraphs:
    graphs = KeptGraphs(lambda at: f"day {at}")
    for batch in batches:
        assert graphs.take(News(Place(), THREADS, tuple(batch)))
    return graphs


def figures(graph):
    edges = {
        (e.source, e.target, e.kind): (e.messages, e.tokens, e.cost) for e in graph.graph("t").edges
    }
    return edges, {node.name: (node.messages, node.answered) for node in graph.graph("t").nodes}


@given(st.lists(utterances, max_size=20), st.integers(0, 20))
def test_news_in_pieces_comes_to_the_same_as_news_at_once(said, cut):
    whole, pieces = kept(said), kept(said[:cut], said[cut:])

    assert figures(whole.of()) == figures(pieces.of())
    assert whole.days == pieces.days


@given(st.lists(utterances, max_size=20))
def test_threads_and_days_each_add_up_to_all(said):
    graphs = kept(said)

    for parts in (
        [graphs.of(thread=thread) for thread in THREADS],
        [graphs.of(day=day) for day in graphs.days],
    ):
        total = Counter()
        for part in parts:
            total.update({key: n for key, (n, _, _) in figures(part)[0].items()})
        assert total == {key: n for key, (n, _, _) in figures(graphs.of())[0].items()}


@given(utterances)
def test_a_message_makes_at_most_one_edge_to_each_and_none_to_its_author(said):
    graph = RunningGraph()
    graph.say(said)

    targets = [edge.target for edge in graph.graph("t").edges]
    assert len(targets) == len(set(targets))
    assert said.author not in targets


def test_a_deleted_thread_is_in_no_graph_any_more():
    graphs = KeptGraphs(str)
    said = Utterance(ThreadId("t1"), "a", 1, "b", True, (), ())
    graphs.take(News(Place(message=9), THREADS, (said,)))

    assert graphs.take(News(Place(message=9), THREADS - {"t1"})) is False
    assert (graphs.place, len(graphs.of())) == (Place(), 0)


def test_what_nobody_knows_the_cost_of_is_counted_and_not_as_zero():
    graph = RunningGraph()
    graph.spend(Spending(ThreadId("t"), "a", "openai", 10, None, 1))
    graph.spend(Spending(ThreadId("t"), "a", "grok", 10, 500, 1))
    graph.spend(Spending(ThreadId("t"), "a", "grok", 10, 500, 1))

    [node] = graph.graph("t").nodes
    assert (node.cost, node.tokens, node.unknown_cost_turns) == (1_000, 30, 1)
    assert node.provider == "grok"


def test_the_hub_takes_part_only_where_somebody_addresses_it():
    graph = RunningGraph()
    graph.say(Utterance(ThreadId("t"), HUB, 1, "a", True, (), ()))
    silent = graph.graph("t")
    graph.say(Utterance(ThreadId("t"), "a", 1, HUB, True, (), ()))

    assert [node.name for node in silent.nodes] == ["a"]
    assert silent.edges == ()
    assert {node.name for node in graph.graph("t").nodes} == {"a", HUB}


def test_who_chose_alike_is_counted_in_the_last_round_alone():
    [decision] = deliberation().decisions

    pairs = dict(accords(decision))
    graph = RunningGraph()
    graph.decide(decision)

    assert pairs == {
        ("critic", "proposer"): False,
        ("critic", "synthesist"): False,
        ("proposer", "synthesist"): True,
    }
    assert {(a.a, a.b): a.share for a in graph.graph("t").accord} == {
        pair: float(alike) for pair, alike in pairs.items()
    }
