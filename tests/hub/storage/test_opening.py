"""What happens on opening whatever may lie in the journal's place."""

# ruff: noqa: ASYNC240  looking at a few small files holds up nobody in a test

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import apsw
import pytest

from hub.domain.change import DeleteThread
from hub.domain.ids import ThreadId
from hub.domain.query import Search, ThreadList
from hub.errors import ForeignDatabaseError, NewerSchemaError, ReadOnlyStoreError
from hub.storage import connect, opening, schema
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, post
from tests.fakes.clock import FakeClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(home: Path) -> Path:
    return home / "gitbridge.db"


async def open_at(path: Path) -> SQLiteStore:
    return await SQLiteStore.open(path, home=path.parent, clock=FakeClock())


async def written(path: Path, messages: int = 200) -> None:
    store = await open_at(path)
    thread = await a_thread(store)
    for number in range(messages):
        await post(store, thread, f"message {number}")
    await store.close()


@pytest.mark.control("S6")
@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
async def test_everything_made_is_for_its_owner_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0)
    try:
        store = await open_at(path.parent / "new" / "gitbridge.db")
        await post(store, await a_thread(store))
        made = {
            entry: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.rglob("new/**/*")
        }
        folder = stat.S_IMODE((path.parent / "new").stat().st_mode)
        await store.close()
    finally:
        os.umask(before)

    assert folder == 0o700
    assert {"gitbridge.db", "gitbridge.db-wal", "gitbridge.db-shm"} <= {p.name for p in made}
    assert all(mode == (0o700 if entry.suffix == "" else 0o600) for entry, mode in made.items())


async def test_a_clean_end_leaves_no_log_behind(path: Path) -> None:
    store = await open_at(path)
    await post(store, await a_thread(store))
    await store.read(ThreadList())
    await store.close()

    assert {entry.name for entry in path.parent.iterdir()} == {"gitbridge.db", "owners"}


@pytest.mark.control("S6")
@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
async def test_a_journal_that_others_could_read_is_closed_to_them(path: Path) -> None:
    await written(path, 1)
    path.chmod(0o644)

    await (await open_at(path)).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def other_database(path: Path) -> None:
    with apsw.Connection(str(path)) as connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()


@pytest.mark.fault(14)
@pytest.mark.control("S12")
@pytest.mark.parametrize(
    ("put", "says"),
    [
        (other_database, "another program's database"),
        (lambda path: path.write_bytes(b"junk " * 5_000), "damaged or not a database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "damaged or not a database"),
        (lambda path: path.write_bytes(b""), "is empty and no journal"),
    ],
)
async def test_a_file_that_is_no_journal_is_refused_and_left_as_it_is(
    path: Path, put, says: str
) -> None:
    put(path)
    before = path.read_bytes()

    with pytest.raises(ForeignDatabaseError, match=says):
        await open_at(path)

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir() if "new" in entry.name] == []


async def test_a_newer_journal_is_refused_naming_both_versions(path: Path) -> None:
    await written(path, 1)
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 999)
    connection.close()

    with pytest.raises(NewerSchemaError, match=rf"999.* up to {schema.VERSION}:"):
        await open_at(path)


async def use(path: Path) -> None:
    store = await open_at(path)
    try:
        await post(store, await a_thread(store))
        await store.read(ThreadList())
    finally:
        await store.close()


