"""Copies of the journal, out and back in."""

# ruff: noqa: ASYNC240  looking at a few small files holds up nobody in a test

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hub.domain.query import Messages, ThreadList
from hub.errors import ForeignDatabaseError, NewerSchemaError, StorageError, UsageError
from hub.storage import backup, connect
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, post
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.anyio


async def open_at(home: Path) -> SQLiteStore:
    return await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())


async def bodies(home: Path) -> list[str]:
    store = await open_at(home)
    (thread,) = await store.read(ThreadList())
    found = [m.body for m in await store.read(Messages(thread.thread.id))]
    await store.close()
    return found


async def test_a_copy_taken_while_the_journal_is_open_holds_what_was_committed(home: Path) -> None:
    store = await open_at(home)
    thread = await a_thread(store)
    await post(store, thread, "before")
    copy = backup.back_up(home / "gitbridge.db", home / "copy.db")
    await post(store, thread, "after")
    await store.close()

    kept = backup.restore(copy, home / "gitbridge.db", home)

    assert await bodies(home) == ["before"]
    assert kept is not None
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 or os.name == "nt"
    backup.restore(kept, home / "gitbridge.db", home)
    assert await bodies(home) == ["before", "after"]


async def test_a_file_that_is_there_is_replaced_by_force_alone(home: Path) -> None:
    await (await open_at(home)).close()
    copy = home / "copy.db"
    copy.write_text("precious")

    with pytest.raises(UsageError, match="--force"):
        backup.back_up(home / "gitbridge.db", copy)
    assert copy.read_text() == "precious"
    backup.back_up(home / "gitbridge.db", copy, force=True)

    backup.check(copy)
    assert [p.name for p in home.glob(".*")] == []


async def test_a_journal_in_use_is_not_replaced(home: Path) -> None:
    store = await open_at(home)
    copy = backup.back_up(home / "gitbridge.db", home / "copy.db")

    with pytest.raises(StorageError, match="Another GitBridge is running"):
        backup.restore(copy, home / "gitbridge.db", home)
    await store.close()


@pytest.mark.control("S12")
async def test_what_is_no_whole_journal_is_not_put_in_its_place(home: Path) -> None:
    store = await open_at(home)
    await post(store, await a_thread(store), "kept")
    await store.close()
    junk, cut, newer = home / "junk.db", home / "cut.db", home / "newer.db"
    junk.write_bytes(b"not a database at all" * 100)
    backup.back_up(home / "gitbridge.db", cut)
    os.truncate(cut, cut.stat().st_size // 2)
    connection = connect.writing(backup.back_up(home / "gitbridge.db", newer), 0)
    connection.pragma("user_version", 999)
    connection.close()

    for source, error in (
        (junk, ForeignDatabaseError),
        (cut, ForeignDatabaseError),
        (newer, NewerSchemaError),
        (home / "nothing.db", StorageError),
    ):
        with pytest.raises(error):
            backup.restore(source, home / "gitbridge.db", home)
    assert await bodies(home) == ["kept"]
