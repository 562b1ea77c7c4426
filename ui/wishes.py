"""What the person wants of the hub, carried out beside the drawing: asking, stopping, switching.

Each wish runs in a worker of the app; what it raises is said in one sentence and ends nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.screen import Screen
from textual.timer import Timer
from typing_extensions import override

from hub.domain.ask import Ask
from hub.domain.event import Event
from hub.domain.text import one_line
from hub.errors import GitBridgeError, UsageError
from ui.commands import DECISIONS, Order, completion, micro_dollars, parse
from ui.facts import Fact, ThreadClosed
from ui.format import money
from ui.messages import DraftChanged, Happened, Submitted, ThreadChosen
from ui.screens.main import MainScreen
from ui.session import Session
from ui.view import View
from ui.votes import carry_out, voted
from ui.widgets.composer_hint import ComposerHint, price_line

ESTIMATE_AFTER_S = 0.3
"""Pause in typing after which a draft's cost is estimated."""


class Wish(Awaitable[None]):
    """Work that begins when its worker does: one dropped before that leaves nothing unawaited."""

    def __init__(self, begin: Callable[[], Coroutine[None, None, None]]) -> None:
        self._begin = begin

    @override
    def __await__(self) -> Generator[None, None, None]:
        return self._begin().__await__()


class WishingApp(App[int]):
    """The part of the app that talks to the hub; `ui.app` adds what is drawn and when."""

    main: MainScreen
    """The screen below all others."""
    SIDES: ClassVar[dict[str, str]] = {"agents": "providers", "budget": "costs", "help": "help"}
    """Commands that open a screen."""

    def __init__(self, report: Callable[[BaseException], str]) -> None:
        """Prepare; nothing can be wished before the session is there.

        Args:
            report: Writes an unforeseen error to a log and returns the sentence to show.
        """
        super().__init__()
        self.view = View()
        self.session: Session | None = None
        self._report = report
        self._drafted: Timer | None = None

    @override
    def get_default_screen(self) -> Screen[None]:
        self.main = MainScreen(lambda text: completion(text, self.agent_names))
        return self.main

    @property
    def hint(self) -> ComposerHint:
        """The line above the composer."""
        return self.main.hint

    def wish(
        self,
        what: Callable[[Session], Coroutine[None, None, object]],
        *,
        group: str,
        latest: bool = False,
    ) -> None:
        """Carry something out in a worker.

        Args:
            what: Is given the session.
            group: Wishes of one kind.
            latest: True drops an older wish of the group that is still under way.
        """
        if self.session is None:
            self.hint.say("The hub is still opening; one moment.", "warning")
            return
        work = Wish(partial(self._carried_out, what, self.session))
        self.run_worker(work, group=group, exclusive=latest, exit_on_error=False)

    async def _carried_out(
        self, what: Callable[[Session], Coroutine[None, None, object]], session: Session
    ) -> None:
        try:
            await what(session)
        except GitBridgeError as error:
            self.complain(str(error))
        except Exception as error:  # noqa: BLE001  one failed wish must not end the app
            self.complain(self._report(error))

    def complain(self, sentence: str) -> None:
        """Say what went wrong where it is seen, and keep it above the composer."""
        sentence = one_line(sentence, 400)
        self.hint.say(sentence, "error")
        self.notify(sentence, severity="error", markup=False)

    def tell(self, *events: Event | Fact) -> None:
        """Hand events or facts to the reducer."""
        self.post_message(Happened(events))

    # --- what the composer sends --------------------------------------------------------------

    @property
    def agent_names(self) -> tuple[str, ...]:
        """Names that may be asked."""
        return tuple(agent.name for agent in self.view.agents)

    def on_submitted(self, message: Submitted) -> None:
        """Ask, or carry out a command."""
        try:
            wanted = parse(message.text, self.agent_names)
        except UsageError as error:
            self.hint.say(str(error), "error")
            return
        if self.session is None:
            self.hint.say("The hub is still opening; press Enter again in a moment.", "warning")
            return
        self.main.composer.take(message.text)
        if isinstance(wanted, Ask):
            self.ask(wanted)
        else:
            self._order(wanted)

    def ask(self, ask: Ask) -> None:
        """Ask in the open thread; say what it may cost while it begins."""
        self.wish(lambda session: self._ask(session, ask), group="ask")

    async def _ask(self, session: Session, ask: Ask) -> None:
        thread_id = self.view.thread_id
        estimate = await session.estimate(ask, thread_id)
        text, severity = price_line(estimate)
        self.hint.say(f"asked: {text}", severity)
        answer = await session.ask(ask, thread_id)
        if answer.failures and not answer.messages:
            self.complain(answer.failures[0])
        elif self.hint.text.startswith("asked: "):
            self.hint.say("")

    def on_draft_changed(self, message: DraftChanged) -> None:
        """Estimate what the draft would cost once typing pauses."""
        if self._drafted is not None:
            self._drafted.stop()
        text = message.text
        if not text.strip():
            if self.hint.of_draft:
                self.hint.say("")
            return
        self._drafted = self.set_timer(ESTIMATE_AFTER_S, lambda: self._price(text))

    def _price(self, text: str) -> None:
        try:
            wanted = parse(text, self.agent_names)
        except UsageError as error:
            self.hint.say(str(error), of_draft=True)
            return
        if isinstance(wanted, Ask):
            self.wish(
                lambda session: self._estimate(session, wanted), group="estimate", latest=True
            )

    async def _estimate(self, session: Session, ask: Ask) -> None:
        try:
            text, severity = price_line(await session.estimate(ask, self.view.thread_id))
        except GitBridgeError as error:
            text, severity = str(error), "error"
        if self.main.composer.text.strip():
            self.hint.say(text, severity, of_draft=True)

    def _order(self, order: Order) -> None:
        match order.name:
            case "quit":
                self.call_next(self.run_action, "quit")
            case "new":
                self.tell(ThreadClosed())
            case "stop":
                self.stop()
            case "title" | "export":
                self._with_thread(order)
            case "strategy":
                self.wish(lambda session: self._strategy(session, order.argument), group="strategy")
            case name if name in DECISIONS:
                self.wish(lambda session: self._decision(session, order), group="decision")
            case "budget" if order.argument:
                self.wish(lambda session: self._budget(session, order.argument), group="budget")
            case name:
                self.call_next(self.run_action, f"show_{self.SIDES.get(name, 'help')}")

    def _with_thread(self, order: Order) -> None:
        thread_id = self.view.thread_id
        if thread_id is None:
            self.hint.say("There is no thread yet: send a message first.", "warning")
        elif order.name == "title":
            self.wish(lambda session: session.hub.rename(thread_id, order.argument), group="title")
        else:
            self.export(order.argument or "markdown")

    # --- wishes that keys and the palette share -----------------------------------------------

    def stop(self) -> None:
        """Stop what runs in the open thread."""
        self.wish(self._stop, group="stop")

    async def _stop(self, session: Session) -> None:
        count = await session.hub.stop(self.view.thread_id)
        done = f"stopped {count} turn{'s' * (count != 1)}" if count else "nothing was running"
        self.hint.say(done)

    def export(self, format: str) -> None:  # noqa: A002  the word people use
        """Write the open thread to the exports folder and say where."""
        self.wish(lambda session: self._export(session, format.lower()), group="export")

    async def _export(self, session: Session, format: str) -> None:  # noqa: A002  as above
        if self.view.thread_id is None:
            raise UsageError("There is no thread yet: send a message first.")
        self.hint.say("exporting…")
        path = await session.export(self.view.thread_id, format)
        self.hint.say(f"exported to {path}")
        self.notify(f"Exported to {path}", markup=False)

    async def _strategy(self, session: Session, name: str) -> None:
        if name:
            session.hub.set_strategy(name)
        self.hint.say(f"strategy: {session.hub.strategy}")

    async def _decision(self, session: Session, order: Order) -> None:
        if self.view.decision is None:
            raise UsageError("There is no decision in this thread yet: /decide opens one.")
        wanted = voted(order.name, order.argument)
        self.hint.say(await carry_out(session.hub, self.view.decision, wanted))

    async def _budget(self, session: Session, argument: str) -> None:
        scope, _, amount = argument.rpartition(" ")
        cap = await session.hub.set_budget(scope.strip(), micro_dollars(amount))
        left = cap.left if cap is not None else None
        in_force = "no cap" if cap is None or cap.cap is None else f"cap {money(cap.cap)}"
        self.hint.say(f"{scope}: {in_force}" + ("" if left is None else f", {money(left)} left"))
        await session.read_budgets()

    def open_thread(self, thread_id: str) -> None:
        """Show another thread."""
        self.wish(lambda session: session.open(thread_id), group="open", latest=True)

    def on_thread_chosen(self, message: ThreadChosen) -> None:
        """Show the thread that was picked, ready to write in."""
        self.main.composer.focus()
        self.open_thread(message.thread_id)
