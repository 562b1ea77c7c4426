"""Ordered, bounded, in-process events: a slow subscriber never holds up the hub."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from hub.domain.event import Delta, Event, Lagged, MessagePosted
from hub.domain.ids import ThreadId
from hub.domain.thread import Message

CAPACITY = 4_096
"""Events that may wait for one subscriber."""


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
        self._told: dict[ThreadId, int] = {}
        self._ahead: dict[ThreadId, set[int]] = {}
        """Told already, beyond a number that is yet to come."""

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
            if isinstance(event, MessagePosted) and not self._is_news(event.message):
                continue
            for subscription in tuple(self._subscriptions):
                subscription.offer(event)

    def told(self, thread: ThreadId) -> int:
        """Return the number up to which every message of a thread was told."""
        return self._told.get(thread, 0)

    def know(self, thread: ThreadId, seq: int) -> None:
        """Take the messages of a thread up to a number as told."""
        self._told[thread] = max(seq, self.told(thread))

    def _is_news(self, message: Message) -> bool:
        """Note a message as told; return False where it was before. Numbers have no gap."""
        thread, told = message.thread_id, self.told(message.thread_id)
        ahead = self._ahead.setdefault(thread, set())
        if message.seq <= told or message.seq in ahead:
            return False
        ahead.add(message.seq)
        while told + 1 in ahead:
            told += 1
            ahead.remove(told)
        self._told[thread] = told
        return True
