import itertools
import math
from collections import Counter
from dataclasses import fields

import pytest

from hub.analytics.layout import place
from hub.exports.curves import arrows, backbone
from hub.exports.labels import Room, around, centred
from hub.exports.palette import DARK, LIGHT, looks
from hub.exports.picture import GRAPH
from hub.exports.scene import Box, arrange
from tests.fakes.crowds import crowd


def spots_of(n):
    graph = crowd(n)
    return arrange(graph, place(graph), looks(LIGHT, graph.nodes), GRAPH)


def arrows_of(n):
    weights = Counter((edge.source, edge.target) for edge in crowd(n).edges)
    return arrows({spot.node.name: spot for spot in spots_of(n)}, weights, GRAPH)


def contrast(one, other):
    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("n", [2, 3, 6, 12, 20, 60])
def test_no_node_touches_another_and_all_are_on_the_page(n):
    spots = spots_of(n)

    for a, b in itertools.combinations(spots, 2):
        assert math.dist((a.x, a.y), (b.x, b.y)) > a.radius + b.radius
    for spot in spots:
        box = spot.box
        assert box.shared(GRAPH) == pytest.approx(box.width * box.height)


def test_more_messages_make_a_bigger_node():
    spots = sorted(spots_of(20), key=lambda spot: spot.node.messages)

    assert [s.radius for s in spots] == sorted(s.radius for s in spots)


@pytest.mark.parametrize("n", [3, 6, 20, 60])
def test_arrows_start_and_end_outside_the_shapes_and_stay_on_the_page(n):
    for arrow in arrows_of(n):
        for spot, end in ((arrow.source, arrow.curve.start), (arrow.target, arrow.curve.end)):
            angle = math.atan2(end[1] - spot.y, end[0] - spot.x)
            assert math.dist(end, (spot.x, spot.y)) > spot.reach(angle)


def test_there_and_back_are_two_arrows_apart():
    both = {(a.source.node.name, a.target.node.name): a for a in arrows_of(3)}

    there, back = both["you", "critic"].curve.at(0.5), both["critic", "you"].curve.at(0.5)
    assert math.dist(there, back) > 20


def test_heavy_arrows_are_wider_and_drawn_last():
    drawn = arrows_of(20)

    assert [a.weight for a in drawn] == sorted(a.weight for a in drawn)
    assert [a.width for a in drawn] == sorted(a.width for a in drawn)


def test_the_backbone_keeps_each_ones_strongest_direction():
    weights = {("a", "b"): 1, ("a", "c"): 3, ("b", "a"): 2, ("b", "c"): 2}

    assert backbone(weights) == {("a", "c"): 3, ("b", "a"): 2}


@pytest.mark.parametrize("n", [6, 20, 60])
def test_names_find_room_that_covers_no_node(n):
    spots = spots_of(n)
    room = Room(GRAPH, [spot.box for spot in spots])
    taken = []

    for spot in spots:
        box = room.claim(around(spot, (6.0 * len(spot.node.name), 10.0)))
        taken.append(box)
        assert all(box.shared(other.box) == 0 for other in spots)

    assert sum(a.shared(b) > 0 for a, b in itertools.combinations(taken, 2)) <= n // 30


def test_a_figure_without_room_is_left_out():
    room = Room(Box(0, 0, 10, 10), [Box(0, 0, 10, 10)])

    assert room.claim([centred(5, 5, (4, 4))], tolerance=1.0) is None
    assert room.claim([centred(5, 5, (4, 4))]) is not None


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_text_and_provider_colour_stands_out_from_its_ground(palette):
    for field in fields(palette):
        value = getattr(palette, field.name)
        if field.name in ("paper", "panel", "line"):
            continue
        for colour in value if isinstance(value, tuple) else (value,):
            assert contrast(colour, palette.paper) >= 4.5
            assert contrast(colour, palette.panel) >= 4.5


def test_providers_differ_in_shape_and_colour():
    known = looks(LIGHT, crowd(60).nodes).values()

    assert (
        len({look.marker for look in known}) == len({look.colour for look in known}) == len(known)
    )
