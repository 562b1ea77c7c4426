from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from typing_extensions import override

from hub.domain.transcript import Interactions
from tests.fakes.graphs import FOUR, Positions, four, graph
from ui.theme import THEMES, register
from ui.widgets.interaction_graph import InteractionGraph

pytestmark = pytest.mark.anyio


class GraphApp(App[None]):
    CSS = "Screen { background: $surface; }"

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.ascii_only = ascii_only

    @override
    def compose(self) -> ComposeResult:
        yield InteractionGraph(id="graph", ascii_only=self.ascii_only)

    def on_mount(self) -> None:
        register(self)

    @property
    def shown(self) -> InteractionGraph:
        return self.query_one(InteractionGraph)


@asynccontextmanager
async def opened(
    sample: tuple[Interactions, Positions] | None = None,
    size: tuple[int, int] = (42, 16),
    messages: list[Message] | None = None,
    *,
    ascii_only: bool = False,
) -> AsyncIterator[tuple[GraphApp, Pilot[None]]]:
    app = GraphApp(ascii_only=ascii_only)
    hook = None if messages is None else messages.append
    async with app.run_test(size=size, message_hook=hook) as pilot:
        app.shown.show(*(sample or four()))
        app.shown.focus()
        await pilot.pause()
        yield app, pilot


def text_of(graph: InteractionGraph) -> str:
    return "\n".join(graph.render_line(y).text for y in range(graph.size.height))


def selections(messages: list[Message]) -> list[tuple[str | None, bool]]:
    """Return what was told, once for each message: the hook sees it wherever it bubbles to."""
    found = {id(m): m for m in messages if isinstance(m, InteractionGraph.Selected)}
    return [(m.name, m.ego) for m in found.values()]


async def test_every_row_fills_the_widget_and_has_a_background() -> None:
    async with opened() as (app, _):
        for y in range(app.shown.size.height):
            strip = app.shown.render_line(y)

            assert strip.cell_length == app.shown.size.width
            assert all(s.style is not None and s.style.bgcolor is not None for s in strip)


@pytest.mark.parametrize("theme", THEMES)
async def test_every_theme_draws_the_same_characters(theme: str) -> None:
    async with opened() as (app, pilot):
        before = text_of(app.shown)
        app.theme = theme
        await pilot.pause()

        assert text_of(app.shown) == before


async def test_a_new_theme_brings_new_colours() -> None:
    async with opened() as (app, pilot):
        dark = app.shown.render_line(1)
        app.theme = "light"
        await pilot.pause()

        assert app.shown.render_line(1) != dark


async def test_an_empty_graph_says_what_will_come() -> None:
    async with opened((graph((), ()), {})) as (app, _):
        assert "Nobody has spoken yet" in text_of(app.shown)


async def test_a_resize_draws_anew() -> None:
    async with opened() as (app, pilot):
        await pilot.resize_terminal(100, 30)
        await pilot.pause()

        assert app.shown.drawing.width == 100
        assert "msg" in text_of(app.shown)


async def test_running_agents_get_a_heavy_border_at_once() -> None:
    async with opened() as (app, pilot):
        app.shown.active = frozenset({"critic"})
        await pilot.pause()
        running = text_of(app.shown)
        app.shown.active = frozenset()
        await pilot.pause()

        assert "┏" in running
        assert "┏" not in text_of(app.shown)


async def test_arrows_go_to_the_neighbour_that_way_and_say_so() -> None:
    messages: list[Message] = []
    async with opened(messages=messages) as (app, pilot):
        app.shown.selected = "you"
        await pilot.press("left", "right", "down", "up", "up")
        await pilot.pause()

    names = [name for name, _ in selections(messages)]
    assert names[0] == "you"
    assert names == ["you", "proposer", "synthesist", "critic", "you"]


async def test_the_first_arrow_selects_someone() -> None:
    async with opened() as (app, pilot):
        await pilot.press("down")

        assert app.shown.selected in FOUR


async def test_arrows_on_an_empty_graph_do_nothing() -> None:
    async with opened((graph((), ()), {})) as (app, pilot):
        await pilot.press("down", "enter")

        assert app.shown.selected is None
        assert not app.shown.ego


