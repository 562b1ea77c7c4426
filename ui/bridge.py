"""From the hub's events to the screen's batches: at most 12 a second, text merged per turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from hub.bus import Subscription
from hub.domain.event import Delta, Event
from hub.domain.ids import TurnId

INTERVAL_S = 1 / 12
"""Least time between two batches: faster than anyone reads, slow enough to stay cheap."""


def merge(events: Iterable[Event]) -> tuple[Event, ...]:
    """Join the text of each turn; nothing moves past an event that is not text."""
    merged: list[Event] = []
    open_at: dict[TurnId, int] = {}
    for event in events:
        if not isinstance(event, Delta):
            open_at.clear()
            merged.append(event)
        elif event.turn_id in open_at:
            at = open_at[event.turn_id]
            before = merged[at]
            if isinstance(before, Delta):
                merged[at] = replace(before, text=before.text + event.text)
        else:
            open_at[event.turn_id] = len(merged)
            merged.append(event)
    return tuple(merged)


class Bridge:
    """Carries one subscription to one receiver; the first event after a rest goes at once."""

    def __init__(
        self,
        subscription: Subscription,
        deliver: Callable[[tuple[Event, ...]], object],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._subscription = subscription
        self._deliver = deliver
        self._sleep = sleep
        self._waiting: list[Event] = []
        self._ready = asyncio.Event()

    async def run(self) -> None:
        """Carry events until the subscription is closed or the task is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            carrying = tasks.create_task(self._carry())
            async for event in self._subscription:
                self._waiting.append(event)
                self._ready.set()
            carrying.cancel()
        self._flush()

    async def _carry(self) -> None:
        while True:
            await self._ready.wait()
            self._flush()
            await self._sleep(INTERVAL_S)

    def _flush(self) -> None:
        self._ready.clear()
        events, self._waiting = self._waiting, []
        if events:
            self._deliver(merge(events))
