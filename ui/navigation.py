"""Where keys lead: side screens, threads, the way out; and the graph that some screens show."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.timer import Timer
from typing_extensions import override

from hub.domain.text import sanitize
from ui.facts import ThreadClosed
from ui.messages import CopyWanted
from ui.screens.sides import make_side
from ui.screens.view_screen import SideScreen, ViewScreen
from ui.session import Session
from ui.wishes import WishingApp

GRAPH_AFTER_S = 0.4
"""Pause that gathers posts before the graph is laid out again."""
TWICE_S = 0.6
"""Time between two presses of Esc that count as one wish."""


class NavigatingApp(WishingApp):
    """The part of the app that opens screens."""

    def __init__(self, report: Callable[[BaseException], str], now: Callable[[], int]) -> None:
        """Prepare; see `ui.app.GitBridgeApp`."""
        super().__init__(report)
        self.now = now
        """UTC microseconds."""
        self._escaped_at = 0.0
        self._graph_due: Timer | None = None

    def show_side(self, name: str) -> None:
        """Open a side screen, close it when it is the one that is open."""
        if self.session is None:
            self.hint.say("The hub is still opening; one moment.", "warning")
            return
        top = self.screen
        if not isinstance(top, ViewScreen):
            return
        focused = getattr(self.main.focused if top is self.main else self.focused, "HELP", "") or ""
        if isinstance(top, SideScreen):
            _ = self.pop_screen()
            if top.has_class(name):
                return
        side = make_side(name, self.view, self.now(), self.session, focused)
        side.add_class(name)
        _ = self.push_screen(side)
        if name == "graph":
            self.call_after_refresh(self._lay_out)

    def action_show_graph(self) -> None:
        """Open the interaction graph."""
        self.show_side("graph")

    def action_show_route(self) -> None:
        """Open the newest route."""
        self.show_side("route")

    def action_show_costs(self) -> None:
        """Open tokens and money."""
        self.show_side("costs")

    def action_show_decisions(self) -> None:
        """Open the newest decision."""
        self.show_side("decisions")

    def action_show_providers(self) -> None:
        """Open the providers."""
        self.show_side("providers")

    def action_show_dashboard(self) -> None:
        """Open latency, success, costs and shares over time."""
        self.show_side("dashboard")

    def action_show_settings(self) -> None:
        """Open theme, keys, notifications and budgets."""
        self.show_side("settings")

    def action_repaint(self) -> None:
        """Draw everything again: something else may have written on the terminal."""
        self.screen.refresh(layout=True)

    def action_show_help(self) -> None:
        """Open the help."""
        self.show_side("help")

    def action_close_side(self) -> None:
        """Go back to the main screen."""
        if isinstance(self.screen, SideScreen):
            _ = self.pop_screen()

    def back_to_main(self) -> None:
        """Close whatever lies over the main screen."""
        while len(self.screen_stack) > 1:
            _ = self.pop_screen()

    def action_new_thread(self) -> None:
        """Start a new thread: it is created with its first message."""
        self.tell(ThreadClosed())
        self.main.composer.focus()

    def action_show_threads(self) -> None:
        """Go to the list of threads, or open it as a drawer where it has no column."""
        if self.main.left.display:
            self.main.threads.focus()
            return
        from ui.screens.threads import ThreadsDrawer

        _ = self.push_screen(ThreadsDrawer(self.view), self._on_drawer)

    def _on_drawer(self, thread_id: str | None) -> None:
        if thread_id:
            self.open_thread(thread_id)

    def action_escape(self) -> None:
        """Clear the selection and go back to the composer; twice: stop what runs here."""
        twice = time.monotonic() - self._escaped_at < TWICE_S
        self._escaped_at = time.monotonic()
        self.main.clear_selection()
        self.main.composer.focus()
        if twice and self.view.live_here:
            self.stop()
        elif self.view.live_here:
            self.hint.say("Esc again stops this thread.")

    @override
    def action_help_quit(self) -> None:
        """Copy the selection, else stop what runs, else say how to leave."""
        selected = self.screen.get_selected_text()
        if selected:
            self.on_copy_wanted(CopyWanted(selected, "selection"))
        elif self.view.live_here:
            self.stop()
        else:
            self.hint.say("Ctrl+Q or /quit leaves GitBridge.")

    def on_copy_wanted(self, message: CopyWanted) -> None:
        """Put text into the clipboard of the terminal."""
        self.copy_to_clipboard(sanitize(message.text))
        self.hint.say(f"copied the {message.what} ({len(message.text)} characters)")

    # --- the graph ------------------------------------------------------------------------------

    def want_graph(self) -> None:
        """Lay the graph out soon, where one is on a screen; posts that come together count once."""
        seen = self.main.has_graph or any(s.has_class("graph") for s in self.screen_stack)
        if seen and self.session is not None and self._graph_due is None:
            self._graph_due = self.set_timer(GRAPH_AFTER_S, self._lay_out)

    def _lay_out(self) -> None:
        self._graph_due = None
        self.wish(self._show_picture, group="graph", latest=True)

    async def _show_picture(self, session: Session) -> None:
        picture = await session.picture(self.view.thread_id)
        for screen in self.screen_stack:
            if isinstance(screen, ViewScreen) and screen.is_mounted:
                screen.show_picture(picture)
