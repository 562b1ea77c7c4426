"""A whole hub over a real journal, with scripted agents of two providers and a clock of the test's.

In a test::

    async with House(home) as house:
        house.openai.says("Because.")
        answer = await house.hub.ask(Ask("Why?"))
        house.books.agree()

`House` opens one program; a second one on the same `home` is another program on the same journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import apsw
from pydantic import SecretStr

from hub.bus import Subscription
from hub.config import (
    AgentSettings,
    BudgetSettings,
    ConsensusSettings,
    Credential,
    PriceSettings,
    ProviderSettings,
    RouterSettings,
    Settings,
)
from hub.domain.ask import Answer, Ask
from hub.domain.change import Change
from hub.domain.event import Event
from hub.domain.thread import Thread
from hub.domain.turn import View
from hub.rework import Rework
from hub.settings import PERSONAS
from tests.fakes.clock import FakeClock, settle
from tests.fakes.voices import MODELS, Voice
from ui.wiring import open_hub

E = TypeVar("E")
T = TypeVar("T")

PRICES = {
    "openai/gpt-4o": PriceSettings(input=2_500_000, output=10_000_000, cached=1_250_000),
    "grok/grok-4.3": PriceSettings(input=1_250_000, output=2_500_000, cached=200_000),
}
ADDRESSES = {"openai": "https://api.openai.com/v1", "grok": "https://api.x.ai/v1"}
NAMES = tuple(agent.name for agent in PERSONAS)
PATIENCE_S = 20.0
"""Seconds after which a test gives up waiting, however slow the machine is."""


def settings(home: Path, *, only: str | None = None, **parts: Any) -> Settings:
    """Return settings with a key for both providers, or for `only` one; `parts` replace fields."""
    providers = {
        name: ProviderSettings(
            name=name,
            kind=name,  # type: ignore[arg-type]  # the two names are kinds
            base_url=url,
            key=Credential(value=SecretStr("sk-test"), source="the test"),
            models=(MODELS[name],),
        )
        for name, url in ADDRESSES.items()
        if only in (None, name)
    }
    plain: dict[str, Any] = {
        "home": home,
        "config_file": home / "config.toml",
        "database": home / "gitbridge.db",
        "exports": home / "exports",
        "logs": home / "logs",
        "router": RouterSettings(strategy="cost_optimized", health_interval_s=0),
        "providers": providers,
        "agents": PERSONAS,
        "prices": PRICES,
    }
    return Settings(**{**plain, **parts})


def budget(**caps: Any) -> BudgetSettings:
    """Return budget settings in micro-dollars; days are those of UTC."""
    return BudgetSettings(time_zone="UTC", **caps)


def persona(name: str, *deployments: str) -> AgentSettings:
    """Return an agent that may use these deployments."""
    return AgentSettings(name=name, role="Tests", instructions="Be brief.", deployments=deployments)


def consensus(**rules: Any) -> ConsensusSettings:
    """Return consensus settings."""
    return ConsensusSettings(**rules)


class Books:
    """The journal as plain SQL sees it; imports nothing of the hub's storage."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def value(self, sql: str, *values: object) -> Any:
        """Return the one value of the one row."""
        return self.rows(sql, *values)[0][0]

    def states(self, table: str = "turn") -> list[str]:
        """Return the states of turns, calls or reservations, in order."""
        return [row[0] for row in self.rows(f"SELECT state FROM {table} ORDER BY rowid")]  # noqa: S608  a literal

    def calls(self) -> list[tuple[str, str]]:
        """Return provider and state of each call, in order."""
        return self.rows("SELECT provider, state FROM call ORDER BY rowid")

    def holds(self) -> list[str]:
        """Return the state of what each call held, in order of the calls."""
        return [
            row[0]
            for row in self.rows(
                "SELECT DISTINCT reservation.state, call.rowid FROM call"
                " JOIN reservation ON reservation.call_id = call.id ORDER BY call.rowid"
            )
        ]

    def spent(self) -> int:
        """Return the sum of the ledger."""
        return int(self.value("SELECT coalesce(sum(cost), 0) FROM ledger"))

    def agree(self, *, unsettled: int = 0) -> None:
        """Assert that money and turns add up (FAULTS: I3, I4, I7), and that no turn is open.

        Args:
            unsettled: Calls that may have been billed, and so keep their reservation.
        """
        sums = self.rows(
            "SELECT budget.id, budget.spent, budget.reserved,"
            " (SELECT coalesce(sum(amount), 0) FROM reservation WHERE budget_id = budget.id"
            "  AND state IN ('held', 'unsettled')),"
            " (SELECT coalesce(sum(coalesce(ledger.cost, amount)), 0) FROM ledger JOIN reservation"
            "  ON reservation.call_id = ledger.call_id WHERE budget_id = budget.id) FROM budget"
        )
        assert [(r[0], r[1], r[2]) for r in sums] == [(r[0], r[4], r[3]) for r in sums]
        left = self.rows("SELECT DISTINCT call_id FROM reservation WHERE state = 'unsettled'")
        assert len(left) == unsettled
        assert self.rows("SELECT id FROM turn WHERE state IN ('queued', 'running')") == []
        assert self.rows("SELECT call_id FROM reservation WHERE state = 'held'") == []
        assert self.rows("SELECT id FROM call WHERE state = 'intent'") == []
        gaps = "SELECT id FROM thread WHERE last_seq <> (SELECT count(*) FROM message WHERE thread_id = thread.id)"
        assert self.rows(gaps) == []


