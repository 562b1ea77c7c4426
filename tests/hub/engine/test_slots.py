import asyncio

import pytest

from hub.domain.ids import TurnId
from hub.engine.slots import Slots
from tests.fakes.clock import settle

pytestmark = pytest.mark.anyio
A, B = TurnId("a"), TurnId("b")


async def test_a_turn_that_waits_lends_its_place_and_takes_one_before_it_goes_on():
    slots, over, back = Slots(1), asyncio.Event(), asyncio.Event()

    async def waits():
        await slots.take()
        async with slots.aside(A):
            await over.wait()
        back.set()
        slots.give(A)

    task = asyncio.create_task(waits())
    await settle()
    await slots.take()
    over.set()
    await settle()
    assert not back.is_set()

    slots.give(B)
    await task

    assert back.is_set()


@pytest.mark.parametrize("over", [False, True], ids=["while it waits", "before it has one again"])
async def test_one_that_is_cancelled_aside_gives_no_place_back_twice(over):
    slots, passed = Slots(1), asyncio.Event()

    async def waits():
        await slots.take()
        try:
            async with slots.aside(A):
                await passed.wait()
        finally:
            slots.give(A)

    task = asyncio.create_task(waits())
    await settle()
    await slots.take()
    if over:
        passed.set()
        await settle()
    task.cancel()
    await asyncio.wait([task])

    taken = asyncio.create_task(slots.take())
    await settle()
    assert not taken.done()
    slots.give(B)
    await taken
