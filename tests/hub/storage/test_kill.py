"""A program that is killed while it writes loses nothing that it had been told was written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hub.domain.query import Messages, ThreadByRef
from hub.storage.sqlite import SQLiteStore
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.anyio

CHILD = """
import asyncio, pathlib, sys
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, post
from tests.fakes.clock import FakeClock

async def main():
    home = pathlib.Path(sys.argv[1])
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())
    thread = await a_thread(store)
    async def produce(name):
        for number in range(100_000):
            print((await post(store, thread, f"{name} {number}")).id, flush=True)
    async with asyncio.TaskGroup() as group:
        for name in range(8):
            group.create_task(produce(name))

asyncio.run(main())
"""


@pytest.mark.parametrize("kill_after", [1, 40, 150])
async def test_every_acknowledged_message_is_there_once_without_a_gap(
    home: Path, kill_after: int
) -> None:
    child = subprocess.Popen(  # noqa: ASYNC220  nothing else waits on this loop
        [sys.executable, "-c", CHILD, str(home)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().strip() for _ in range(kill_after)]
    child.kill()
    rest = child.communicate()[0].split("\n")
    acknowledged += rest[:-1]  # the last line may be cut

    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())
    thread = await store.read(ThreadByRef("last"))
    stored = await store.read(Messages(thread.id))
    await store.close()

    assert len(acknowledged) >= kill_after
    assert set(acknowledged) <= {message.id for message in stored}
    assert [message.seq for message in stored] == list(range(1, thread.last_seq + 1))
    for name in range(8):
        numbers = [int(m.body.split()[1]) for m in stored if m.body.startswith(f"{name} ")]
        assert numbers == list(range(len(numbers)))
