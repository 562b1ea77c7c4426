"""Finding the way: search, what was sent before, the jump mode, panels."""

from __future__ import annotations

from textual.widget import Widget
from typing_extensions import override

from hub.domain.thread import Message
from ui.editing import edited
from ui.format import clock_time
from ui.keymap import JUMPS
from ui.ordering import OrderingApp
from ui.screens.jump import JumpScreen
from ui.screens.main import MainScreen
from ui.screens.picker import Entry, Picker
from ui.screens.search import SearchScreen
from ui.session import Session


class FindingApp(OrderingApp):
    """The part of the app that finds messages, texts and panels."""

    _found: tuple[Message, ...] = ()
    _at = 0

    # --- search ---------------------------------------------------------------------------------

    def action_search(self) -> None:
        """Ask for words."""
        self.search("")

    @override
    def search(self, words: str) -> None:
        if self.session is None:
            self.hint.say("The hub is still opening; one moment.", "warning")
        elif not isinstance(self.screen, SearchScreen):
            screen = SearchScreen(self.session.hub, self.view, words, self.complain)
            _ = self.push_screen(screen, self._on_found)

    def _on_found(self, found: tuple[tuple[str, ...], tuple[Message, ...], int] | None) -> None:
        if found is None:
            return
        self.main.transcript.words, self._found, self._at = found
        self._show_match()

    def action_next_match(self, step: int) -> None:
        """Go to the next message that was found, or the one before."""
        if not self._found:
            self.hint.say("Nothing was searched for yet: Ctrl+F.", "warning")
            return
        self._at = (self._at + step) % len(self._found)
        self._show_match()

    def _show_match(self) -> None:
        message = self._found[self._at]
        self.wish(lambda s: self._go_to(s, message), group="find", latest=True)

    async def _go_to(self, session: Session, message: Message) -> None:
        self.back_to_main()
        await session.reach(message, self.view)
        self.call_after_refresh(self._put_cursor, message)

    def _put_cursor(self, message: Message) -> None:
        transcript = self.main.transcript
        place = transcript.find(message.id)
        if place is None:
            self.hint.say("The message is gone.", "warning")
            return
        transcript.go_to(place)
        transcript.focus()
        where = f"{self._at + 1} of {len(self._found)}"
        self.hint.say(f"match {where}; n next, N before, Esc ends the search")

    @override
    def action_escape(self) -> None:
        self.main.transcript.words = ()
        self.main.transcript.refresh()
        if self.main.composer.let_go():
            self.hint.say("")
        super().action_escape()

    # --- what was sent before, the editor -------------------------------------------------------

    def action_history(self) -> None:
        """Find what was sent before, and take it into the composer."""
        sent = list(reversed(self.main.composer.sent))
        if not sent:
            self.hint.say("Nothing was sent yet.")
            return
        entries = [Entry(str(place), text) for place, text in enumerate(sent)]

        def chosen(place: str | None) -> None:
            if place:
                self.main.composer.put(sent[int(place)])

        _ = self.push_screen(Picker("What was sent before", entries), chosen)

    def action_write_in_editor(self) -> None:
        """Go on with the draft in the person's editor."""
        self.wish(lambda _: self._edit(), group="editor", latest=True)

    async def _edit(self) -> None:
        self.main.composer.put(await edited(self, self.main.composer.text))

    # --- panels ---------------------------------------------------------------------------------

    @property
    def _panels(self) -> dict[str, Widget]:
        main = self.main
        panels: dict[str, Widget] = {"2": main.transcript, "3": main.composer}
        if main.left.display:
            panels["1"] = main.threads
        if main.has_graph and main.graph is not None:
            panels["4"] = main.graph
        return panels

    def action_panel(self, number: str) -> None:
        """Give the keys to a panel; where it has no room it opens as a screen."""
        panel = self._panels.get(number)
        if panel is not None:
            panel.focus()
        elif number == "1":
            self.action_show_threads()
        else:
            self.action_show_graph()

    def action_jump(self) -> None:
        """Show a letter for everything; the next key goes there."""
        if isinstance(self.screen, JumpScreen):
            return
        here = isinstance(self.screen, MainScreen)
        panels = {number: panel.region for number, panel in self._panels.items()} if here else {}
        _ = self.push_screen(JumpScreen(panels, JUMPS), self._jumped)

    async def _jumped(self, letter: str | None) -> None:
        jump = next((jump for jump in JUMPS if jump.letter == letter), None)
        if jump is not None:
            await self.run_action(jump.action)
        elif letter:
            self.action_panel(letter)

    def action_filter_threads(self) -> None:
        """Narrow the list of threads by typing."""
        entries = [
            Entry(row.id, row.summary.thread.title, clock_time(row.summary.updated_at))
            for row in self.view.threads
        ]

        def chosen(thread: str | None) -> None:
            if thread:
                self.open_thread(thread)

        _ = self.push_screen(Picker(f"{len(entries)} threads", entries), chosen)
