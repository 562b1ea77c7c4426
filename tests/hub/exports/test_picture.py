import os
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.analytics.graph import interactions_of
from hub.analytics.layout import place
from hub.domain.agent import YOU
from hub.domain.transcript import GraphEdge, GraphNode, Interactions
from hub.errors import UsageError
from hub.exports.picture import draw, totals_of
from tests.fakes.crowds import crowd
from tests.fakes.transcripts import deliberation, hostile

ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"


def of(t):
    return interactions_of(t.thread.title, t.messages, t.turns)


def drawn(graph, kind="svg", **how):
    return draw(graph, place(graph), format=kind, **how)


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  ours


def titles(svg):
    return [element.text for element in ET.fromstring(svg).iter(f"{SVG}title")]  # noqa: S314  ours


def node(name, **fields):
    return GraphNode(
        **({"name": name, "provider": "openai", "messages": 1, "tokens": 9, "cost": 0} | fields)
    )


def test_a_png_is_twelve_by_seven_and_a_half_inches():
    data = drawn(of(deliberation()), "png")

    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (1_680, 1_050)


@pytest.mark.parametrize("dark", [False, True])
def test_the_same_graph_gives_the_same_bytes(dark):
    graph = crowd(20)

    assert drawn(graph, dark=dark) == drawn(graph, dark=dark)
    assert drawn(graph, "png", dark=dark) == drawn(graph, "png", dark=dark)


def test_names_title_totals_and_legend_are_text():
    found = texts(drawn(of(deliberation())))

    for said in ("Where should notes live?", "you", "proposer", "critic", "OpenAI", "xAI Grok"):
        assert said in found
    assert "4 participants · 7 messages · 9,633 tokens · $0.015" in found


def test_every_node_and_every_arrow_has_a_tooltip():
    found = titles(drawn(of(deliberation())))

    assert "proposer to critic: 1 message" in found
    assert "critic: xAI Grok, 2 messages, 3,085 tokens, $0.0019" in found
    assert len(found) == 1 + 4 + 7


@pytest.mark.parametrize("n", [0, 1, 2, 3, 61])
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_few_and_many_nodes_are_drawn_without_a_warning(n, kind):
    assert drawn(crowd(n), kind)


def test_nodes_without_a_word_between_them_are_drawn():
    found = texts(drawn(Interactions("t", (node("a"), node("b")), ())))

    assert {"a", "b"} <= set(found)
    assert "Arrow: messages to" not in found


def test_above_sixty_nodes_the_backbone_is_drawn_beside_a_matrix_of_everything():
    few, many = drawn(crowd(60)), drawn(crowd(61))
    pairs = len({(edge.source, edge.target) for edge in crowd(61).edges})

    assert sum(" to " in tip for tip in titles(few)[1:]) > 120
    assert pairs < sum(" to " in tip for tip in titles(many)[1:]) <= pairs + 61
    assert "Who speaks (rows) to whom (columns)" in texts(many)
    assert "Who speaks (rows) to whom (columns)" not in texts(few)


def test_a_matrix_of_a_great_many_pairs_says_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr("hub.exports.adjacency.CELLS", 10)

    assert any(text.startswith("the 10 heaviest of ") for text in texts(drawn(crowd(61))))


def test_a_crowd_of_hundreds_is_drawn_without_names_at_its_matrix():
    svg = drawn(crowd(120))

    assert svg == drawn(crowd(120))
    assert b"PolyCollection" in svg


def test_a_node_without_a_place_stands_in_the_middle():
    graph = Interactions("t", (node("a"), node("b")), (GraphEdge("a", "b", "reply", 1),))

    assert draw(graph, {}, format="svg")


@pytest.mark.control("S10")
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_hostile_names_and_titles_are_plain_text(kind):
    data = drawn(of(hostile()), kind)

    if kind == "svg":
        assert "<script>alert('x')</scr…" in texts(data)
        assert b"<script" not in data
        assert not any(b < 32 and b != 10 for b in data)


def test_mathematics_in_a_name_is_not_read_as_such():
    names = ("$\\frac{1}{0$", "a_b^c", "$x$", "\\", "%", "{", "\ufffe\uffff", "")

    assert drawn(Interactions("$\\bad$", tuple(map(node, names)), ()), "png")


def test_names_no_font_here_can_draw_are_whole_in_an_svg():
    name = "\U00013000\U00013001 writer"

    assert name in texts(drawn(Interactions("t", (node(name),), ())))


def test_an_unknown_cost_is_not_shown_as_zero():
    unknown = Interactions("t", (node("a", unknown_cost_turns=1), node("b")), ())
    partly = Interactions("t", (node("a", unknown_cost_turns=1), node("b", cost=5_000)), ())

    assert totals_of(unknown).endswith("unknown cost")
    assert totals_of(partly).endswith("$0.005 + unknown cost")


def test_where_nothing_costs_anything_the_fill_says_tokens():
    free = Interactions("t", (node(YOU, provider=None, tokens=0), node("a", provider="local")), ())

    assert "Fill: tokens" in texts(drawn(free))
    assert "Fill: cost" in texts(drawn(of(deliberation())))


def test_a_format_that_is_neither_is_refused():
    with pytest.raises(UsageError, match="A picture is png or svg, not gif"):
        draw(crowd(2), {}, format="gif")


def test_threads_draw_side_by_side_without_disturbing_each_other():
    graphs = [(crowd(n), dark) for n in (3, 7) for dark in (False, True)]
    alone = [drawn(graph, dark=dark) for graph, dark in graphs]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda job: drawn(job[0], dark=job[1]), graphs))

    assert together == alone


SCRIPT = """
import sys
from hub.exports.picture import draw
from tests.fakes.crowds import crowd
def settings():  # asking for the backend would choose one, and load pyplot
    found = sys.modules["matplotlib"].rcParams
    return {key: found[key] for key in found if key != "backend"}
assert "matplotlib" not in sys.modules and "numpy" not in sys.modules
draw(crowd(4), {}, format="png")
before = settings()
draw(crowd(4), {}, format="svg")
assert settings() == before and before["text.usetex"] is True
assert "matplotlib.pyplot" not in sys.modules and "networkx" not in sys.modules
"""


def test_drawing_is_silent_late_and_heeds_no_settings_of_the_folder(tmp_path):
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nnonsense: 1\nfigure.dpi: 9\n")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/proc/nowhere"}

    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
