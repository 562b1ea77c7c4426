"""The interaction graph on the screen: who answers whom, live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from typing_extensions import override

from hub.domain.transcript import Interactions
from ui.format import speaks_unicode
from ui.widgets.graph_cells import EMPTY, Canvas, Drawing, Ink, sentence
from ui.widgets.graph_links import Look
from ui.widgets.graph_paint import Palette

_FRAME_S = 0.1
_TRAVEL_FRAMES = 9
"""Frames that a pulse needs for its way, whatever the length."""
_TAIL = 3
_NOTHING = Interactions(title="", nodes=(), edges=())
_HEAD_INK = Ink("hot", bold=True)
_TAIL_INK = Ink("edge", 0.8)


class InteractionGraph(Widget, can_focus=True):
    """Participants as pills, what they said to each other as edges between them."""

    DEFAULT_CSS = """
    InteractionGraph {
        width: 1fr;
        height: 1fr;
    }
    """
    HELP = """\
The graph shows who answers whom. A brighter, thicker edge carries more messages; a heavy border
marks an agent whose turn is running; a travelling point is a message that was just posted.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "go('left')", "Neighbour", show=False, id="graph.left"),
        Binding("right", "go('right')", "Neighbour", show=False, id="graph.right"),
        Binding("up", "go('up')", "Neighbour", show=False, id="graph.up"),
        Binding("down", "go('down')", "Neighbour", show=False, id="graph.down"),
        Binding("enter", "ego", "Only its edges", id="graph.ego"),
        Binding("plus", "raise_threshold", "Fewer edges", key_display="+", id="graph.fewer"),
        Binding("minus", "lower_threshold", "More edges", key_display="-", id="graph.more"),
        Binding("m", "toggle_matrix", "Matrix", id="graph.matrix"),
        Binding("escape", "deselect", "Deselect", show=False, id="graph.deselect"),
    ]

    active: reactive[frozenset[str]] = reactive(frozenset(), init=False)
    """Agents whose turn is running."""
    selected: reactive[str | None] = reactive(None, init=False)
    """The participant under the cursor."""
    ego: reactive[bool] = reactive(False, init=False)
    """True: only the selected participant and whom it speaks with."""
    threshold: reactive[int] = reactive(1, init=False)
    """Messages that an edge needs to be shown."""
    matrix: reactive[bool] = reactive(False, init=False)
    """True: the adjacency matrix, however few take part."""

    class Selected(Message):
        """Another participant was selected, or none, or its ego view was switched."""

        def __init__(self, graph: InteractionGraph, name: str | None, *, ego: bool) -> None:
            """Keep what a screen needs to show details."""
            super().__init__()
            self.graph = graph
            self.name = name
            self.ego = ego

        @property
        @override
        def control(self) -> InteractionGraph:
            """The graph it comes from."""
            return self.graph

    def __init__(self, *, id: str | None = None, ascii_only: bool | None = None) -> None:  # noqa: A002  Textual's own name
        """Begin empty.

        Args:
            id: Textual's id of the widget.
            ascii_only: None: as the terminal's encoding allows.
        """
        super().__init__(id=id)
        self._ascii_only = not speaks_unicode() if ascii_only is None else ascii_only
        self._graph = _NOTHING
        self._positions: Mapping[str, tuple[float, float]] = {}
        self._ready = False
        self._drawing: Drawing | None = None
        self._palette: tuple[object, Palette] | None = None
        self._pulses: dict[tuple[str, str], int] = {}
        self._timer: Timer | None = None

    @property
    def graph(self) -> Interactions:
        """What is shown."""
        return self._graph

    def show(self, graph: Interactions, positions: Mapping[str, tuple[float, float]]) -> None:
        """Show a graph.

        Args:
            graph: Who spoke to whom.
            positions: Coordinates from the layout, in any unit; it may lack some participants.
        """
        self._graph, self._positions = graph, dict(positions)
        names = {node.name for node in graph.nodes}
        if self.selected not in names:
            self.ego = False
            self.selected = None
        self._redraw()

    def pulse(self, source: str, target: str) -> None:
        """Let a point travel along an edge: a message was posted."""
        if self._timer is None or self.app.animation_level == "none":
            return
        self._pulses[source, target] = 0
        self._timer.resume()

    def on_mount(self) -> None:
        """Draw after the first paint: numpy, which the drawing needs, takes its time to load."""
        self._timer = self.set_interval(_FRAME_S, self._advance, pause=True)
        self.app.theme_changed_signal.subscribe(self, lambda _: self.refresh())
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._ready = True
        self._redraw()

    def on_resize(self) -> None:
        """Draw anew for the new size."""
        self._redraw()

    def watch_active(self) -> None:
        """Mark the running ones."""
        self._redraw()

    def watch_selected(self) -> None:
        """Bring out the selected one's edges, and tell the screen."""
        self._redraw()
        self._tell()

    def watch_ego(self) -> None:
        """Show part of the graph, or all of it, and tell the screen."""
        self._redraw()
        self._tell()

    def watch_threshold(self) -> None:
        """Show edges from this weight on."""
        self._redraw()

    def watch_matrix(self) -> None:
        """Change between graph and matrix."""
        self._redraw()

    def _tell(self) -> None:
        self.post_message(self.Selected(self, self.selected, ego=self.ego))

    def _redraw(self) -> None:
        self._drawing = None
        self.refresh()

    @property
    def drawing(self) -> Drawing:
        """The picture in the widget's present size."""
        if self._drawing is None:
            self._drawing = self._drawn()
        return self._drawing

    def _drawn(self) -> Drawing:
        width, height = self.size
        if not self._graph.nodes:
            return sentence(Canvas(width, height), EMPTY)
        from ui.widgets.graph_drawing import draw

        look = Look(
            selected=self.selected,
            focus=self.ego,
            threshold=self.threshold,
            active=self.active,
            matrix=self.matrix,
            ascii_only=self._ascii_only,
        )
        return draw(self._graph, self._positions, width, height, look)

    @override
    def render_line(self, y: int) -> Strip:
        """Return one row of the drawing."""
        width = self.size.width
        if not self._ready or y >= self.drawing.height:
            return Strip.blank(width, self.rich_style)
        palette = self._current_palette()
        segments = [
            Segment(text, palette.style(ink)) for text, ink in self.drawing.runs(y, self._marks())
        ]
        return Strip(segments, width).apply_style(self.rich_style)

    def _current_palette(self) -> Palette:
        background, foreground = self.colors[2], self.colors[3]
        key = (self.app.theme, background, foreground)
        if self._palette is None or self._palette[0] != key:
            self._palette = key, Palette(self.app, background, foreground)
        return self._palette[1]

    def _marks(self) -> dict[tuple[int, int], tuple[str, Ink]]:
        """Return the pulses as characters over the drawing, each with a fading tail."""
        marks: dict[tuple[int, int], tuple[str, Ink]] = {}
        for edge, frame in self._pulses.items():
            path = self.drawing.paths.get(edge, ())
            at = round(frame / _TRAVEL_FRAMES * (len(path) - 1))
            tail = path[max(0, at - _TAIL) : at]
            marks.update((cell, ("." if self._ascii_only else "•", _TAIL_INK)) for cell in tail)
            if path:
                marks[path[at]] = ("@" if self._ascii_only else "◉", _HEAD_INK)
        return marks

    def _advance(self) -> None:
        """Move the pulses by one frame; the timer rests once none is left."""
        before = self._marks()
        self._pulses = {
            edge: frame + 1 for edge, frame in self._pulses.items() if frame < _TRAVEL_FRAMES
        }
        self._refresh_rows({y for _, y in (*before, *self._marks())})
        if not self._pulses and self._timer is not None:
            self._timer.pause()

    def _refresh_rows(self, rows: Iterable[int]) -> None:
        top = self.gutter.top
        regions = [Region(0, y + top, self.outer_size.width, 1) for y in rows]
        if regions:
            self.refresh(*regions)

    def on_click(self, event: Click) -> None:
        """Select the participant that was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None:
            hit = (name for name, box in self.drawing.boxes.items() if box.holds(*offset))
            self.selected = next(hit, self.selected)

    def action_go(self, direction: str) -> None:
        """Select the nearest participant in a direction; with none selected, the middle one."""
        boxes = self.drawing.boxes
        if not boxes:
            return
        if self.selected is not None and self.selected in boxes:
            x, y = boxes[self.selected].centre
        else:
            direction, (x, y) = "", (self.size.width / 2, self.size.height / 2)
        way = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}.get(direction)
        costs = {
            name: cost
            for name, box in boxes.items()
            if (cost := _distance(box.centre[0] - x, 2 * (box.centre[1] - y), way)) is not None
        }
        if costs:
            self.selected = min(costs, key=lambda name: (costs[name], name))

    def action_ego(self) -> None:
        """Show only the selected participant and whom it speaks with, or all again."""
        if self.selected is not None:
            self.ego = not self.ego

    def action_raise_threshold(self) -> None:
        """Hide the lightest edges; the heaviest ones always stay."""
        pairs: dict[tuple[str, str], int] = {}
        for edge in self._graph.edges:
            pairs[edge.source, edge.target] = (
                pairs.get((edge.source, edge.target), 0) + edge.messages
            )
        self.threshold = min(self.threshold + 1, max((1, *pairs.values())))

    def action_lower_threshold(self) -> None:
        """Show lighter edges again."""
        self.threshold = max(1, self.threshold - 1)

    def action_toggle_matrix(self) -> None:
        """Change between graph and matrix."""
        self.matrix = not self.matrix

    def action_deselect(self) -> None:
        """Select nobody."""
        self.ego = False
        self.selected = None

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape to the screen while nobody is selected."""
        return action != "deselect" or self.selected is not None


def _distance(across: float, down: float, way: tuple[int, int] | None) -> float | None:
    """Return how far something lies in a direction, None if it does not; sideways counts thrice."""
    if way is None:
        return abs(across) + abs(down)
    along = across * way[0] + down * way[1]
    aside = abs(across * way[1]) + abs(down * way[0])
    return along + 3 * aside if along > 0 else None
