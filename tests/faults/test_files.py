"""What may lie in the journal's place: refused by name, and never written over."""

# ruff: noqa: ASYNC240  looking at a few small files holds up nobody in a test

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hub.domain.query import Messages, ThreadByRef, ThreadList
from hub.errors import ForeignDatabaseError, NewerSchemaError
from hub.storage import backup, connect
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, begin, call, end, post, queue
from tests.fakes.clock import FakeClock
from tests.faults.invariants import violations

pytestmark = pytest.mark.anyio


async def open_at(path: Path) -> SQLiteStore:
    return await SQLiteStore.open(path, home=path.parent, clock=FakeClock())


async def grown(path: Path, messages: int) -> SQLiteStore:
    """Return an open journal with so many messages more in its one thread."""
    store = await open_at(path)
    threads = await store.read(ThreadList())
    thread = threads[0].thread if threads else await a_thread(store)
    for number in range(messages):
        await post(store, thread, f"message {number} " + "pear " * 60)
    return store


async def read_all(path: Path) -> int:
    """Return how many messages the newest thread has."""
    store = await open_at(path)
    try:
        return len(await store.read(Messages((await store.read(ThreadByRef("last"))).id)))
    finally:
        await store.close()


def overwrite_a_page(path: Path, table: str) -> None:
    with connect.reading(path) as connection:
        ((page,),) = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' LIMIT 1 OFFSET 3",
            (table,),
        ).fetchall()
        size = connection.pragma("page_size")
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(os.urandom(size))


@pytest.mark.fault(13)
async def test_a_damaged_page_is_refused_after_an_unclean_end_and_names_the_newest_backup(home):
    path = home / "gitbridge.db"
    await (await grown(path, 300)).close()
    for name in ("older.db", "newest.db"):
        (home / "backups").mkdir(exist_ok=True)
        backup.back_up(path, home / "backups" / name)
    os.utime(home / "backups" / "older.db", (1, 1))
    overwrite_a_page(path, "message")
    Path(f"{path}-wal").write_bytes(b"what a killed program leaves")
    before = path.read_bytes()

    with pytest.raises(ForeignDatabaseError) as refused:
        await open_at(path)

    assert f"the newest backup is {home / 'backups' / 'newest.db'}" in str(refused.value)
    assert "`gitbridge restore FILE`" in str(refused.value)
    assert path.read_bytes() == before


@pytest.mark.fault(14)
async def test_a_log_older_than_the_journal_is_refused_and_takes_nothing_back(home):
    path = home / "gitbridge.db"
    store = await grown(path, 50)
    shutil.copy(f"{path}-wal", home / "old")
    await store.close()
    await (await grown(path, 150)).close()
    shutil.copy(home / "old", f"{path}-wal")
    before = path.read_bytes()

    with pytest.raises(ForeignDatabaseError, match=r"does not belong to .* beside it"):
        await open_at(path)
    assert path.read_bytes() == before

    Path(f"{path}-wal").unlink()
    assert await read_all(path) == 200


@pytest.mark.fault(14)
async def test_the_log_of_another_journal_is_refused(home):
    path, other = home / "gitbridge.db", home / "other" / "gitbridge.db"
    for journal in (path, other):
        store = await grown(journal, 50)
        turn = await queue(store, (await store.read(ThreadList()))[0].thread)
        made = call(turn)
        await store.commit(end(await store.commit(begin(turn, first=made)), made))
        if journal is other:
            shutil.copy(f"{other}-wal", f"{path}-wal")
        await store.close()
    before = path.read_bytes()

    with pytest.raises(ForeignDatabaseError, match=r"does not belong to .* beside it"):
        await open_at(path)

    assert path.read_bytes() == before


@pytest.mark.fault(14)
async def test_the_log_that_a_killed_program_leaves_is_taken_in(home):
    path, killed = home / "gitbridge.db", home / "killed" / "gitbridge.db"
    store = await grown(path, 50)
    killed.parent.mkdir()
    for ending in ("", "-wal"):
        shutil.copy(f"{path}{ending}", f"{killed}{ending}")
    await store.close()

    assert await read_all(killed) == 50
    assert violations(killed) == []


@pytest.mark.fault(14)
async def test_a_copy_without_its_log_holds_a_whole_earlier_state(home):
    path, copy = home / "gitbridge.db", home / "copy" / "gitbridge.db"
    await (await grown(path, 20)).close()
    store = await grown(path, 30)
    copy.parent.mkdir()
    shutil.copy(path, copy)
    await store.close()

    assert 20 <= await read_all(copy) <= 50
    assert violations(copy) == []


@pytest.mark.fault(14)
@pytest.mark.parametrize("content", [b"", b"junk " * 5_000, b"SQLite format 3\0"])
def test_a_file_that_is_no_journal_is_one_sentence_and_stays(cli, home, content):
    path = home / "gitbridge.db"
    path.write_bytes(content)

    results = [cli("thread", "list"), cli("ask", "Why?", "--agent", "critic")]

    assert [result.status for result in results] == [1, 1]
    for result in results:
        assert result.out == ""
        assert str(path) in result.err.splitlines()[-1]
    assert path.read_bytes() == content


@pytest.mark.fault(14)
async def test_a_journal_cut_short_is_called_damaged_and_stays(home):
    path = home / "gitbridge.db"
    await (await grown(path, 200)).close()
    os.truncate(path, path.stat().st_size // 2)
    before = path.read_bytes()

    with pytest.raises(ForeignDatabaseError, match=r"damaged.*restore FILE"):
        await read_all(path)

    assert path.read_bytes()[: len(before)] == before


@pytest.mark.fault(15)
async def test_a_newer_journal_is_refused_with_both_versions_and_stays(home):
    path = home / "gitbridge.db"
    await (await grown(path, 1)).close()
    connection = connect.writing(path, 0)
    connection.pragma("user_version", 999)
    connection.close()
    before = path.read_bytes()

    with pytest.raises(NewerSchemaError, match=r"version 999, and this GitBridge knows") as refused:
        await open_at(path)

    assert refused.value.exit_code == 2
    assert path.read_bytes() == before
