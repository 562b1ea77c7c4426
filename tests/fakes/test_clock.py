from __future__ import annotations

import asyncio

import pytest

from tests.fakes.clock import START, settle

pytestmark = pytest.mark.anyio


async def test_sleepers_wake_in_the_order_of_their_time(clock):
    woken = []

    async def sleeper(seconds):
        await clock.sleep(seconds)
        woken.append((seconds, clock.now()))

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (3, 1, 2)]
    await clock.advance(2.5)
    assert woken == [(1, START + 1_000_000), (2, START + 2_000_000)]
    await clock.advance(1)

    assert woken[-1] == (3, START + 3_000_000)
    assert all(task.done() for task in tasks)


async def test_setting_the_wall_clock_back_wakes_nobody(clock):
    task = asyncio.create_task(clock.sleep(1))
    await settle()
    clock.shift(-86_400)
    await settle()

    assert not task.done()
    assert clock.now() == START - 86_400_000_000
    task.cancel()


async def test_a_sleeper_that_sleeps_again_runs_within_one_advance(clock):
    times = []

    async def ticker():
        for _ in range(3):
            await clock.sleep(1)
            times.append(clock.monotonic())

    task = asyncio.create_task(ticker())
    await clock.advance(3)

    assert task.done()
    assert [at - 1_000 for at in times] == [1, 2, 3]
