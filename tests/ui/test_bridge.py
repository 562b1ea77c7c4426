"""The bridge: at most one batch per interval, nothing lost, nothing reordered."""

import asyncio

import pytest

from hub.bus import Bus
from hub.domain.event import Delta, Notice
from hub.domain.ids import ThreadId, TurnId
from ui.bridge import INTERVAL_S, Bridge

pytestmark = pytest.mark.anyio


class Beats:
    """A sleep that ends when the test says so."""

    def __init__(self):
        self.asked = []
        self._gate = asyncio.Event()

    async def sleep(self, seconds):
        self.asked.append(seconds)
        await self._gate.wait()
        self._gate.clear()

    async def beat(self):
        self._gate.set()
        await settle()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


def delta(text):
    return Delta(ThreadId("t1"), TurnId("u1"), "critic", text)


async def test_the_first_event_goes_at_once_and_the_next_ones_wait_for_the_beat():
    bus, beats, batches = Bus(), Beats(), []
    subscription = bus.subscribe()
    task = asyncio.create_task(Bridge(subscription, batches.append, sleep=beats.sleep).run())
    bus.publish(delta("a"))
    await settle()
    bus.publish(delta("b"))
    await settle()
    bus.publish(delta("c"), Notice("done"))
    await settle()

    assert [len(batch) for batch in batches] == [1]
    await beats.beat()
    assert batches[1] == (delta("bc"), Notice("done"))
    assert beats.asked[0] == INTERVAL_S
    task.cancel()


async def test_what_is_in_line_when_the_subscription_closes_is_still_delivered():
    bus, beats, batches = Bus(), Beats(), []
    subscription = bus.subscribe()
    bus.publish(Notice("1"))
    task = asyncio.create_task(Bridge(subscription, batches.append, sleep=beats.sleep).run())
    await settle()
    bus.publish(Notice("2"))
    subscription.close()

    await task

    assert [e.text for batch in batches for e in batch] == ["1", "2"]
