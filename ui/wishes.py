"""What the person wants of the hub, carried out beside the drawing: asking, stopping, switching.

Each wish runs in a worker of the app; what it raises is said in one sentence and ends nothing.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from textual.app import App
from textual.screen import Screen
from textual.timer import Timer
from typing_extensions import override

from hub.domain.ask import Ask
from hub.domain.event import Event
from hub.domain.masking import MASK, masked
from hub.domain.text import one_line
from hub.errors import GitBridgeError, UsageError
from ui.attaching import attached
from ui.commands import Order, completion, parse
from ui.facts import Fact
from ui.messages import DraftChanged, Happened, Submitted, ThreadChosen
from ui.screens.choice import Answer, ChoiceScreen
from ui.screens.main import MainScreen
from ui.session import Session
from ui.view import View
from ui.widgets.composer_hint import ComposerHint, price_line

SLOW_S = 0.5
"""Work that takes longer shows that it is under way."""
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
        self._refused_over: str | None = None
        """The draft over which something was refused; until it changes no estimate hides that."""

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

    @contextmanager
    def under_way(self, what: str) -> Iterator[None]:
        """Say what is being done, and for how long, once it takes longer than half a second."""
        began = time.monotonic()

        def say() -> None:
            self.hint.say(f"{what}… {round(time.monotonic() - began)} s".replace("… 0 s", "…"))

        ticking = self.set_interval(SLOW_S, say)
        try:
            yield
        finally:
            ticking.stop()

    def complain(self, sentence: str) -> None:
        """Say what went wrong where it is seen, and keep it above the composer."""
        sentence = one_line(sentence, 400)
        self._refused_over = self.main.composer.text
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
        """Ask, or carry out a command; what looks like a key is not sent unasked."""
        text, composer = message.text, self.main.composer
        try:
            wanted = self._parsed(text)
        except UsageError as error:
            self.hint.say(str(error), "error")
            return
        if self.session is None:
            self.hint.say("The hub is still opening; press Enter again in a moment.", "warning")
            return
        if isinstance(wanted, Ask) and not message.sure and masked(text) != text:
            self.doubt(text)
            return
        branch = composer.branch_from
        composer.take(text)
        if isinstance(wanted, Ask):
            self.ask(wanted, branch)
        else:
            self.order(wanted)

    def doubt(self, text: str) -> None:
        """Ask whether a text that looks like it holds a key shall be sent."""
        answers = (
            Answer("back", "b", "back to the text"),
            Answer("mask", "m", f"send it with {MASK} in the place of what looks like one"),
            Answer("send", "s", "send it as it is"),
        )

        def chosen(answer: str | None) -> None:
            if answer == "send":
                self.post_message(Submitted(text, sure=True))
            elif answer == "mask":
                self.main.composer.put(masked(text))
                self.post_message(Submitted(masked(text), sure=True))

        heading = "This looks as if it held a key or a password. Providers keep what they are sent."
        _ = self.push_screen(ChoiceScreen(heading, answers), chosen)

    def ask(self, ask: Ask, branch: str | None = None) -> None:
        """Ask in the open thread, or in a branch; say what it may cost while it begins.

        Args:
            ask: The question.
            branch: The message in whose place it is asked; None: it is asked at the end.
        """
        self.wish(lambda session: self._ask(session, ask, branch), group="ask")

    async def _ask(self, session: Session, ask: Ask, branch: str | None) -> None:
        thread_id = self.view.thread_id
        if branch is not None:
            thread_id = await session.branch(branch)
        estimate = await session.estimate(ask, thread_id)
        text, severity = price_line(estimate)
        files = f", {len(ask.attachments)} files" if ask.attachments else ""
        self.hint.say(f"asked{files}: {text}", severity)
        answer = await session.ask(ask, thread_id)
        if answer.failures and not answer.messages:
            self.complain(answer.failures[0])
        elif self.hint.text.startswith("asked"):
            self.hint.say("")

    def action_send_again(self) -> None:
        """Send the open thread's question again for which nobody could be reached."""
        if thread_id := self.view.thread_id:
            self.wish(lambda session: session.hub.send_again(thread_id), group="ask")

    def on_draft_changed(self, message: DraftChanged) -> None:
        """Estimate what the draft would cost once typing pauses."""
        if self._drafted is not None:
            self._drafted.stop()
        text = message.text
        if text != self._refused_over:
            self._refused_over = None
        if not text.strip():
            if self.hint.of_draft:
                self.hint.say("")
            return
        self._drafted = self.set_timer(ESTIMATE_AFTER_S, lambda: self._price(text))

    def _parsed(self, text: str) -> Ask | Order:
        """Return what a text asks for, with the files that it names and what it answers."""
        wanted = parse(text, self.agent_names)
        if not isinstance(wanted, Ask):
            return wanted
        files = attached(wanted.question, self.agent_names)
        return replace(wanted, attachments=files, reply_to=self.main.composer.reply_to)

    def _price(self, text: str) -> None:
        try:
            wanted = self._parsed(text)
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
        draft = self.main.composer.text
        if draft.strip() and draft != self._refused_over:
            self.hint.say(text, severity, of_draft=True)

    def order(self, order: Order) -> None:
        """Carry out a command; `ui.ordering` knows them."""
        raise NotImplementedError

    # --- wishes that keys and the palette share -----------------------------------------------

    def stop(self) -> None:
        """Stop what runs in the open thread."""
        self.wish(self._stop, group="stop")

    async def _stop(self, session: Session) -> None:
        count = await session.hub.stop(self.view.thread_id)
        done = f"stopped {count} turn{'s' * (count != 1)}" if count else "nothing was running"
        self.hint.say(done)

    def open_thread(self, thread_id: str) -> None:
        """Show another thread."""
        self.wish(lambda session: self._open(session, thread_id), group="open", latest=True)

    async def _open(self, session: Session, thread_id: str) -> None:
        with self.under_way("opening the thread"):
            await session.open(thread_id)

    def on_thread_chosen(self, message: ThreadChosen) -> None:
        """Show the thread that was picked, ready to write in."""
        self.main.composer.focus()
        self.open_thread(message.thread_id)
