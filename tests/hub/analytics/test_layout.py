import itertools
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.analytics.layout import CIRCLE_UP_TO, place
from hub.domain.transcript import GraphEdge, GraphNode, Interactions
from tests.fakes.crowds import crowd


def graph_of(names, spoken):
    nodes = tuple(GraphNode(name, None, 1, 0, 0) for name in names)
    return Interactions(
        "t", nodes, tuple(GraphEdge(a, b, "reply", k) for k, (a, b) in enumerate(spoken))
    )


def crossings(positions, chords):
    def side(p, q, r):
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]) > 0

    found = 0
    for (a, b), (c, d) in itertools.combinations(chords, 2):
        if len({a, b, c, d}) == 4:
            p, q, r, s = (positions[name] for name in (a, b, c, d))
            found += side(p, q, r) != side(p, q, s) and side(r, s, p) != side(r, s, q)
    return found


def changed(before, after):
    """Mean distance that the nodes moved, shifting and scaling of the whole picture aside."""
    old = np.array([before[name] for name in before])
    new = np.array([after[name] for name in before])
    old, new = old - old.mean(axis=0), new - new.mean(axis=0)
    new = new * np.linalg.norm(old) / np.linalg.norm(new)
    return float(np.hypot(*(old - new).T).mean())


def test_no_node_one_node_and_two_nodes_have_their_places():
    assert place(graph_of("", [])) == {}
    assert place(graph_of("a", [])) == {"a": (0.0, 0.0)}
    assert place(graph_of("ab", [("a", "b")])) == {"a": (-1.0, 0.0), "b": (1.0, 0.0)}


def test_few_nodes_stand_on_a_circle_with_the_first_on_top():
    positions = place(crowd(6))

    assert next(iter(positions.values())) == (0.0, 1.0)
    assert all(abs(math.hypot(x, y) - 1) < 1e-5 for x, y in positions.values())


def test_a_ring_told_in_any_order_is_drawn_without_crossings():
    ring = "abcdefgh"
    spoken = [(ring[k], ring[(k + 3) % 8]) for k in range(8)]

    assert crossings(place(graph_of(ring, spoken)), spoken) == 0


def test_those_who_speak_much_stand_side_by_side():
    spoken = list(itertools.permutations("abcdef", 2)) + [("a", "d")] * 20 + [("b", "e")] * 20

    positions = place(graph_of("abcdef", spoken))

    side = math.dist((0, 1), (math.sin(math.pi / 3), math.cos(math.pi / 3)))
    assert abs(math.dist(positions["a"], positions["d"]) - side) < 1e-4
    assert abs(math.dist(positions["b"], positions["e"]) - side) < 1e-4


def test_among_many_those_who_speak_stand_nearer_than_those_who_do_not():
    graph = crowd(40)
    positions = place(graph)
    joined = {frozenset((edge.source, edge.target)) for edge in graph.edges}
    near = [math.dist(*(positions[n] for n in pair)) for pair in joined]
    everybody = [math.dist(p, q) for p, q in itertools.combinations(positions.values(), 2)]

    assert sum(near) / len(near) < 0.75 * sum(everybody) / len(everybody)


def test_nobody_stands_on_anybody_even_where_all_speak_alike():
    names = [f"n{k}" for k in range(20)]
    everybody = place(graph_of(names, list(itertools.permutations(names, 2))))
    nobody = place(graph_of(names, []))

    for positions in (everybody, nobody):
        spots = itertools.combinations(positions.values(), 2)
        assert min(math.dist(p, q) for p, q in spots) > 0.05


def test_the_same_graph_gives_the_same_picture():
    assert place(crowd(9)) == place(crowd(9))
    assert place(crowd(50)) == place(crowd(50))


def test_a_picture_that_grows_by_one_stays_recognisable():
    small = crowd(30)
    names = {node.name for node in small.nodes}
    newcomer = GraphNode("new", "openai", 1, 0, 0)
    grown = Interactions(
        "t", (*small.nodes, newcomer), (*small.edges, GraphEdge("new", "pm", "to", 1))
    )

    before = place(small)
    after = place(grown, before)

    assert set(after) == names | {"new"}
    assert changed(before, after) < 0.1 < changed(before, place(grown))


def test_a_warm_start_undoes_no_turn_of_the_reader():
    before = place(crowd(30))
    mirrored = {name: (-x, y) for name, (x, y) in before.items()}

    assert changed(mirrored, place(crowd(30), mirrored)) < 0.05


def test_a_circle_keeps_its_order_while_little_changes():
    graph = crowd(8)
    before = place(graph)
    one_more = Interactions("t", graph.nodes, (*graph.edges, GraphEdge("you", "coder", "to", 99)))

    assert place(one_more, before) == before


def test_the_step_from_circle_to_stress_starts_from_the_circle():
    positions = place(crowd(CIRCLE_UP_TO))

    assert set(place(crowd(CIRCLE_UP_TO + 1), positions)) > set(positions)


def test_two_hundred_nodes_are_placed():
    positions = place(crowd(200))

    assert len(positions) == 200
    assert max(abs(v) for spot in positions.values() for v in spot) <= 1.0


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 16).flatmap(
        lambda n: st.tuples(
            st.just([f"n{k}" for k in range(n)]),
            st.lists(st.tuples(st.integers(0, max(n - 1, 0)), st.integers(0, max(n - 1, 0)))),
        )
    ),
    st.booleans(),
)
def test_every_node_of_any_graph_gets_a_finite_place_in_the_frame(drawn, warm):
    names, pairs = drawn
    graph = graph_of(names, [(names[a], names[b]) for a, b in pairs if names and a != b])
    start = dict.fromkeys(names, (0.0, 0.0)) if warm else None

    positions = place(graph, start)

    assert list(positions) == names
    assert all(math.isfinite(v) and abs(v) <= 1.0 for spot in positions.values() for v in spot)
