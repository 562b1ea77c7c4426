"""F3: why the router chose this deployment for the newest turn."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widget import Widget
from typing_extensions import override

from ui.screens.view_screen import SideScreen
from ui.view import View
from ui.widgets.route_panel import RoutePanel


class RouteScreen(SideScreen):
    """Every candidate of the newest route, with score, cost and reason."""

    SUBJECT = "Route · why this model"

    @override
    def content(self) -> list[Widget]:
        self.panel = RoutePanel(id="route")
        return [VerticalScroll(self.panel, classes="body")]

    @override
    def show(self, view: View, now: int) -> None:
        self.panel.route = view.route
