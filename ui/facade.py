"""What the terminal UI uses of the hub, so that it can paint before the hub is imported.

`hub.hub.Hub` fits by its shape; importing it takes as long as the first paint may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from hub.bus import Subscription
from hub.domain.agent import YOU, Deployment, Persona
from hub.domain.ask import Answer, Ask, Estimate
from hub.domain.decision import Decision
from hub.domain.ids import ThreadId, TurnId
from hub.domain.mark import Marked
from hub.domain.route import Health
from hub.domain.thread import Message, Thread, ThreadSummary
from hub.domain.transcript import Interactions, TurnSummary
from hub.domain.turn import Turn
from hub.domain.usage import Budget, Cap, UsageRow

Places = Mapping[str, tuple[float, float]]
"""Where participants stand in the graph."""


class Settings(Protocol):
    """The settings that the terminal UI reads."""

    @property
    def exports(self) -> Path:
        """Folder for exports."""
        ...


class Record(Protocol):
    """Reading and editing; documented at `hub.record.Record`."""

    @property
    def settings(self) -> Settings: ...

    personas: tuple[Persona, ...]
    deployments: tuple[Deployment, ...]

    async def create_thread(self, title: str = "") -> Thread: ...
    async def threads(self, *, archived: bool = False) -> tuple[ThreadSummary, ...]: ...
    async def thread(self, ref: str) -> Thread: ...
    async def messages(
        self,
        thread_id: ThreadId,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> tuple[Message, ...]: ...
    async def rename(self, ref: str, title: str) -> Thread: ...
    async def decisions(
        self, ref: str | None = None, limit: int | None = None
    ) -> tuple[Decision, ...]: ...
    async def usage(
        self, by: str = "provider", since: str | None = None
    ) -> tuple[UsageRow, ...]: ...
    async def set_budget(self, scope: str, cap: int | None) -> Cap | None: ...
    async def budgets(self) -> Mapping[str, Budget]: ...
    async def turn_summaries(self, thread_id: ThreadId) -> Mapping[TurnId, TurnSummary]: ...
    async def latest_interactions(self, thread_id: ThreadId, newest: int) -> Interactions: ...
    async def layout(self, graph: Interactions, start: Places | None = None) -> Places: ...
    async def export(self, ref: str, format: str) -> str: ...  # noqa: A002  the word people use


class Facade(Record, Protocol):
    """Asking, stopping and listening; documented at `hub.hub.Hub`."""

    def subscribe(self) -> Subscription: ...
    async def ask(self, ask: Ask, ref: str | None = None) -> Answer: ...
    async def estimate(self, ask: Ask, ref: str | None = None) -> Estimate: ...
    async def stop(self, ref: str | None = None) -> int: ...
    async def expire(self) -> tuple[Thread, ...]: ...
    async def orphans(self) -> tuple[Turn, ...]: ...
    async def unanswered(self) -> tuple[Message, ...]: ...
    async def resume(self, ref: str | None = None) -> tuple[Turn, ...]: ...
    async def drop(self, ref: str | None = None) -> tuple[Turn, ...]: ...
    async def health(self) -> tuple[Health, ...]: ...

    @property
    def strategy(self) -> str: ...

    def set_strategy(self, name: str) -> None: ...

    async def vote(
        self,
        ref: str,
        choices: Sequence[str] = (),
        *,
        block: bool = False,
        reason: str = "",
        name: str = YOU,
    ) -> Decision: ...
    async def propose(self, ref: str, text: str) -> Message: ...
    async def override(
        self, ref: str, option: str, *, name: str = YOU, reason: str
    ) -> Decision: ...
    async def mark_decision(
        self, ref: str, *, right: bool, answer: str | None = None
    ) -> Marked: ...
