"""The terminal UI: one Textual app over the hub's facade.

It paints before the hub is open. Events and facts come in batches, the reducer makes a view of
them, and screens draw it; what the person wants goes to the session in a worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.command import Provider
from textual.notifications import SeverityLevel
from textual.timer import Timer
from typing_extensions import override

from hub.domain.ask import Ask
from hub.domain.event import (
    Event,
    MessagePosted,
    Notice,
    OutageMet,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.ids import ThreadId
from hub.domain.text import one_line
from hub.domain.thread import Message, MessageKind
from hub.errors import ConfigError, GitBridgeError
from hub.serving.outages import Outage
from ui.bridge import Bridge
from ui.connecting import Connector
from ui.facade import Facade
from ui.facts import Fact, NewerRead, ThreadClosed, ThreadOpened
from ui.hangup import answer_signals
from ui.keymap import ANYWHERE, bindings
from ui.messages import Happened, OlderWanted
from ui.onboarding import try_embedded, wants_connection
from ui.reducer import reduce_all
from ui.remap import checked
from ui.returning import ReturningApp
from ui.screens.orphans import Orphans, OrphansScreen
from ui.screens.outage import OutageScreen
from ui.screens.view_screen import ViewScreen
from ui.session import Session
from ui.theme import THEMES, register, variable_defaults
from ui.view import Row

_LEVELS: dict[str, SeverityLevel] = {"information": "information", "error": "error"}
TURNS_AFTER_S = 0.4
"""Pause that gathers what another program posts before its turns are read."""


def _now() -> int:
    return time.time_ns() // 1_000


def _plain_report(error: BaseException) -> str:
    return f"That should not happen ({type(error).__name__}); what you see may be out of date."


def _palette() -> type[Provider]:
    from ui.palette import Palette

    return Palette


class GitBridgeApp(ReturningApp):
    """Threads on the left, the transcript in the middle, why and how much on the right."""

    TITLE = "GitBridge"
    CSS_PATH = Path(__file__).parent / "screens" / "main.tcss"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  typed by Textual
        (0, "-tiny"),
        (70, "-narrow"),
        (110, "-normal"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (28, "-tall")]  # noqa: RUF012  as above
    BINDINGS = bindings(ANYWHERE)
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_palette}

    def __init__(
        self,
        open_hub: Callable[[], AbstractAsyncContextManager[Facade]],
        thread: str | None = None,
        *,
        question: Ask | None = None,
        now: Callable[[], int] = _now,
        report: Callable[[BaseException], str] = _plain_report,
        connector: Connector | None = None,
    ) -> None:
        """Prepare the app; nothing is opened before its first paint.

        Args:
            open_hub: Opens the hub, and closes it when the app leaves.
            thread: Reference of the thread to show; None: the newest one.
            question: Asked as soon as the hub is open; in a new thread unless one is named.
            now: UTC microseconds; the machine's clock unless a test has its own.
            report: Writes an unforeseen error to a log, keys masked; returns the sentence to show.
            connector: Connects providers on the first run; None: nothing is offered.
        """
        super().__init__(report, now)
        register(self)
        self._open_hub = open_hub
        self._thread = thread
        self._question = question
        self._leave = asyncio.Event()
        self._reopen = False
        self._connector = connector
        self._status: int | None = None
        self._turns_due: Timer | None = None

    # --- begin and end --------------------------------------------------------------------------

    @override
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def on_mount(self) -> None:
        """Paint first, then open the hub."""
        self.set_interval(1.0, self._tick)
        if not self.is_headless:
            answer_signals(self._go)

    def on_main_screen_painted(self) -> None:
        """Open the hub."""
        self.run_worker(self._live(), name="hub", group="hub", exit_on_error=False)

    async def _live(self) -> None:
        """Hold the hub open until the app leaves; open it again where something was connected."""
        await self._hold()
        while self._reopen:
            self._reopen, self.session = False, None
            self._leave.clear()
            await self._hold()

    async def _hold(self) -> None:
        """Hold the hub open until it is left; its events flow through the bridge."""
        try:
            async with self._open_hub() as hub:
                with hub.subscribe() as subscription:
                    bridge = asyncio.create_task(Bridge(subscription, self._tell_all).run())
                    try:
                        await self._begin(Session(hub, self.tell))
                        await self._leave.wait()
                    finally:
                        bridge.cancel()
        except GitBridgeError as error:
            self.exit(error.exit_code, error.exit_code, Text(one_line(str(error), 2_000)))
        except Exception as error:  # noqa: BLE001  the hub could not be opened or closed
            self.exit(1, 1, Text(self._report(error)))
        else:
            if not self._reopen:
                self.exit(self._status or 0, self._status or 0)

    def _tell_all(self, events: tuple[Event, ...]) -> None:
        self.tell(*events)

    async def _begin(self, session: Session) -> None:
        self._dress(session)
        self.session = session
        session.hub.on_outage(can_ask=True)
        self.recall()
        await session.begin(self._thread)
        self.wish(lambda s: s.read_health(), group="health", latest=True)
        self.wish(lambda s: s.hub.expire(), group="retention")
        orphans, questions = await session.hub.orphans(), await session.hub.unanswered()
        if orphans or questions:
            agents = tuple(dict.fromkeys(one_line(turn.order.agent, 32) for turn in orphans))
            left = OrphansScreen(len(orphans), agents, len(questions))
            await self.push_screen(left, self._on_orphans)
        if self._connector is not None and wants_connection(session):
            from ui.screens.onboarding import OnboardingScreen

            screen = OnboardingScreen(self._connector, lambda: try_embedded(session))
            await self.push_screen(screen, self._on_connected)
        if self._question is not None:
            if self._thread is None:
                await session.new_thread()
            self.call_after_refresh(self.ask, self._question)

    def _dress(self, session: Session) -> None:
        """Take the theme and the keys that the person configured."""
        wanted = session.hub.settings.ui
        if wanted.theme in THEMES:
            self.theme = wanted.theme
        elif wanted.theme:
            known = ", ".join(THEMES)
            raise ConfigError(f"[ui] theme: there is no {wanted.theme!r}; there are {known}.")
        self.set_keymap(dict(checked(wanted.keys)))

    def _on_orphans(self, choice: Orphans | None) -> None:
        if choice is Orphans.RESUME:
            self.wish(self._finish, group="orphans")
        elif choice is Orphans.DROP:
            self.wish(lambda session: session.hub.drop(), group="orphans")

    async def _finish(self, session: Session) -> None:
        with self.under_way("finishing what was left"):
            _ = await session.hub.resume()

    def _on_connected(self, how: str | None) -> None:
        """Go on with what was connected; whoever looks around first is not asked again."""
        if self.session is not None:
            self.session.memory.introduced = True
            self.remember()
        if how == "connected":
            self._reopen = True
            self.hint.say("connected; opening the hub again…")
            self._leave.set()
        elif how == "embedded":
            self.hint.say("That is the embedded model, a toy. Ask it anything; it costs nothing.")
        self.main.composer.focus()

    def _on_outage(self, met: OutageMet, wish: Outage | None) -> None:
        if self.session is not None:
            self.session.hub.answer_outage(met.question_id, wish or Outage.GO_ON)

    def _go(self, status: int = 0) -> None:
        """Leave; a second wish to leave does not wait for running turns."""
        if self._status is not None or self.session is None:
            self.exit(status, status)
            return
        self._status = status
        self.remember()
        self.hint.say("Leaving; running turns have a few seconds to end. Ctrl+Q again leaves now.")
        self._leave.set()

    @override
    async def action_quit(self) -> None:
        self._go()

    @override
    def _fatal_error(self) -> None:
        """Say one sentence instead of a traceback with locals; the details are in a log."""
        if self._exception is not None:
            self._exit_renderables.append(Text(self._report(self._exception)))
        self._close_messages_no_wait()

    # --- from events to screens -----------------------------------------------------------------

    def on_happened(self, message: Happened) -> None:
        """Reduce a batch, draw it once, then do what it calls for."""
        before = self.view
        self.view = reduce_all(before, message.events)
        self._draw()
        self._react(message.events)
        self.watch_for(message.events)
        if not any(isinstance(event, ThreadOpened) for event in message.events):
            self.note_seen()
        if self.view.stale and not before.stale and self.view.thread_id:
            thread_id, after = self.view.thread_id, self.view.last_seq
            self.wish(lambda s: s.catch_up(thread_id, after), group="catch up", latest=True)

    def _draw(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, ViewScreen) and screen.is_mounted:
                screen.show(self.view, self.now())

    def _tick(self) -> None:
        if self.view.live:
            self.main.tick(self.now())

    def _react(self, events: tuple[Event | Fact, ...]) -> None:
        for event in events:
            match event:
                case MessagePosted(message):
                    self._posted(message)
                case Notice(text, _, severity) if event is self.view.notice:
                    self.hint.say(text, severity)
                    if severity != "information":
                        level = _LEVELS.get(severity, "warning")
                        self.notify(one_line(text, 400), severity=level, markup=False)
                case TurnFailed(turn, error) if turn.thread_id == self.view.thread_id:
                    self.hint.say(f"{turn.order.agent}: {error}", "error")
                case UsageRecorded():
                    self.wish(lambda s: s.read_budgets(), group="budgets", latest=True)
                case ThreadOpened() | ThreadClosed() | NewerRead():
                    self.want_graph()
                case _:
                    self._react_rarely(event)

    def _react_rarely(self, event: Event | Fact) -> None:
        if isinstance(event, OutageMet):
            _ = self.push_screen(OutageScreen(event), partial(self._on_outage, event))

    def _posted(self, message: Message) -> None:
        if not any(row.id == message.thread_id for row in self.view.threads):
            self.wish(lambda s: s.read_threads(), group="threads", latest=True)
        if message.thread_id != self.view.thread_id:
            return
        self.want_graph()
        if self._came_from_afar(message):
            self._want_turns(message.thread_id)
        answered = _author_of(self.view.rows, message.reply_to)
        for target in dict.fromkeys((answered, *message.to, *message.mentions)):
            if target and target != message.author:
                for screen in self.screen_stack:
                    if isinstance(screen, ViewScreen):
                        screen.pulse(message.author, target)

    def _came_from_afar(self, message: Message) -> bool:
        """Tell whether another program wrote this: its turn or decision was never heard of."""
        if message.kind is MessageKind.OUTCOME:
            decision = self.view.decision
            return decision is None or decision.closed_at is None
        if message.turn_id is None:
            return False
        turn = self.view.turns.get(message.turn_id)
        return turn is None or turn.provider is None

    def _want_turns(self, thread_id: ThreadId) -> None:
        """Read soon what another program did in the thread: its events never came here."""

        def read() -> None:
            self._turns_due = None
            self.wish(lambda s: s.read_turns(thread_id), group="turns", latest=True)

        if self._turns_due is None:
            self._turns_due = self.set_timer(TURNS_AFTER_S, read)

    def on_older_wanted(self, message: OlderWanted) -> None:
        """Load the page before the oldest loaded message."""
        message.stop()
        thread_id, before = self.view.thread_id, self.view.first_seq
        if thread_id and before:
            self.wish(lambda s: s.read_older(thread_id, before), group="older")


def _author_of(rows: tuple[Row, ...], message_id: str | None) -> str | None:
    if message_id is None:
        return None
    found = (row for row in reversed(rows) if isinstance(row, Message) and row.id == message_id)
    return next((row.author for row in found), None)
