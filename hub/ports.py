"""What the hub needs from outside, as Protocols: implement one to plug in your own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol, TypeVar, runtime_checkable

from hub.domain.change import Change
from hub.domain.ids import TurnId
from hub.domain.query import Query
from hub.domain.route import Health
from hub.domain.turn import Reply, View
from hub.domain.usage import Price

T = TypeVar("T")

OnDelta = Callable[[str], None]
"""Called with each piece of visible text as it arrives; must return at once."""


class Agent(Protocol):
    """One provider: answers views with any of its models."""

    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        """Make one call and return its cleaned, counted answer.

        Raises:
            ProviderError: Any subclass; `outcome` says whether it may have cost anything.
        """
        ...

    async def health(
        self, *, timeout_s: float = 5.0, model: str | None = None, retries: int = 0
    ) -> Health:
        """Ping by free questions alone; a `ProviderError` is reported, never raised.

        Args:
            timeout_s: Bound of each question, in seconds.
            model: Also ask whether the key may use this one.
            retries: Repeats of a question that failed, with exponential backoff.
        """
        ...

    async def close(self) -> None:
        """Close connections and child processes."""
        ...


@runtime_checkable
class PriceLister(Protocol):
    """An agent whose provider lists its own prices, for free."""

    async def prices(self, *, timeout_s: float = 5.0) -> Mapping[str, Price]:
        """Return what each model costs, by name and alias.

        Raises:
            ProviderError: It was not answered, or with something else.
        """
        ...


class Store(Protocol):
    """The journal."""

    async def commit(self, change: Change[T]) -> T:
        """Apply one change as one durable transaction."""
        ...

    async def read(self, query: Query[T]) -> T:
        """Answer one query from committed data."""
        ...

    def follow(self) -> AsyncIterator[None]:
        """Yield after other programs wrote to the journal; several writes may yield once."""
        ...

    async def close(self) -> None:
        """Finish what is in line, then close."""
        ...


class TurnEngine(Protocol):
    """Dispatches queued turns; losing its state loses time, nothing else (STORAGE: TurnEngine)."""

    async def start(self, run: Callable[[TurnId], Awaitable[None]]) -> None:
        """Dispatch from now on; `run` returns at once for a finished turn."""
        ...

    async def enqueue(self, turn: TurnId, partition: str) -> None:
        """Dispatch a turn whose row is QUEUED; doing so twice is harmless."""
        ...

    async def cancel(self, turn: TurnId) -> None:
        """Stop a turn now; its task books what is known before it ends."""
        ...

    async def stop(self, grace_s: float = 5.0) -> None:
        """Let running turns finish for `grace_s` seconds, then cancel them."""
        ...


class Clock(Protocol):
    """Time, so that tests can own it."""

    def now(self) -> int:
        """UTC microseconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class PriceBook(Protocol):
    """What models cost."""

    def price(self, provider: str, model: str) -> Price | None:
        """Return the price today, or the ceiling set for an unknown one; None: nobody can say."""
        ...
