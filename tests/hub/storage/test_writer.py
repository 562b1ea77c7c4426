"""The writing thread: batches, refusals, a failing disk, other programs' locks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from hub.domain.change import Change, PostMessage
from hub.domain.query import Messages, Query, ThreadList
from hub.errors import NotFoundError, ReadOnlyStoreError, StorageError
from hub.storage.changes.dispatch import APPLIERS
from hub.storage.queries.dispatch import ANSWERS
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, message, post
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sqlite(home: Path, clock: FakeClock) -> AsyncIterator[SQLiteStore]:
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=clock, busy_s=0)
    yield store
    await store.close()


def writing(store: SQLiteStore) -> apsw.Connection:
    assert store._writer is not None
    return store._writer._connection


async def test_every_change_and_query_is_known() -> None:
    # By name: a class made with slots leaves its first draft behind.
    assert {cls.__name__ for cls in APPLIERS} == {cls.__name__ for cls in Change.__subclasses__()}
    assert {cls.__name__ for cls in ANSWERS} == {cls.__name__ for cls in Query.__subclasses__()}


async def test_a_refused_change_undoes_itself_alone(sqlite: SQLiteStore) -> None:
    thread = await a_thread(sqlite)
    lone = "a lone surrogate \ud800 that nobody cleaned"
    wanted = [message(thread, body) for body in ("one", lone, "two")]

    results = await together(sqlite, [PostMessage(m) for m in wanted])

    assert isinstance(results[1], UnicodeEncodeError)
    stored = await sqlite.read(Messages(thread.id))
    assert [(m.seq, m.body) for m in stored] == [(1, "one"), (2, "two")]


async def together(store: SQLiteStore, changes: list[Change[Any]]) -> list[object]:
    async def one(change: Change[Any]) -> object:
        try:
            return await store.commit(change)
        except (StorageError, NotFoundError, UnicodeEncodeError) as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(change)) for change in changes]
    return [task.result() for task in tasks]


async def test_a_full_disk_refuses_until_there_is_room_again(sqlite: SQLiteStore) -> None:
    thread = await a_thread(sqlite)
    pages = writing(sqlite).pragma("page_count")
    writing(sqlite).pragma("max_page_count", pages)
    large = [PostMessage(message(thread, "x" * 50_000)) for _ in range(3)]

    results = await together(sqlite, list(large))

    assert all(isinstance(result, ReadOnlyStoreError) for result in results)
    assert "disk is full" in str(results[0])
    assert await sqlite.read(Messages(thread.id)) == ()
    writing(sqlite).pragma("max_page_count", 1_000_000)
    assert [m.seq for m in await together(sqlite, list(large))] == [1, 2, 3]


async def test_a_disk_that_fails_refuses_until_it_works_again(
    sqlite: SQLiteStore, home: Path
) -> None:
    thread = await a_thread(sqlite)
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (home / "gitbridge.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 8_192, before[1]))
    try:
        with pytest.raises(ReadOnlyStoreError, match="cannot be written"):
            await post(sqlite, thread, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert (await post(sqlite, thread, "x" * 100_000)).seq == 1


async def test_a_lock_that_is_not_given_up_is_said_and_nothing_is_lost(
    sqlite: SQLiteStore, home: Path
) -> None:
    thread = await a_thread(sqlite)
    other = apsw.Connection(str(home / "gitbridge.db"))
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError, match="Another program holds the journal"):
        await post(sqlite, thread)
    other.execute("ROLLBACK")
    other.close()

    assert (await post(sqlite, thread)).seq == 1


async def test_a_cancelled_commit_is_finished_and_the_cancellation_comes_after(
    sqlite: SQLiteStore,
) -> None:
    thread = await a_thread(sqlite)
    numbered = []

    async def work() -> None:
        numbered.append((await post(sqlite, thread)).seq)
        await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert numbered == [1]
    assert len(await sqlite.read(Messages(thread.id))) == 1


async def test_what_is_in_line_is_finished_before_closing(home: Path, clock: FakeClock) -> None:
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=clock)
    thread = await a_thread(store)

    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(post(store, thread, str(number)))
        await asyncio.sleep(0)
        await store.close()
    await store.close()

    again = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=clock)
    assert len(await again.read(Messages(thread.id))) == 300
    await again.close()
    with pytest.raises(StorageError, match="is closed"):
        await post(store, thread)
    with pytest.raises(StorageError, match="is closed"):
        await store.read(ThreadList())


async def test_a_pause_in_writing_empties_the_log_however_often_others_are_looked_for(
    sqlite: SQLiteStore, clock: FakeClock
) -> None:
    await post(sqlite, await a_thread(sqlite), "one")
    writer = sqlite._writer
    assert writer is not None
    assert writer._log_pages
    clock.tick(0.1)
    await writer.others()
    assert writer._log_pages  # no pause yet

    clock.tick(1.0)
    looks = 0
    while writer._log_pages:
        looks += 1
        assert looks < 1_000
        await writer.others()


async def test_another_programs_writing_is_followed_and_ones_own_is_not(
    sqlite: SQLiteStore, home: Path, clock: FakeClock
) -> None:
    other = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=clock)
    thread = await a_thread(sqlite)
    seen: list[int] = []

    async def follow() -> None:
        async for _ in sqlite.follow():
            stored = await sqlite.read(Messages(thread.id))
            seen.append(len(stored))

    following = asyncio.create_task(follow())
    await post(sqlite, thread)
    await looks(clock, 3)
    assert seen == []

    await post(other, thread)
    await looks(clock, 3)
    assert seen == [2]

    await other.close()
    await sqlite.close()
    while not following.done():
        await clock.advance(1)


async def looks(clock: FakeClock, wanted: int) -> None:
    """Let the follower look that often."""
    until = len(clock.slept) + wanted
    while len(clock.slept) < until:
        await clock.advance(0.125)
