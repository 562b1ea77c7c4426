from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rich.cells import cell_len

from hub.domain.transcript import Interactions
from tests.fakes.graphs import FOUR, SAID, Positions, circle, crowd, four, graph
from ui.widgets.graph_cells import EMPTY, Drawing
from ui.widgets.graph_drawing import draw
from ui.widgets.graph_links import Link, Look, backbone, links_of

SIZES = [(42, 16), (24, 8), (80, 24), (120, 40), (160, 46)]
HEADS = frozenset("→↘↓↙←↖↑↗")
NAMES = ("[/b]", "[@click=app.quit]", "日本語の名前", "👩‍💻 coder", "e\u0301lodie", "a\x1b[31m\nb")


def drawn(
    sample: tuple[Interactions, Positions], size: tuple[int, int] = (42, 16), **look: object
) -> Drawing:
    return draw(*sample, *size, Look(**look))  # type: ignore[arg-type]  # options of Look


def rows(drawing: Drawing) -> list[str]:
    return ["".join(text for text, _ in drawing.runs(y)) for y in range(drawing.height)]


def check_whole(drawing: Drawing) -> None:
    """Every row is exactly as wide as the drawing; boxes lie inside it and apart."""
    assert all(cell_len(row) == drawing.width for row in rows(drawing))
    for box in drawing.boxes.values():
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= drawing.width
        assert box.y + box.height <= drawing.height
    for one, other in combinations(drawing.boxes.values(), 2):
        assert not one.meets(other)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 2, 4, 8, 20, 40, 60, 100, 200])
def test_participants_never_overlap_and_stay_inside(count: int, size: tuple[int, int]) -> None:
    check_whole(drawn(crowd(count), size))


@hypothesis_settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=4, max_size=4),
    st.integers(1, 70),
    st.integers(1, 30),
)
def test_any_positions_and_any_size_can_be_drawn(
    points: list[tuple[float, float]], width: int, height: int
) -> None:
    sample, _ = four()

    check_whole(drawn((sample, dict(zip(FOUR, points, strict=True))), (width, height)))


def test_four_participants_are_named_whole_in_a_small_panel() -> None:
    text = "\n".join(rows(drawn(four())))

    for name in FOUR:
        assert name in text
    assert text.count("╭") == 4


def test_participants_on_the_same_spot_are_pushed_apart() -> None:
    sample, _ = four()

    drawing = drawn((sample, dict.fromkeys(FOUR, (0.0, 0.0))), (60, 20))

    check_whole(drawing)
    assert set(drawing.boxes) == set(FOUR)


def test_missing_and_broken_positions_get_a_place() -> None:
    sample, positions = four()
    del positions["critic"]
    positions["you"] = (float("nan"), float("inf"))

    drawing = drawn((sample, positions))

    check_whole(drawing)
    assert set(drawing.boxes) == set(FOUR)


def test_the_picture_does_not_depend_on_the_unit_of_the_positions() -> None:
    sample, _ = four()

    assert drawn((sample, circle(FOUR))) == drawn((sample, circle(FOUR, scale=1000)))


def test_y_grows_upwards_as_in_the_rendered_picture() -> None:
    boxes = drawn(four()).boxes

    assert boxes["you"].y < boxes["critic"].y


def test_each_direction_has_its_own_way_and_its_own_head() -> None:
    drawing = drawn(four(), (80, 24))

    there, back = drawing.paths["critic", "proposer"], drawing.paths["proposer", "critic"]
    middle = len(there) // 2

    assert there[-1] != back[0]
    assert there[middle] not in back
    for path in (there, back):
        assert any(drawing.characters[y][x] in HEADS for x, y in path[-3:])


@pytest.mark.parametrize("size", [(42, 16), (120, 40)])
def test_edges_and_heads_stay_outside_the_pills(size: tuple[int, int]) -> None:
    drawing = drawn(four(), size)

    for path in drawing.paths.values():
        assert not any(box.holds(*cell) for box in drawing.boxes.values() for cell in path)
    for box in drawing.boxes.values():
        assert not any(drawing.characters[y][x] in HEADS for x, y in box.cells())


def test_an_edge_takes_a_way_round_a_participant_in_between() -> None:
    sample = graph(("left", "middle", "right"), [("left", "right", 1)])
    positions = {"left": (-1.0, 0.0), "middle": (0.0, 0.0), "right": (1.0, 0.0)}

    drawing = drawn((sample, positions), (60, 20))
    path = drawing.paths["left", "right"]

    assert {x for x, _ in path} >= set(range(12, 48))
    assert len({y for _, y in path}) > 1


def test_parallel_edges_are_summed_per_direction() -> None:
    links = {(link.source, link.target): link.messages for link in links_of(four()[0], Look())}

    assert links == {(source, target): times for source, target, times in SAID}


def test_the_heaviest_link_counts_one_and_the_others_their_share() -> None:
    sample = graph("ab", [("a", "b", 8), ("b", "a", 2)])

    weights = {link.source: link.weight for link in links_of(sample, Look())}

    assert weights == {"a": 1.0, "b": 0.25}


def test_a_single_message_makes_no_heavy_line() -> None:
    (link,) = links_of(graph("ab", [("a", "b", 1)]), Look())

    assert link == Link("a", "b", 1, 0.25)


