"""The app's conversation with the hub: reads become facts for the reducer, wishes become calls.

It knows no widget; the app runs each method in a worker and shows what it raises.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.domain.ask import Answer, Ask, Estimate
from hub.domain.ids import DecisionId, ThreadId
from hub.domain.text import one_line
from hub.domain.thread import Message, Thread
from hub.domain.transcript import Imports, Interactions
from hub.errors import NotFoundError, UsageError
from ui.exporting import EXPORTS, exported
from ui.facade import Facade
from ui.facts import (
    BudgetsRead,
    Fact,
    HealthRead,
    HubOpened,
    NewerRead,
    OlderRead,
    ThreadOpened,
    ThreadsRead,
    TurnsRead,
)
from ui.memory import Memory
from ui.view import View

PAGE = 200
"""Messages that are read at once."""
GRAPH_OF = 2_000
"""Messages that the graph of a thread is drawn from: the newest ones."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The interaction graph with a place for everyone in it."""

    graph: Interactions
    places: Mapping[str, tuple[float, float]]


class Session:
    """One open hub, and whoever wants to hear what was read from it."""

    def __init__(self, hub: Facade, tell: Callable[[Fact], object]) -> None:
        self.hub = hub
        self.memory = Memory.read(hub.settings.home / "screen.json")
        """What is remembered between two runs."""
        self._tell = tell
        self._picture: Picture | None = None

    async def begin(self, ref: str | None) -> None:
        """Read what the first screen shows and open a thread, the newest unless named.

        Raises:
            NotFoundError: A thread was named and there is none.
        """
        providers = tuple(dict.fromkeys(d.provider for d in self.hub.deployments))
        self._tell(HubOpened(self.hub.personas, providers))
        await self.read_threads()
        try:
            await self.open(ref or "last")
        except NotFoundError:
            if ref:
                raise
        await self.read_budgets()

    async def read_threads(self) -> None:
        """Read the list of threads."""
        self._tell(ThreadsRead(await self.hub.threads()))

    async def open(self, ref: str) -> None:
        """Read the newest page of a thread, then what is known of its turns."""
        thread = await self.hub.thread(ref)
        messages = await self.hub.messages(thread.id, limit=PAGE)
        decisions = await self.hub.decisions(thread.id, limit=1)
        complete = not messages or messages[0].seq <= 1
        decision = decisions[0] if decisions else None
        self._tell(ThreadOpened(thread, messages, complete, decision))
        await self.read_turns(thread.id)

    async def read_turns(self, thread_id: ThreadId) -> None:
        """Read who served the turns of a thread, what they cost, and what was decided."""
        turns = await self.hub.turn_summaries(thread_id)
        decisions = await self.hub.decisions(thread_id, limit=1)
        self._tell(TurnsRead(thread_id, turns, decisions[0] if decisions else None))

    async def read_older(self, thread_id: ThreadId, before: int) -> None:
        """Read the page before a message."""
        messages = await self.hub.messages(thread_id, before=before, limit=PAGE)
        self._tell(OlderRead(thread_id, messages, not messages or messages[0].seq <= 1))

    async def catch_up(self, thread_id: ThreadId, after: int) -> None:
        """Read what was missed behind a message."""
        self._tell(NewerRead(thread_id, await self.hub.messages(thread_id, after=after)))
        await self.read_turns(thread_id)
        await self.read_threads()

    async def read_health(self) -> None:
        """Ask the providers how they are."""
        self._tell(HealthRead(await self.hub.health()))

    async def read_budgets(self) -> None:
        """Read the caps and what counts against them."""
        self._tell(BudgetsRead(await self.hub.budgets()))

    async def picture(self, thread_id: ThreadId | None) -> Picture:
        """Return the graph of a thread, laid out from where everyone stood before."""
        if thread_id is None:
            return Picture(Interactions("", (), ()), {})
        graph = await self.hub.latest_interactions(thread_id, GRAPH_OF)
        start = self._picture.places if self._picture else None
        names = {node.name for node in graph.nodes}
        known = {name: place for name, place in (start or {}).items() if name in names}
        self._picture = Picture(graph, await self.hub.layout(graph, known or None))
        return self._picture

    async def estimate(self, ask: Ask, thread_id: ThreadId | None) -> Estimate:
        """Return what a question may cost."""
        return await self.hub.estimate(ask, thread_id)

    async def ask(self, ask: Ask, thread_id: ThreadId | None) -> Answer:
        """Ask, in a thread of its own where none is open."""
        if thread_id is None:
            thread_id = (await self.new_thread()).id
        return await self.hub.ask(ask, thread_id)

    async def new_thread(self) -> Thread:
        """Create a thread and open it; its first question gives it a title."""
        thread = await self.hub.create_thread()
        self._tell(ThreadOpened(thread, (), complete=True))
        return thread

    async def branch(self, message_id: str) -> ThreadId:
        """Open a branch that ends before a message, and show it."""
        thread = await self.hub.branch(message_id)
        await self.open(thread.id)
        return thread.id

    async def reach(self, message: Message, view: View) -> None:
        """Load what is missing between a message and what is shown; open its thread where needed."""
        if message.thread_id != view.thread_id:
            await self.open(message.thread_id)
            newest = await self.hub.messages(message.thread_id, limit=PAGE)
            first = newest[0].seq if newest else 0
        else:
            first = view.first_seq or 0
        if message.seq < first:
            after = max(0, message.seq - PAGE // 4)
            older = await self.hub.messages(message.thread_id, before=first, after=after)
            self._tell(OlderRead(message.thread_id, older, after == 0))

    async def import_file(self, name: str, largest: int) -> Imports:
        """Take in the threads of a file.

        Raises:
            UsageError: It cannot be read, or is too large.
            TranscriptError: It is refused.
        """

        def read() -> bytes:
            with Path(name).expanduser().open("rb") as file:
                return file.read(largest + 1)

        try:
            data = await asyncio.to_thread(read)
        except (OSError, RuntimeError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or "no such path").lower()
            raise UsageError(f"{one_line(name, 80)} cannot be read: {reason}.") from error
        if len(data) > largest:
            raise UsageError("The file is larger than 64 MB: split it.")
        return await self.hub.import_file(data)

    async def export(self, thread_id: ThreadId, name: str, decision: DecisionId | None) -> Path:
        """Write a thread, a picture of it, or its newest decision to the exports folder; return where.

        Raises:
            UsageError: The format is unknown, or there is no decision.
            ExportError: It cannot be written.
        """
        from hub.exports.names import file_name, write_new

        wanted = EXPORTS.get(name)
        if wanted is None:
            known = ", ".join(EXPORTS)
            raise UsageError(f"Unknown format {one_line(name, 20)!r}: choose one of {known}.")
        thread = await self.hub.thread(thread_id)
        content = await exported(self.hub, wanted, thread.id, decision)
        folder = self.hub.settings.exports
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / file_name(thread, wanted.suffix)
        if wanted.kind not in ("", "network"):
            path = path.with_stem(f"{path.stem}-{wanted.kind}")
        return write_new(path, content, force=True)