class Pause:
    """A moment at which the journal waits."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.over = asyncio.Event()


class House:
    """One program: a started hub, its agents, its events and its books."""

    hub: Rework
    _line: Subscription

    def __init__(
        self,
        home: Path,
        clock: FakeClock | None = None,
        *,
        voices: Mapping[str, Voice] | None = None,
        **parts: Any,
    ) -> None:
        """Open nothing yet.

        Args:
            home: State folder; two houses on one are two programs on one journal.
            clock: Time; its own unless given.
            voices: By provider; a `Voice` for each unless given.
            parts: Fields of the settings, and `only`: the one provider there is.
        """
        self.clock = clock or FakeClock()
        self.settings = settings(home, **parts)
        self.voices = dict(voices or {n: Voice(n, self.clock) for n in self.settings.providers})
        self.books = Books(self.settings.database)
        self._heard: list[Event] = []
        self.defects: list[dict[str, Any]] = []
        """What reached the loop's exception handler."""
        self._stack = AsyncExitStack()

    @property
    def openai(self) -> Voice:
        """The dearer provider."""
        return self.voices["openai"]

    @property
    def grok(self) -> Voice:
        """The cheaper one, which `cost_optimized` asks first."""
        return self.voices["grok"]

    @property
    def asked(self) -> list[View]:
        """What all agents were sent, by provider."""
        return [view for voice in self.voices.values() for view in voice.asked]

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        before = loop.get_exception_handler()
        loop.set_exception_handler(lambda _, context: self.defects.append(context))
        self._stack.callback(loop.set_exception_handler, before)
        opened = open_hub(self.settings, clock=self.clock, agents=self.voices)
        self.hub = await self._stack.enter_async_context(opened)
        self._line = self._stack.enter_context(self.hub._parts.bus.subscribe(100_000))
        return self

    async def __aexit__(self, *_: object) -> None:
        for voice in self.voices.values():
            voice.release()
        await self._stack.aclose()

    @property
    def heard(self) -> list[Event]:
        """Every event so far, in order."""
        self._heard += self._line.drain()
        return self._heard

    def events(self, kind: type[E]) -> list[E]:
        """Return the events of one kind so far."""
        return [event for event in self.heard if isinstance(event, kind)]

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the program run until something holds; time stands still meanwhile."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await settle(1)

    async def pass_until(self, done: Callable[[], object], step_s: float = 0.1) -> None:
        """Let time pass in small steps until something holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not done():
                await self.clock.advance(step_s)

    async def ask(self, ask: Ask, ref: str | None = None) -> Answer:
        """Ask, and give up when no answer comes."""
        return await self.done(self.start(ask, ref))

    def start(self, ask: Ask, ref: str | None = None) -> asyncio.Task[Answer]:
        """Ask, and go on."""
        return asyncio.create_task(self.hub.ask(ask, ref))

    async def line_up(self, thread: Thread, *questions: str) -> list[asyncio.Task[Answer]]:
        """Ask one after the other in a thread whose answers are held up: one runs, the rest wait."""
        tasks = []
        for number, question in enumerate(questions, start=1):
            tasks.append(self.start(Ask(question), thread.id))
            await self.until(lambda: len(self.hub._queue.running()) == number)  # noqa: B023  at once
        await self.until(lambda: any(voice.running for voice in self.voices.values()))
        return tasks

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start something else, and go on."""
        return asyncio.create_task(work)

    def break_journal(self) -> None:
        """Let every write from now on fail, as on a full disk."""
        self._writing("PRAGMA query_only = ON")

    def mend_journal(self) -> None:
        """Let writes work again."""
        self._writing("PRAGMA query_only = OFF")

    def cancelling(self) -> bool:
        """Tell whether a running turn has been cancelled and not ended yet."""
        running = self.hub._parts.engine._running  # type: ignore[attr-defined]  # the embedded one
        return any(task.cancelling() for task in running.values())

    def pause_at(self, kind: type[Change[Any]], *, after: bool) -> Pause:
        """Hold up the first change of a kind, before or after it is written."""
        store, pause = self.hub._parts.store, Pause()
        commit = store.commit

        async def paused(change: Change[T]) -> T:
            if not isinstance(change, kind) or pause.reached.is_set():
                return await commit(change)
            result = await commit(change) if after else None
            pause.reached.set()
            await pause.over.wait()
            return result if after else await commit(change)  # type: ignore[return-value]  # see above

        store.commit = paused  # type: ignore[method-assign]  # for this house alone
        return pause

    def _writing(self, pragma: str) -> None:
        journal = self.hub._parts.store._store  # type: ignore[attr-defined]  # SQLite's own
        journal._writer._connection.execute(pragma)

    async def done(self, task: asyncio.Task[T]) -> T:
        """Return what comes of something that was started."""
        async with asyncio.timeout(PATIENCE_S):
            return await task

    async def within(
        self, work: Coroutine[Any, Any, T], asleep: Callable[[], Awaitable[None]], seconds: float
    ) -> T:
        """Start some work, wait until it sleeps, let that time pass, and return what comes of it."""
        task = asyncio.create_task(work)
        await asleep()
        await self.clock.advance(seconds)
        async with asyncio.timeout(PATIENCE_S):
            return await task

    async def asleep(self, seconds: float) -> None:
        """Wait until somebody waits for that long on the clock."""
        await self.until(lambda: seconds in self.clock.slept)
