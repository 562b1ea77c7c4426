"""Ordered, bounded, in-process events: a slow subscriber never holds up the hub."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from hub.domain.event import Delta, Event, Lagged, MessagePosted
from hub.domain.ids import MessageId

CAPACITY = 4_096
"""Events that may wait for one subscriber."""
REMEMBERED = 512
"""Posted messages that are known as told."""


class Subscription:
    """One subscriber's line of events; iterate over it, close it when done."""

    def __init__(self, bus: Bus, capacity: int) -> None:
        self._bus = bus
        self._capacity = capacity
        self._events: deque[Event] = deque()
        self._missed = 0
        self._ready = asyncio.Event()
        self._closed = False

    def offer(self, event: Event) -> None:
        """Put an event in line; when the line is full, text of running turns goes first."""
        if len(self._events) >= self._capacity:
            if isinstance(event, Delta):
                return
            self._events.clear()
            self._missed += self._capacity
            self._events.append(Lagged(self._missed))
        self._events.append(event)
        self._ready.set()

    def drain(self) -> tuple[Event, ...]:
        """Return all events in line without waiting."""
        events = tuple(self._events)
        self._events.clear()
        self._ready.clear()
        return events

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            await self._ready.wait()
            for event in self.drain():
                yield event
            if self._closed:
                return

    def close(self) -> None:
        """Leave the bus; iteration ends after what is in line."""
        self._closed = True
        self._bus.leave(self)
        self._ready.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Bus:
    """Tells every subscriber what happened, in the order it was published."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._posted: deque[MessageId] = deque(maxlen=REMEMBERED)

    def subscribe(self, capacity: int = CAPACITY) -> Subscription:
        """Return a new line of events, from now on."""
        subscription = Subscription(self, capacity)
        self._subscriptions.append(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Take a subscription off the bus; doing so twice is harmless."""
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)

    def publish(self, *events: Event) -> None:
        """Hand events to every subscriber; returns at once.

        A message is told once, whether its own turn or the journal's follower tells it first.
        """
        for event in events:
            if isinstance(event, MessagePosted):
                if event.message.id in self._posted:
                    continue
                self._posted.append(event.message.id)
            for subscription in tuple(self._subscriptions):
                subscription.offer(event)
