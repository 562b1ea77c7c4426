"""Commands that ask no agent anything, and the exports that they share with keys and palette."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from typing_extensions import override

from hub.domain.text import one_line
from hub.errors import NotFoundError, UsageError
from ui.commands import DECISIONS, Order, micro_dollars
from ui.deeds import Deed
from ui.exporting import EXPORTS
from ui.facts import ThreadClosed
from ui.format import money
from ui.reworking import ReworkingApp
from ui.screens.choice import Answer, ChoiceScreen
from ui.screens.picker import Entry, Picker
from ui.session import Session
from ui.theme import THEMES
from ui.votes import carry_out, voted

_SIDES = {
    "agents": "providers",
    "budget": "costs",
    "help": "help",
    "dashboard": "dashboard",
    "settings": "settings",
}
"""Commands that open a screen."""
_LARGEST = 64_000_000
"""Bytes of a file to import."""


class OrderingApp(ReworkingApp):
    """The part of the app that carries out commands."""

    NEED_THREAD: ClassVar[frozenset[str]] = frozenset({"title", "export", "archive", "pin"})

    @override
    def order(self, order: Order) -> None:
        if order.name in self.NEED_THREAD and self.view.thread_id is None:
            self.hint.say("There is no thread yet: send a message first.", "warning")
            return
        argument = order.argument
        wishes: dict[str, Callable[[], object]] = {
            "quit": lambda: self.call_next(self.run_action, "quit"),
            "new": lambda: self.tell(ThreadClosed()),
            "stop": self.stop,
            "title": lambda: self.wish(lambda s: self._rename(s, argument), group="title"),
            "archive": lambda: self.wish(self._archive, group="archive"),
            "export": lambda: self.export(argument) if argument else self.action_export(),
            "import": lambda: self.wish(lambda s: self._import(s, argument), group="import"),
            "search": lambda: self.search(argument),
            "retry": lambda: self.again_newest(Deed.RETRY),
            "continue": lambda: self.again_newest(Deed.CONTINUE),
            "pin": self.pin_chosen,
            "theme": lambda: self._theme(argument),
            "strategy": lambda: self.wish(lambda s: self._strategy(s, argument), group="strategy"),
        }
        if order.name in DECISIONS:
            self.wish(lambda s: self._decision(s, order), group="decision")
        elif order.name == "budget" and argument:
            self.wish(lambda s: self._budget(s, argument), group="budget")
        elif order.name in wishes:
            wishes[order.name]()
        else:
            self.call_next(self.run_action, f"show_{_SIDES.get(order.name, 'help')}")

    def search(self, words: str) -> None:
        """Look for messages; `ui.finding` knows how."""
        raise NotImplementedError

    async def _rename(self, session: Session, title: str) -> None:
        if self.view.thread_id is not None:
            await session.hub.rename(self.view.thread_id, title)

    async def _archive(self, session: Session) -> None:
        if self.view.thread_id is not None:
            gone = await session.hub.archive(self.view.thread_id)
            self.tell(ThreadClosed())
            self.hint.say(f"archived: {one_line(gone.title, 60)}; nothing is lost")

    def _theme(self, name: str) -> None:
        if name in THEMES:
            self.theme = name
        elif name:
            known = ", ".join(THEMES)
            self.hint.say(f"There is no theme {one_line(name, 40)!r}: {known}.", "error")
            return
        self.hint.say(f"theme: {self.theme}")

    async def _strategy(self, session: Session, name: str) -> None:
        if name:
            session.hub.set_strategy(name)
        self.hint.say(f"strategy: {session.hub.strategy}")

    def action_vote(self) -> None:
        """Ask for the person's own ballot in the newest decision of the thread."""
        decision = self.view.decision
        if decision is None:
            self.hint.say("There is no decision in this thread yet: /decide opens one.", "warning")
            return
        letters = "abcdefghijklmnopqrstuvwyz"
        answers = [
            Answer(letter.upper(), letter, one_line(option.text, 80))
            for letter, option in zip(letters, decision.proposal.options, strict=False)
        ]
        answers.append(Answer("abstain", "x", "abstain"))

        def chosen(choice: str | None) -> None:
            if choice:
                self.order(Order("vote", choice))

        heading = f"Your vote: {one_line(decision.proposal.question, 200)}"
        _ = self.push_screen(ChoiceScreen(heading, answers), chosen)

    async def _decision(self, session: Session, order: Order) -> None:
        wanted, decision = voted(order.name, order.argument), self.view.decision
        open_ = decision is not None and decision.closed_at is None
        new = wanted.name == "option" and not open_
        if new and await self._put_with_drafts(session, wanted.what):
            return
        if decision is None:
            raise UsageError("There is no decision in this thread yet: /decide opens one.")
        self.hint.say(await carry_out(session.hub, decision, wanted))

    async def _put_with_drafts(self, session: Session, option: str) -> bool:
        """Propose an option while drafts are written for the thread's question; False: none are."""
        if self.view.thread_id is None:
            return False
        try:
            await session.hub.propose(self.view.thread_id, option)
        except NotFoundError:
            return False
        self.hint.say("your option is put to the vote along with the drafts")
        return True

    async def _budget(self, session: Session, argument: str) -> None:
        scope, _, amount = argument.rpartition(" ")
        cap = await session.hub.set_budget(scope.strip(), micro_dollars(amount))
        left = cap.left if cap is not None else None
        in_force = "no cap" if cap is None or cap.cap is None else f"cap {money(cap.cap)}"
        self.hint.say(f"{scope}: {in_force}" + ("" if left is None else f", {money(left)} left"))
        await session.read_budgets()

    # --- in and out -----------------------------------------------------------------------------

    def action_export(self) -> None:
        """Ask in which format."""
        if self.view.thread_id is None:
            self.hint.say("There is no thread yet: send a message first.", "warning")
            return
        entries = [Entry(name, f"{name}: {e.says}") for name, e in EXPORTS.items()]

        def chosen(name: str | None) -> None:
            if name:
                self.export(name)

        _ = self.push_screen(Picker("Export this thread as …", entries), chosen)

    def action_export_as(self, format: str) -> None:  # noqa: A002  as below
        """Export without asking."""
        self.export(format)

    def export(self, format: str) -> None:  # noqa: A002  the word people use
        """Write the open thread, or its graph, to the exports folder and say where."""
        self.wish(lambda session: self._export(session, format.lower()), group="export")

    async def _export(self, session: Session, format: str) -> None:  # noqa: A002  as above
        if self.view.thread_id is None:
            raise UsageError("There is no thread yet: send a message first.")
        with self.under_way(f"exporting as {one_line(format, 20)}"):
            decision = self.view.decision.id if self.view.decision else None
            path = await session.export(self.view.thread_id, format, decision)
        self.hint.say(f"exported to {path}")
        self.notify(f"Exported to {path}", markup=False)

    async def _import(self, session: Session, name: str) -> None:
        if not name:
            raise UsageError("The file is missing: /import conversations.json.")
        with self.under_way(f"importing {one_line(name, 60)}"):
            found = await session.import_file(name, _LARGEST)
        await session.read_threads()
        count = len(found.threads)
        self.hint.say(f"imported {count} thread{'s' * (count != 1)}")
        if found.threads:
            self.open_thread(found.threads[0].thread.id)
