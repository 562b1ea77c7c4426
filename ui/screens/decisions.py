"""F8: the newest decision of the thread."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from ui.screens.view_screen import SideScreen
from ui.view import View
from ui.widgets.vote_panel import VotePanel

_NONE = "No decision in this thread yet: /decide QUESTION | OPTION | OPTION opens one."


class DecisionScreen(SideScreen):
    """Question, options, ballots, tally, outcome and dissent."""

    SUBJECT = "Decision · who voted what"

    @override
    def content(self) -> list[Widget]:
        self.panel = VotePanel(id="vote")
        self.hint = Static(Content(_NONE), markup=False, id="none")
        return [VerticalScroll(self.hint, self.panel, classes="body")]

    @override
    def show(self, view: View, now: int) -> None:
        self.hint.display = view.decision is None
        self.panel.display = view.decision is not None
        self.panel.show(view.decision, *view.ballots_open)
