"""The program under the soak: a real hub that asks and asks until it is killed or told to end.

`python -m tests.faults.soak_hub SEED` prints `ack ID` for each message that it was told is posted
and `fault WHAT` for each fault of its own; it ends when its stdin does. With `finish` for a seed it
only runs to their end what dead programs left.
"""

from __future__ import annotations

import asyncio
import random
import resource
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import agents.client
from agents.capabilities import capabilities_of
from agents.deadlines import Deadlines
from hub.config import load
from hub.domain.ask import Ask, Mode
from hub.domain.event import MessagePosted
from hub.errors import GitBridgeError
from hub.hub import Hub
from ui.wiring import SystemClock, open_hub

SPEED = 10.0
"""Seconds of the hub in one of the machine: rests and cool-downs are over sooner."""
AT_ONCE = 8
_HURRIED = Deadlines(first_token_s=0.5, idle_s=0.3, total_s=1.5, connect_s=1.0)
_MODES = {Mode.MESSAGE: 6, Mode.DISCUSS: 2, Mode.DECIDE: 2}


class SwiftClock(SystemClock):
    """Time that passes faster, and whose date jumps."""

    jumped_s = 0.0

    def now(self) -> int:
        """UTC microseconds, as wrong as they were made."""
        return super().now() + round(self.jumped_s * 1e6)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds / SPEED)


async def main(seed: str) -> None:
    """Run until stdin ends."""
    agents.client.capabilities_of = lambda kind, model: replace(
        capabilities_of(kind, model), deadlines=_HURRIED
    )
    clock = SwiftClock()
    async with open_hub(load(), clock=clock) as hub:
        telling = asyncio.create_task(_tell(hub))
        with suppress(GitBridgeError):
            await hub.resume()
        if seed != "finish":
            await _soak(hub, clock, seed)
        telling.cancel()


async def _soak(hub: Hub, clock: SwiftClock, seed: str) -> None:
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    work = [
        asyncio.create_task(_ask_on(hub, random.Random(f"{seed}/{number}")))  # noqa: S311  a schedule
        for number in range(AT_ONCE)
    ]
    work.append(asyncio.create_task(_trouble(hub, clock, random.Random(f"{seed}/trouble"))))  # noqa: S311
    await asyncio.wait([ended, *work], return_when=asyncio.FIRST_COMPLETED)
    for task in work:
        if task.done():
            task.result()  # a defect: it ends the program with a traceback
        task.cancel()
    await asyncio.wait(work)


async def _tell(hub: Hub) -> None:
    with hub.subscribe() as line:
        async for event in line:
            if isinstance(event, MessagePosted):
                _say(f"ack {event.message.id}")


async def _ask_on(hub: Hub, draw: random.Random) -> None:
    """Ask one question after the other, in new threads and in its own."""
    thread = None
    for number in range(100_000):
        [mode] = draw.choices(list(_MODES), list(_MODES.values()))
        ask = Ask(
            f"Question {number} of {draw.random()}",
            mode,
            options=("tabs", "spaces") if mode is Mode.DECIDE else (),
            budget=draw.choice([None, None, 40_000, 400_000]),
            timeout_s=draw.choice([None, None, 30.0]),
        )
        if thread is None or draw.random() < 0.3:
            with suppress(GitBridgeError):
                thread = (await hub.create_thread(f"Thread {draw.random()}")).id
        stopping_s = draw.uniform(0.0, 0.3) if draw.random() < 0.1 else None
        async with asyncio.TaskGroup() as both:
            both.create_task(_asked(hub, ask, thread))
            if stopping_s is not None:
                both.create_task(_stopped(hub, thread, stopping_s))
        await asyncio.sleep(0.005)


async def _asked(hub: Hub, ask: Ask, thread: str | None) -> None:
    with suppress(GitBridgeError):
        await hub.ask(ask, thread)


async def _stopped(hub: Hub, thread: str | None, seconds: float) -> None:
    await asyncio.sleep(seconds)
    with suppress(GitBridgeError):
        await hub.stop(thread)
        _say("fault 38 stopped")


async def _trouble(hub: Hub, clock: SwiftClock, draw: random.Random) -> None:
    """Let the disk take nothing more, or set the clock, now and then."""
    log = Path(f"{hub.settings.database}-wal")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    while True:
        await asyncio.sleep(draw.uniform(0.2, 1.0))
        if draw.random() < 0.5:
            clock.jumped_s = draw.choice([0.0, -86_400.0, 86_400.0, -3_600.0])
            _say("fault 17 clock")
            continue
        _say("fault 10 write error")
        try:
            size = log.stat().st_size  # noqa: ASYNC240  at once
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
            await asyncio.sleep(draw.uniform(0.05, 0.4))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  the soak reads it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
