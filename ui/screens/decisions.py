"""F8: the decisions of the thread, the newest first."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from hub.domain.decision import Decision
from hub.errors import GitBridgeError
from ui.decision_lines import decision_lines
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View
from ui.widgets.vote_panel import VotePanel

_NONE = "No decision in this thread yet: /decide QUESTION | OPTION | OPTION opens one."


class DecisionScreen(SideScreen):
    """Question, options, ballots, tally, outcome and dissent."""

    SUBJECT = "Decision · who voted what · v your vote · [ ] older, newer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "app.vote", "your vote", id="decision.vote"),
        Binding("right_square_bracket", "another(-1)", "newer", id="decision.newer"),
        Binding("left_square_bracket", "another(1)", "older", id="decision.older"),
    ]

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with the newest decision of the open thread, and read the others."""
        super().__init__(view, now)
        self._session = session
        self._decisions: tuple[Decision, ...] = ()
        self._at = 0

    @override
    def content(self) -> list[Widget]:
        self.panel = VotePanel(id="vote")
        self.hint = Static(Content(_NONE), markup=False, id="none")
        self.lines = Static(markup=False, classes="block", id="lines")
        return [VerticalScroll(self.hint, self.panel, self.lines, classes="body")]

    @override
    def on_mount(self) -> None:
        super().on_mount()
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        if self.view.thread_id is not None:
            with suppress(GitBridgeError):
                self._decisions = await self._session.hub.decisions(self.view.thread_id)
        self.show(self.view, self.now)

    def action_another(self, step: int) -> None:
        """Show the decision before, or the one after."""
        self._at = min(max(0, self._at + step), max(0, len(self._decisions) - 1))
        self.show(self.view, self.now)

    @override
    def show(self, view: View, now: int) -> None:
        self.view = view
        decision, open_ = view.decision, view.ballots_open
        if self._at and self._at < len(self._decisions):
            decision, open_ = self._decisions[self._at], ((), ())
        self.hint.display = decision is None
        self.panel.display = self.lines.display = decision is not None
        self.panel.show(decision, *open_)
        if decision is not None:
            many = len(self._decisions)
            head = f"{self._at + 1} of {many}, the newest first\n\n" if many > 1 else ""
            self.lines.update(Content(head + "\n".join(decision_lines(decision))))
