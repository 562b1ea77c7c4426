"""The right column: who answers whom, why this model, who voted what, what it cost.

It comes after the first paint: its widgets take as long to load as the rest of the screen.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from typing_extensions import override

from hub.domain.turn import TurnState
from ui.view import View
from ui.widgets.budget_bar import BudgetBar
from ui.widgets.cost_sparkline import CostSparkline
from ui.widgets.interaction_graph import InteractionGraph
from ui.widgets.route_panel import RoutePanel
from ui.widgets.status_bar import today_of
from ui.widgets.vote_panel import VotePanel


def active_agents(view: View) -> frozenset[str]:
    """Return the agents whose turn runs in the open thread."""
    return frozenset(t.agent for t in view.live_here if t.state is TurnState.RUNNING)


class Insights(VerticalScroll, can_focus=False):
    """All panels, one below the other."""

    def __init__(self, view: View) -> None:
        """Begin with a view."""
        super().__init__(id="insights")
        self._view = view
        self.graph = InteractionGraph(id="graph")
        self.route = RoutePanel(id="route")
        self.vote = VotePanel(id="vote")
        self.cost = CostSparkline(id="cost")
        self.budget = BudgetBar(id="budget")

    @override
    def compose(self) -> ComposeResult:
        yield Static(Content("INTERACTIONS"), classes="heading")
        yield self.graph
        yield self.route
        yield self.vote
        yield self.cost
        yield self.budget

    def on_mount(self) -> None:
        """Draw what there is."""
        self.show(self._view)

    def show(self, view: View) -> None:
        """Draw a view."""
        self.graph.active = active_agents(view)
        self.route.route = view.route
        self.vote.show(view.decision, *view.ballots_open)
        self.cost.costs = view.costs
        self.budget.budget = today_of(view)