async def test_enter_shows_the_ego_view_and_escape_leaves_it() -> None:
    messages: list[Message] = []
    async with opened(messages=messages) as (app, pilot):
        app.shown.selected = "synthesist"
        await pilot.press("enter")
        ego = set(app.shown.drawing.boxes)
        await pilot.press("escape")
        await pilot.pause()

        assert ego == {"synthesist", "you", "critic"}
        assert app.shown.selected is None
        assert len(app.shown.drawing.boxes) == 4
    assert ("synthesist", True) in selections(messages)
    assert selections(messages)[-1] == (None, False)


async def test_escape_is_left_to_the_screen_while_nobody_is_selected() -> None:
    async with opened() as (app, _):
        assert app.shown.check_action("deselect", ()) is False
        app.shown.selected = "critic"
        assert app.shown.check_action("deselect", ()) is True


async def test_plus_and_minus_move_the_threshold_within_bounds() -> None:
    async with opened() as (app, pilot):
        await pilot.press(*["plus"] * 9)
        highest = app.shown.threshold, set(app.shown.drawing.paths)
        await pilot.press(*["minus"] * 9)

        assert highest == (3, {("critic", "proposer")})
        assert app.shown.threshold == 1


async def test_m_changes_to_the_matrix_and_back() -> None:
    async with opened() as (app, pilot):
        await pilot.press("m")
        matrix = text_of(app.shown)
        await pilot.press("m")

        assert "rows speak to columns" in matrix
        assert "╭" in text_of(app.shown)


async def test_a_click_selects_a_participant() -> None:
    async with opened() as (app, pilot):
        box = app.shown.drawing.boxes["critic"]
        await pilot.click(InteractionGraph, offset=(box.x + 3, box.y + 1))

        assert app.shown.selected == "critic"


async def test_a_pulse_travels_along_its_edge_and_ends() -> None:
    async with opened() as (app, pilot):
        still = text_of(app.shown)
        app.shown.pulse("critic", "proposer")
        moving = text_of(app.shown)
        for _ in range(20):
            app.shown._advance()
        await pilot.pause()

        assert "◉" in moving
        assert text_of(app.shown) == still


async def test_a_pulse_moves_with_every_frame_from_source_to_target() -> None:
    async with opened() as (app, _):
        path = app.shown.drawing.paths["critic", "proposer"]
        app.shown.pulse("critic", "proposer")
        seen = []
        for _ in range(5):
            app.shown._advance()
            seen += [c for c, (mark, _) in app.shown._marks().items() if mark == "◉"]

        places = [path.index(cell) for cell in seen]
        assert places == sorted(set(places))


async def test_a_pulse_on_an_edge_that_is_not_drawn_is_harmless() -> None:
    async with opened() as (app, pilot):
        app.shown.pulse("you", "ghost")
        app.shown._advance()
        await pilot.pause()

        assert "◉" not in text_of(app.shown)


async def test_without_animations_nothing_travels() -> None:
    async with opened() as (app, _):
        app.animation_level = "none"
        app.shown.pulse("critic", "proposer")

        assert "◉" not in text_of(app.shown)


async def test_the_timer_rests_while_no_pulse_lives() -> None:
    async with opened() as (app, _):
        timer = app.shown._timer
        assert timer is not None
        assert not timer._active.is_set()
        app.shown.pulse("critic", "proposer")
        assert timer._active.is_set()
        for _ in range(20):
            app.shown._advance()

        assert not timer._active.is_set()


async def test_the_selection_ends_when_the_participant_is_gone() -> None:
    async with opened() as (app, pilot):
        app.shown.selected = "critic"
        app.shown.ego = True
        app.shown.show(graph(("you", "new"), [("new", "you", 1)]), {})
        await pilot.pause()

        assert app.shown.selected is None
        assert not app.shown.ego
        assert "new" in text_of(app.shown)


async def test_a_graph_may_be_shown_before_the_widget_is_mounted() -> None:
    widget = InteractionGraph()
    widget.show(*four())
    widget.pulse("critic", "proposer")

    assert len(widget.graph.nodes) == 4


async def test_without_utf8_the_widget_draws_ascii() -> None:
    async with opened(ascii_only=True) as (app, _):
        app.shown.pulse("critic", "proposer")

        assert text_of(app.shown).isascii()


async def test_names_that_look_like_markup_run_nothing() -> None:
    names = ("[@click=app.quit]x", "[/b]", "日本語")
    sample = graph(names, [(names[0], names[1], 2), (names[1], names[2], 1)])
    async with opened((sample, {})) as (app, _):
        assert "[@click=app" in text_of(app.shown)
        assert all(app.shown.render_line(y).cell_length == 42 for y in range(16))
