"""Whether a client that stays open grows: memory, sockets and tasks over many calls.

`python -m benchmarks.endurance [--json]`: 20,000 whole calls and 2,000 streams that are cancelled
after their first words, through one client, against a server that thinks for no time. A fifth of
each goes first, so that pools and caches are filled before anything is counted.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.canned import serving
from benchmarks.client import agent_at, asking
from hub.ports import Agent

_WARM = 5
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Held:
    """What the process holds at one moment."""

    rss_kb: int | None
    """None where the system does not say."""
    sockets: int | None
    tasks: int
    objects: int


def held() -> Held:
    """Return what is held now, after a full collection."""
    gc.collect()
    status, descriptors = Path("/proc/self/status"), Path("/proc/self/fd")
    if not status.exists():
        return Held(None, None, len(asyncio.all_tasks()), len(gc.get_objects()))
    rss = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    open_now = [os.path.realpath(name) for name in descriptors.iterdir()]
    sockets = sum("socket:" in name for name in open_now)
    return Held(int(rss.split()[1]), sockets, len(asyncio.all_tasks()), len(gc.get_objects()))


async def endure(url: str, calls: int, cancelled: int) -> tuple[Held, Held]:
    """Return what one client held after a fifth of the calls, and after all of them."""
    agent = agent_at(url, stream=True)
    whole = agent_at(url, stream=False)
    ask, stream = asking(whole), asking(agent)
    try:
        await _many(ask, calls // _WARM)
        await _many(lambda: _cut_off(agent), cancelled // _WARM)
        await stream()
        before = held()
        await _many(ask, calls - calls // _WARM)
        await _many(lambda: _cut_off(agent), cancelled - cancelled // _WARM)
        await stream()
        await asyncio.sleep(0)
        return before, held()
    finally:
        await agent.close()
        await whole.close()


async def _cut_off(agent: Agent) -> None:
    """Ask, and leave as soon as there is text."""
    task: asyncio.Task[object]

    def leave(_: str) -> None:
        task.cancel()

    async def ask() -> object:
        return await asking(agent, leave)()

    task = asyncio.create_task(ask())
    with suppress(asyncio.CancelledError):
        await task


async def _many(call: Callable[[], Awaitable[object]], times: int) -> None:
    """Make calls, some at once."""
    left = iter(range(times))

    async def worker() -> None:
        for _ in left:
            await call()

    async with asyncio.TaskGroup() as group:
        for _ in range(min(_AT_ONCE, times)):
            group.create_task(worker())


def figures(before: Held, after: Held, calls: int, cancelled: int) -> Mapping[str, int | None]:
    """Return the growth from the one to the other; None where it is not known."""
    memory = None if before.rss_kb is None or after.rss_kb is None else after.rss_kb - before.rss_kb
    opened = None
    if before.sockets is not None and after.sockets is not None:
        opened = after.sockets - before.sockets
    return {
        "calls": calls,
        "cancelled": cancelled,
        "rss_growth_kb": memory,
        "socket_growth": opened,
        "task_growth": after.tasks - before.tasks,
        "object_growth": after.objects - before.objects,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--cancelled", type=int, default=2_000)
    arguments = parser.parse_args()
    with serving() as url:
        before, after = asyncio.run(endure(url, arguments.calls, arguments.cancelled))
    found = figures(before, after, arguments.calls, arguments.cancelled)
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:16}{value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
