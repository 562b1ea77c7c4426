"""A damaged journal is refused, and mended when asked to."""

# ruff: noqa: ASYNC240  looking at a few small files holds up nobody in a test

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from hub.domain.query import Messages, Search, ThreadList
from hub.errors import ForeignDatabaseError, StorageError
from hub.storage import connect
from hub.storage.repair import repair
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, post
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.anyio
MESSAGES = 300


async def open_at(home: Path) -> SQLiteStore:
    return await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())


async def written(home: Path) -> Path:
    store = await open_at(home)
    thread = await a_thread(store)
    for number in range(MESSAGES):
        await post(store, thread, f"apple {number} " + "pear " * 40)
    await store.close()
    return home / "gitbridge.db"


def scratch(path: Path, table: str) -> None:
    """Write nonsense over a leaf in the middle of a table."""
    connection = connect.reading(path)
    ((page,),) = connection.execute(
        "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno"
        " LIMIT 1 OFFSET 3",
        (table,),
    ).fetchall()
    size = connection.pragma("page_size")
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.fault(13)
async def test_after_an_unclean_end_every_page_is_looked_at_and_a_damaged_one_refused(
    home: Path,
) -> None:
    path = await written(home)
    scratch(path, "message")
    store = await open_at(home)  # a clean end: a look at every page would take too long
    await store.close()
    Path(f"{path}-wal").write_bytes(b"what a killed program leaves")

    with pytest.raises(ForeignDatabaseError, match="doctor --repair"):
        await open_at(home)


@pytest.mark.fault(13)
async def test_a_repair_keeps_what_can_be_read_and_the_damaged_file(home: Path) -> None:
    path = await written(home)
    scratch(path, "message")
    damaged = path.read_bytes()

    done = repair(path, home)
    store = await open_at(home)
    (thread,) = await store.read(ThreadList())
    left = await store.read(Messages(thread.thread.id))
    found = await store.read(Search("apple", limit=1_000))
    number = await post(store, thread.thread, "life goes on")
    await store.close()

    assert "message" in done.unread
    assert done.kept is not None
    assert done.kept.read_bytes() == damaged
    assert MESSAGES * 0.9 < len(left) < MESSAGES
    assert len(found) == len(left)
    assert number.seq == MESSAGES + 1
    assert repair(path, home).damage == ""


async def test_a_repair_of_a_whole_journal_makes_index_and_sums_anew(home: Path) -> None:
    path = await written(home)
    connection = connect.writing(path, 0)
    connection.execute("INSERT INTO message_text (message_text) VALUES ('delete-all')")
    connection.execute("INSERT INTO budget (id, spent, reserved) VALUES ('q', 7, 9)")
    connection.close()

    done = repair(path, home)
    store = await open_at(home)
    found = await store.read(Search("apple", limit=1_000))
    await store.close()

    assert (done.damage, done.kept) == ("", None)
    assert len(found) == MESSAGES
    reader = connect.reading(path)
    assert reader.execute("SELECT spent, reserved FROM budget").fetchall() == [(0, 0)]
    reader.close()


async def test_what_is_no_database_or_in_use_is_left_as_it_is(home: Path) -> None:
    path = await written(home)
    junk = home / "other" / "gitbridge.db"
    junk.parent.mkdir()
    junk.write_bytes(b"letters from grandmother " * 500)
    with pytest.raises(StorageError):
        repair(junk, junk.parent)
    assert junk.read_bytes().startswith(b"letters")
    assert [p.name for p in junk.parent.iterdir()] == ["gitbridge.db"]

    store = await open_at(home)
    with pytest.raises(StorageError, match="Another GitBridge"):
        repair(path, home)
    await store.close()


def test_the_sqlite_in_use_can_tell_where_a_table_lies() -> None:
    """The tests above scratch a page of one table; without `dbstat` they would prove nothing."""
    assert "ENABLE_DBSTAT_VTAB" in apsw.compile_options
