"""The main screen: threads and agents, the transcript with its composer, graph, route, vote, cost."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static
from typing_extensions import override

from ui.keymap import MAIN, bindings
from ui.screens.graph import active_agents
from ui.screens.view_screen import ViewScreen
from ui.session import Picture
from ui.view import View
from ui.widgets.agent_list import AgentList
from ui.widgets.budget_bar import BudgetBar
from ui.widgets.composer import Composer
from ui.widgets.composer_hint import ComposerHint
from ui.widgets.cost_sparkline import CostSparkline
from ui.widgets.interaction_graph import InteractionGraph
from ui.widgets.route_panel import RoutePanel
from ui.widgets.status_bar import StatusBar, today_of
from ui.widgets.thread_list import ThreadList
from ui.widgets.transcript import TranscriptView
from ui.widgets.vote_panel import VotePanel


class MainScreen(ViewScreen):
    """Where a person spends the day."""

    AUTO_FOCUS = "#composer"
    BINDINGS = bindings(MAIN)

    def __init__(self, complete: Callable[[str], str]) -> None:
        """Begin empty.

        Args:
            complete: Returns what completes the text in the composer.
        """
        super().__init__()
        self.status = StatusBar(id="status")
        self.threads_heading = Static(Content("THREADS"), classes="heading")
        self.threads = ThreadList(id="threads")
        self.agents = AgentList(id="agents")
        self.transcript = TranscriptView(id="transcript")
        self.hint = ComposerHint(id="hint")
        self.composer = Composer(complete, id="composer")
        self.graph = InteractionGraph(id="graph")
        self.route = RoutePanel(id="route")
        self.vote = VotePanel(id="vote")
        self.cost = CostSparkline(id="cost")
        self.budget = BudgetBar(id="budget")
        self.left = Vertical(id="left")
        self.right = VerticalScroll(id="right", can_focus=False)

    @override
    def compose(self) -> ComposeResult:
        yield self.status
        with Horizontal(id="body"):
            with self.left:
                yield self.threads_heading
                yield self.threads
                yield Static(Content("AGENTS"), classes="heading")
                yield self.agents
            with Vertical(id="middle"):
                yield self.transcript
                yield self.hint
                yield self.composer
            with self.right:
                yield Static(Content("INTERACTIONS"), classes="heading")
                yield self.graph
                yield self.route
                yield self.vote
                yield self.cost
                yield self.budget
        yield Footer()

    @override
    def show(self, view: View, now: int) -> None:
        self.status.view = view
        self.threads.show(view.threads, view.thread_id)
        self.threads_heading.update(Content(f"THREADS  {len(view.threads)}"))
        self.agents.agents, self.agents.now = view.agents, now
        self.transcript.show(view, now)
        self.composer.open_thread(view.thread_id or "")
        self.graph.active = active_agents(view)
        self.route.route = view.route
        self.vote.show(view.decision, *view.ballots_open)
        self.cost.costs = view.costs
        self.budget.budget = today_of(view)

    def tick(self, now: int) -> None:
        """Let clocks go on; nothing else is drawn."""
        self.transcript.tick(now)
        self.agents.now = now

    @override
    def show_picture(self, picture: Picture) -> None:
        self.graph.show(picture.graph, picture.places)

    @override
    def pulse(self, source: str, target: str) -> None:
        self.graph.pulse(source, target)

    @property
    def has_graph(self) -> bool:
        """True while the graph is on the screen."""
        return self.right.display

    def action_page(self, direction: int) -> None:
        """Scroll the transcript by a screenful."""
        self.transcript.page(direction)

    def action_message(self, direction: int) -> None:
        """Move the message cursor."""
        self.transcript.move_cursor(direction)
