"""Ordered, bounded, in-process events: a slow subscriber never holds up the hub."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from hub.domain.event import Delta, Event, Lagged, MessagePosted, ThreadChanged, ThreadDeleted
from hub.domain.ids import ThreadId
from hub.domain.thread import Thread

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


class Told:
    """What was told so far: threads as they stood, and messages by their numbers."""

    def __init__(self) -> None:
        self.threads: dict[ThreadId, Thread] = {}
        self._up_to: dict[ThreadId, int] = {}
        self._beyond: dict[ThreadId, set[int]] = {}
        """Told already, behind a number that is yet to come."""

    def know(self, thread: Thread) -> None:
        """Take a thread, with all its messages, as told."""
        self.threads[thread.id] = thread
        self._up_to[thread.id] = max(thread.last_seq, self.up_to(thread.id))

    def up_to(self, thread: ThreadId) -> int:
        """Return the number up to which every message of a thread was told."""
        return self._up_to.get(thread, 0)

    def note(self, event: Event) -> bool:
        """Note an event as told; return False for a message that was told before."""
        match event:
            case ThreadChanged(thread):
                self.threads[thread.id] = thread
            case ThreadDeleted(id_):
                self.threads.pop(id_, None)
            case MessagePosted(message):
                return self._is_news(message.thread_id, message.seq)
            case _:
                pass
        return True

    def _is_news(self, thread: ThreadId, seq: int) -> bool:
        """Note the number of a message; the numbers of a thread have no gap."""
        told, beyond = self.up_to(thread), self._beyond.setdefault(thread, set())
        if seq <= told or seq in beyond:
            return False
        beyond.add(seq)
        while told + 1 in beyond:
            told += 1
            beyond.remove(told)
        self._up_to[thread] = told
        return True


class Bus:
    """Tells every subscriber what happened, in the order it was published."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self.told = Told()

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
            if self.told.note(event):
                for subscription in tuple(self._subscriptions):
                    subscription.offer(event)
