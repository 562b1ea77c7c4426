"""The line of turns that wait for room."""

import asyncio

import pytest

from hub.router.line import Line
from tests.fakes.clock import settle

pytestmark = pytest.mark.anyio


class Waiters:
    """Turns in one line, by name."""

    def __init__(self, clock):
        self.room = {}
        self.line = Line(clock, lambda provider: self.room.get(provider, 0))
        self.tasks = {}

    async def add(self, name, *providers, seconds=None):
        work = self.line.wait(name, providers or ("openai",), 100, seconds)
        self.tasks[name] = asyncio.create_task(work)
        await settle()

    def admit(self, **room):
        self.room = room
        self.line.admit()

    async def woken(self):
        await settle()
        return [name for name, task in self.tasks.items() if task.done()]

    async def stop(self):
        for task in self.tasks.values():
            task.cancel()
        await asyncio.wait(self.tasks.values())


async def test_as_many_are_woken_as_there_is_room_for_in_their_order(clock):
    waiters = Waiters(clock)
    for name in "abc":
        await waiters.add(name)

    waiters.admit(openai=2)

    assert await waiters.woken() == ["a", "b"]
    await waiters.stop()


async def test_one_that_is_woken_keeps_its_place_and_its_room_until_it_leaves(clock):
    waiters = Waiters(clock)
    for name in "ab":
        await waiters.add(name)

    waiters.admit(openai=1)
    waiters.admit(openai=1)
    assert await waiters.woken() == ["a"]
    assert waiters.line.ahead_of("b") == {"openai": (1, 100)}
    waiters.line.leave("a")

    assert await waiters.woken() == ["a", "b"]
    assert waiters.line.ahead_of("b") == {}


async def test_who_waits_for_another_provider_is_passed_by(clock):
    waiters = Waiters(clock)
    await waiters.add("a", "grok")
    await waiters.add("b", "openai", "grok")

    waiters.admit(openai=1, grok=0)

    assert await waiters.woken() == ["b"]
    assert waiters.line.ahead_of("new") == {"grok": (2, 200), "openai": (1, 100)}
    await waiters.stop()


async def test_a_rate_limit_wakes_by_the_clock_and_leaves_no_task_behind(clock):
    waiters = Waiters(clock)
    await waiters.add("a", seconds=3.0)
    before = len(asyncio.all_tasks())

    await clock.advance(2.9)
    assert await waiters.woken() == []
    await clock.advance(0.2)

    assert await waiters.woken() == ["a"]
    assert len(asyncio.all_tasks()) == before - 3


async def test_one_that_stops_waiting_lets_the_others_by(clock):
    waiters = Waiters(clock)
    for name in "ab":
        await waiters.add(name)

    waiters.tasks["a"].cancel()
    waiters.room = {"openai": 1}
    waiters.line.leave("a")

    assert await waiters.woken() == ["a", "b"]
