from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from ui.cli.interrupts import Interrupts

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there"),
]


def me() -> asyncio.Task[int]:
    task = asyncio.current_task()
    assert task is not None
    return task


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_cancels_the_task_when_nobody_answers_it(number):
    interrupts = Interrupts(me())

    with interrupts.caught():
        os.kill(os.getpid(), number)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()

    me().uncancel()
    assert interrupts.count == 1


async def test_the_first_signal_is_answered_gently_and_the_second_cancels():
    interrupts, stopping, forced = Interrupts(me()), asyncio.Event(), asyncio.Event()
    interrupts.forced = forced.set

    async def gentle() -> None:
        stopping.set()

    with interrupts.caught(), interrupts.answered_by(gentle):
        os.kill(os.getpid(), signal.SIGINT)
        await stopping.wait()
        assert not forced.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.Event().wait()

    me().uncancel()
    assert interrupts.count == 2
    assert forced.is_set()


async def test_the_handlers_that_were_there_come_back():
    before = signal.getsignal(signal.SIGTERM)

    with Interrupts(me()).caught():
        assert signal.getsignal(signal.SIGTERM) is not before

    assert signal.getsignal(signal.SIGTERM) is before
