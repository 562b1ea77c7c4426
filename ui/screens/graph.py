"""F2: who answers whom, full size."""

from __future__ import annotations

from textual.widget import Widget
from typing_extensions import override

from ui.screens.view_screen import SideScreen
from ui.session import Picture
from ui.view import View
from ui.widgets.insights import active_agents
from ui.widgets.interaction_graph import InteractionGraph


class GraphScreen(SideScreen):
    """The interaction graph of the open thread."""

    SUBJECT = "Interaction graph · arrows, Enter one agent only, + - threshold, m matrix"

    @override
    def content(self) -> list[Widget]:
        self.graph = InteractionGraph(id="graph")
        return [self.graph]

    @override
    def show(self, view: View, now: int) -> None:
        self.graph.active = active_agents(view)

    @override
    def show_picture(self, picture: Picture) -> None:
        self.graph.show(picture.graph, picture.places)

    @override
    def pulse(self, source: str, target: str) -> None:
        self.graph.pulse(source, target)
