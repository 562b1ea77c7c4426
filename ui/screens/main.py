"""The main screen: threads and agents, the transcript with its composer, what explains it all."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from hub.domain.text import one_line
from ui.keymap import MAIN, bindings
from ui.screens.view_screen import ViewScreen
from ui.session import Picture
from ui.view import View
from ui.widgets.agent_list import AgentList
from ui.widgets.composer import Composer
from ui.widgets.composer_hint import ComposerHint
from ui.widgets.status_bar import StatusBar
from ui.widgets.thread_list import ThreadList
from ui.widgets.transcript import TranscriptView


class MainScreen(ViewScreen):
    """Where a person spends the day."""

    AUTO_FOCUS = "#composer"
    BINDINGS = bindings(MAIN)

    class Painted(Message):
        """The screen stood once; what takes longer may begin."""

    def __init__(self, complete: Callable[[str], str]) -> None:
        """Begin empty.

        Args:
            complete: Returns what completes the text in the composer.
        """
        super().__init__()
        self._view = View()
        self.status = StatusBar(id="status")
        self.banner = Static(id="banner")
        self.threads_heading = Static(Content("THREADS"), classes="heading")
        self.threads = ThreadList(id="threads")
        self.agents = AgentList(id="agents")
        self.transcript = TranscriptView(id="transcript")
        self.hint = ComposerHint(id="hint")
        self.composer = Composer(complete, id="composer")
        self.left = Vertical(id="left")
        self.right = Vertical(id="right")
        self.foot = Vertical(id="foot")

    @override
    def compose(self) -> ComposeResult:
        yield self.status
        yield self.banner
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
            yield self.right
        yield self.foot

    def on_mount(self) -> None:
        """Paint first."""
        self.call_after_refresh(self._explain)

    async def _explain(self) -> None:
        """Fill the right column and the last line, then let the app go on."""
        from textual.widgets import Footer

        from ui.widgets.insights import Insights

        self._insights = Insights(self._view)
        for place, widget in ((self.right, self._insights), (self.foot, Footer())):
            if not place.is_attached:  # whoever quits at once has taken the screen away
                return
            await place.mount(widget)
        self.refresh_bindings()
        self.post_message(self.Painted())

    @override
    def show(self, view: View, now: int) -> None:
        self._view = view
        self.status.view = view
        self.banner.display = bool(view.banner)
        self.banner.update(Content(one_line(view.banner, 400)))
        self.threads.show(view.threads, view.thread_id)
        self.threads_heading.update(Content(f"THREADS  {len(view.threads)}"))
        self.agents.agents, self.agents.now = view.agents, now
        self.transcript.show(view, now)
        self.composer.open_thread(view.thread_id or "")
        self._insights.show(view)

    def tick(self, now: int) -> None:
        """Let clocks go on; nothing else is drawn."""
        self.transcript.tick(now)
        self.agents.now = now

    @override
    def show_picture(self, picture: Picture) -> None:
        self._insights.graph.show(picture.graph, picture.places)

    @override
    def pulse(self, source: str, target: str) -> None:
        self._insights.graph.pulse(source, target)

    @property
    def graph(self) -> Widget | None:
        """The graph, once the right column is filled."""
        return self._insights.graph if self.right.children else None

    @property
    def has_graph(self) -> bool:
        """True while the graph is on the screen."""
        return self.right.display

    def action_page(self, direction: int) -> None:
        """Scroll the transcript by a screenful."""
        self.transcript.page(direction)

    def action_message(self, direction: int) -> None:
        """Move the message cursor; the transcript has the keys then."""
        self.transcript.move_cursor(direction)
        self.transcript.focus()
