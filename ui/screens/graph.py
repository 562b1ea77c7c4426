"""F2: who answers whom, full size; over time, as a matrix, and out as a picture."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from hub.domain.text import one_line
from hub.domain.transcript import GraphNode
from ui.format import UNKNOWN, bar, money, provider_mark, speaks_unicode, tokens
from ui.graph_time import at_moment
from ui.screens.view_screen import SideScreen
from ui.session import Picture, Session
from ui.view import View
from ui.widgets.insights import active_agents
from ui.widgets.interaction_graph import InteractionGraph

_STEPS = 40
"""Steps in which time is gone through, from the first message to the last."""


class GraphScreen(SideScreen):
    """The interaction graph of the open thread."""

    SUBJECT = "Graph · arrows pick · Enter alone · + - weight · m matrix · t time · e export"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "time", "time", id="graph.time"),
        Binding("left_square_bracket,comma", "step(-1)", "earlier", show=False, id="graph.earlier"),
        Binding("right_square_bracket,full_stop", "step(1)", "later", show=False, id="graph.later"),
        Binding("e", "app.export_as('png')", "export", id="graph.export"),
    ]

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with what the main screen shows."""
        super().__init__(view, now)
        del session
        self._picture: Picture | None = None
        self._step: int | None = None

    @override
    def content(self) -> list[Widget]:
        self.graph = InteractionGraph(id="graph")
        self.foot = Static(markup=False, id="details")
        return [self.graph, self.foot]

    @override
    def on_mount(self) -> None:
        super().on_mount()
        self.graph.focus()

    @override
    def show(self, view: View, now: int) -> None:
        self.graph.active = active_agents(view)

    @override
    def show_picture(self, picture: Picture) -> None:
        self._picture = picture
        self._draw()

    @override
    def pulse(self, source: str, target: str) -> None:
        if self._step is None:
            self.graph.pulse(source, target)

    def action_time(self) -> None:
        """Go through the thread in time, from its beginning; again: back to now."""
        self._step = 0 if self._step is None else None
        self._draw()

    def action_step(self, by: int) -> None:
        """Go a step back or on in time."""
        at = _STEPS if self._step is None else self._step
        self._step = min(_STEPS, max(0, at + by))
        self._draw()

    def on_interaction_graph_selected(self, event: InteractionGraph.Selected) -> None:
        """Say what is known of whoever is under the cursor."""
        event.stop()
        self._say()

    def _draw(self) -> None:
        if self._picture is None:
            return
        graph = self._picture.graph
        if self._step is not None:
            graph = at_moment(graph, self._step / _STEPS)
        self.graph.show(graph, self._picture.places)
        self._say()

    def _say(self) -> None:
        pieces: list[Content] = []
        if self._step is not None:
            share = self._step / _STEPS
            meter = bar(share, 20, ascii_only=not speaks_unicode())
            pieces.append(
                Content.assemble(
                    ("time ", "bold"),
                    (meter, "$tone-busy"),
                    f" {share * 100:.0f} %",
                    ("  , earlier  . later  t now", "$text-muted"),
                )
            )
        node = next((n for n in self.graph.graph.nodes if n.name == self.graph.selected), None)
        if node is not None:
            pieces.append(_details(node))
        self.foot.update(Content("   ").join(pieces))


def _details(node: GraphNode) -> Content:
    unknown = f" + {UNKNOWN}" if node.unknown_cost_turns else ""
    mark = provider_mark(node.provider)
    return Content.assemble(
        (f"{mark.sign(ascii_only=not speaks_unicode())} {one_line(node.name, 32)}", "bold"),
        f"  {node.messages} messages, {tokens(node.tokens)} tokens, {money(node.cost)}{unknown}",
    )