async def test_a_journal_cut_short_is_called_damaged(path: Path) -> None:
    await written(path)
    os.truncate(path, path.stat().st_size // 2)

    with pytest.raises(ForeignDatabaseError, match=r"damaged.*restore FILE"):
        await use(path)


async def test_a_folder_in_the_place_of_the_journal_is_refused(path: Path) -> None:
    path.mkdir()

    with pytest.raises(ReadOnlyStoreError):
        await open_at(path)


async def test_a_folder_that_cannot_be_made_is_refused_with_the_reason(path: Path) -> None:
    path.write_text("a file")

    with pytest.raises(ReadOnlyStoreError, match=r"cannot be written: .*; check the folder"):
        await open_at(path / "gitbridge.db")


async def test_a_read_only_journal_can_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await written(path, 3)
    # Rights do not bind the superuser, whom containers run tests as: SQLite's own switch does.
    monkeypatch.setattr(connect, "writing", lambda path, busy_s: connect.reading(path))

    store = await open_at(path)

    (summary,) = await store.read(ThreadList())
    assert summary.messages == 3
    with pytest.raises(ReadOnlyStoreError, match="the file may not be written"):
        await a_thread(store)
    assert isinstance(store.read_only, ReadOnlyStoreError)
    await store.close()


async def test_a_journal_in_a_read_only_folder_can_be_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(path, 3)
    plain = connect.reading

    def no_index(path: Path, *, frozen: bool = False) -> apsw.Connection:
        if not frozen:
            raise apsw.CantOpenError("unable to open database file")
        return plain(path, frozen=True)

    def no_writing(path: Path, busy_s: float) -> apsw.Connection:
        raise apsw.ReadOnlyError("attempt to write a readonly database")

    monkeypatch.setattr(connect, "reading", no_index)
    monkeypatch.setattr(connect, "writing", no_writing)

    store = await open_at(path)

    assert (await store.read(ThreadList()))[0].messages == 3
    with pytest.raises(ReadOnlyStoreError, match="readonly database"):
        await a_thread(store)
    await store.close()


async def test_two_programs_that_start_at_once_make_one_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = schema.migrate

    def late(connection: apsw.Connection) -> None:
        monkeypatch.setattr(schema, "migrate", plain)
        opening.create(path)
        plain(connection)

    monkeypatch.setattr(schema, "migrate", late)

    store = await open_at(path)
    await post(store, await a_thread(store))
    await store.close()

    assert {entry.name for entry in path.parent.iterdir()} == {"gitbridge.db", "owners"}


async def test_without_hard_links_the_new_journal_is_renamed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(made: Path, path: Path) -> None:
        raise PermissionError("links are not allowed here")

    monkeypatch.setattr(os, "link", no_links)

    await written(path, 1)

    assert path.stat().st_size > 0


async def test_an_older_journal_is_backed_up_and_migrated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(path, 3)
    steps = (*schema.STEPS, "ALTER TABLE thread ADD COLUMN colour TEXT")
    plain = schema.migrate
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(schema, "migrate", lambda connection: plain(connection, steps))

    store = await open_at(path)
    assert (await store.read(ThreadList()))[0].messages == 3
    await store.close()

    (backup,) = (path.parent / "backups").iterdir()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600 or os.name == "nt"
    assert version(path) == len(schema.STEPS) + 1
    assert version(backup) == len(schema.STEPS)


async def test_a_journal_of_the_first_version_keeps_its_messages_and_finds_them(
    path: Path,
) -> None:
    path.touch()
    old = connect.writing(path, 0)
    old.pragma("journal_mode", "WAL")
    schema.migrate(old, schema.STEPS[:1])
    old.execute("INSERT INTO thread (id, title, created_at, last_seq) VALUES ('t', 'x', 1, 2)")
    for seq, answered in ((1, None), (2, "m1")):
        old.execute(
            "INSERT INTO message (id, thread_id, seq, author, kind, body, reply_to, mentions,"
            " to_agents, attachments, pinned, created_at)"
            " VALUES (?, 't', ?, 'ada', 'reply', ?, ?, '[]', '[]', '[]', 0, 1)",
            (f"m{seq}", seq, f"apple {seq}", answered),
        )
    old.close()

    store = await open_at(path)
    thread = (await store.read(ThreadList()))[0].thread
    await post(store, thread, "apple three", id="m3")
    found = await store.read(Search("apple"))
    await store.commit(DeleteThread(ThreadId("t")))
    left = await store.read(Search("apple"))
    await store.close()

    assert [(m.id, m.seq, m.reply_to) for m in found] == [
        ("m3", 3, None),
        ("m2", 2, "m1"),
        ("m1", 1, None),
    ]
    assert left == ()


async def test_a_migration_that_breaks_leaves_the_journal_as_it_was(path: Path) -> None:
    await written(path, 3)
    copy = path.with_name("copy.db")
    shutil.copy(path, copy)
    connection = connect.writing(copy, 0)

    with pytest.raises(apsw.SQLError):
        schema.migrate(connection, (*schema.STEPS, "CREATE TABLE half (x); CREATE TABLE (broken"))
    connection.close()

    assert version(copy) == schema.VERSION
    reader = connect.reading(copy)
    assert not reader.table_exists(None, "half")
    reader.close()


def version(path: Path) -> int:
    connection = connect.reading(path)
    found = connection.pragma("user_version")
    connection.close()
    return int(found)


def test_a_library_that_damages_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.40.1")

    with pytest.raises(Exception, match=r"SQLite 3\.40\.1 can damage"):
        connect.check_library()