def test_more_messages_make_a_brighter_and_thicker_edge() -> None:
    sample = graph("abcd", [("a", "b", 9), ("c", "d", 1)])
    positions = {"a": (0.0, 1.0), "b": (1.0, 1.0), "c": (0.0, 0.0), "d": (1.0, 0.0)}

    drawing = drawn((sample, positions), (60, 16))

    def dots(path: tuple[tuple[int, int], ...]) -> int:
        return sum((ord(drawing.characters[y][x]) - 0x2800).bit_count() for x, y in path[2:-3])

    heavy, light = drawing.paths["a", "b"], drawing.paths["c", "d"]
    assert dots(heavy) > 2 * dots(light)
    assert (
        drawing.inks[heavy[5][1]][heavy[5][0]].strength
        > drawing.inks[light[5][1]][light[5][0]].strength
    )


def test_a_running_agent_has_a_heavy_border() -> None:
    text = "\n".join(rows(drawn(four(), active=frozenset({"critic"}))))

    assert text.count("┏") == 1
    assert "┃ ■ critic ┃" in text or "┃ ◆ critic ┃" in text


def test_the_selected_one_is_marked_by_more_than_colour() -> None:
    drawing = drawn(four(), selected="critic")

    assert any("› " in row or "›" in row for row in rows(drawing))
    touching = drawing.paths["critic", "proposer"][3]
    other = drawing.paths["synthesist", "you"][3]
    assert drawing.inks[touching[1]][touching[0]].strength > 0.5
    assert drawing.inks[other[1]][other[0]].strength == 0


def test_the_ego_view_shows_the_selected_one_and_whom_it_speaks_with() -> None:
    drawing = drawn(four(), selected="synthesist", focus=True)

    assert set(drawing.boxes) == {"synthesist", "you", "critic"}
    assert all("synthesist" in edge for edge in drawing.paths)


def test_light_edges_go_below_the_threshold() -> None:
    assert set(drawn(four(), threshold=3).paths) == {("critic", "proposer")}


def test_an_agent_that_answers_itself_carries_a_loop() -> None:
    sample = graph("ab", [("a", "a", 2), ("a", "b", 1)])

    drawing = drawn((sample, circle("ab")), (40, 10))

    assert sum(row.count("↻") for row in rows(drawing)) == 1
    assert set(drawing.paths) == {("a", "b")}


def test_edges_of_strangers_are_left_out() -> None:
    sample = graph("ab", [("a", "b", 1), ("a", "ghost", 1), ("ghost", "b", 2)])

    assert [link.target for link in links_of(sample, Look())] == ["b"]


def test_above_forty_there_are_dots_with_the_loudest_named() -> None:
    sample, positions = crowd(60)
    loud = replace(sample, edges=sample.edges + sample.edges[:1] * 90)

    drawing = drawn((loud, positions), (120, 40))
    text = "\n".join(rows(drawing))

    assert all((box.width, box.height) == (1, 1) for box in drawing.boxes.values())
    assert loud.edges[0].source in text
    assert "╭" not in text
    assert len(drawing.paths) <= 60


def test_the_backbone_keeps_each_ones_strongest_and_all_of_the_selected() -> None:
    links = links_of(graph("abc", [("a", "b", 3), ("a", "c", 1), ("b", "c", 2)]), Look())

    assert {(x.source, x.target) for x in backbone(links, None)} == {("a", "b"), ("b", "c")}
    assert len(backbone(links, "c")) == 3


def test_above_eighty_there_is_a_matrix_of_the_busiest() -> None:
    text = "\n".join(rows(drawn(crowd(100), (80, 30))))

    assert "rows speak to columns · 27 of 100 shown" in text
    assert any(shade in text for shade in "░▒▓█")


def test_the_matrix_always_shows_the_selected_one() -> None:
    sample, positions = crowd(100)
    quiet = replace(
        sample, edges=tuple(e for e in sample.edges if "agent99" not in (e.source, e.target))
    )

    drawing = drawn((quiet, positions), (80, 30), selected="agent99")

    assert "agent99" in drawing.boxes


def test_a_small_graph_can_be_shown_as_a_matrix_too() -> None:
    text = rows(drawn(four(), matrix=True))

    assert text[-1].startswith("rows speak to columns · 4 of 4")
    assert sum("critic" in row for row in text) == 1


@pytest.mark.parametrize("sample", [four(), crowd(20), crowd(60), crowd(100)])
def test_without_utf8_everything_is_ascii(sample: tuple[Interactions, Positions]) -> None:
    drawing = drawn(
        sample, (100, 30), ascii_only=True, selected=sample[0].nodes[1].name,
        active=frozenset({sample[0].nodes[2].name}),
    )  # fmt: skip

    assert "".join(rows(drawing)).isascii()


@pytest.mark.parametrize("size", [(42, 16), (100, 30)])
def test_hostile_and_wide_names_do_not_shift_anything(size: tuple[int, int]) -> None:
    sample = graph(NAMES, [(NAMES[0], NAMES[2], 2), (NAMES[3], NAMES[1], 1)])

    drawing = drawn((sample, circle(NAMES)), size)

    check_whole(drawing)
    assert "[/b]" in "\n".join(rows(drawing))
    assert "\x1b" not in "".join(rows(drawing))


def test_nobody_is_said_in_words() -> None:
    text = " ".join(row.strip() for row in rows(drawn((graph((), ()), {}))) if row.strip())

    assert text == EMPTY


def test_the_same_graph_gives_the_same_drawing() -> None:
    assert drawn(crowd(20), (120, 40)) == drawn(crowd(20), (120, 40))
