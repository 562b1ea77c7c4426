"""Finds out what lies at the journal's path, and makes, migrates or refuses it.

A new journal is made beside its place and moved in whole, so that a file in that place is either
a journal with its tables or somebody else's, which is never touched.
"""

from __future__ import annotations

import contextlib
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import apsw

from hub.domain.ids import new_id
from hub.errors import ForeignDatabaseError, ReadOnlyStoreError
from hub.storage import connect, schema
from hub.storage.failures import NO_WRITING, damaged, read_only, translate
from hub.storage.owners import Owners

_MESSAGES = "SELECT id, last_seq FROM thread"
_BOOKINGS = "SELECT id, call_id FROM ledger"


@dataclass(frozen=True, slots=True)
class Opened:
    """An open journal."""

    path: Path
    writer: apsw.Connection | None
    """None: it can only be read."""
    frozen: bool = False
    """True: nothing in its folder can be written."""
    why_read_only: ReadOnlyStoreError | None = None


def open_journal(path: Path, home: Path, busy_s: float) -> Opened:
    """Open the journal, made or migrated where that is needed.

    Args:
        path: The file.
        home: Folder of all state; backups go there.
        busy_s: How long to wait for another program's write lock.

    Raises:
        ForeignDatabaseError: Another program's file, a damaged or an empty one.
        NewerSchemaError: Written by a newer GitBridge.
        ReadOnlyStoreError: There is none, and none can be made.
        StorageError: Another program holds it.
    """
    connect.check_library()
    try:
        if path.is_symlink():
            raise ForeignDatabaseError(
                f"{path} is a link, and links are not followed here: put the journal itself in its "
                "place, or choose another folder with GITBRIDGE_HOME."
            )
        if not path.exists():
            create(path)
        if path.stat().st_size == 0:
            raise ForeignDatabaseError(
                f"{path} is empty and no journal: move it away, or put a backup in its place."
            )
    except OSError as error:
        raise read_only(path, f"{error.strerror}; check the folder") from error
    try:
        return _open(path, home, busy_s)
    except apsw.Error as error:
        raise translate(error, path) from error


def _open(path: Path, home: Path, busy_s: float) -> Opened:
    _check_reading(path, thorough=_ended_badly(path, home))
    try:
        writer = connect.writing(path, busy_s)
        if writer.readonly("main"):
            writer.close()
            return _read_only(path, read_only(path, "the file may not be written"))
    except NO_WRITING as error:
        return _read_only(path, _cause(path, error))
    try:
        _keep_private(path)
        if writer.pragma("journal_mode") != "wal":  # a backup that was put here
            writer.pragma("journal_mode", "WAL")
        if schema.version_of(writer) < schema.VERSION:
            back_up(writer, home / "backups")
            schema.migrate(writer)
    except NO_WRITING as error:
        writer.close()
        return _read_only(path, _cause(path, error))
    except BaseException:
        writer.close()
        raise
    return Opened(path, writer)


def _ended_badly(path: Path, home: Path) -> bool:
    """Tell whether the last program left its log behind, as only one that was killed does."""
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0 and not Owners(home / "owners").others()


def _check_reading(path: Path, *, thorough: bool) -> None:
    """Look at the file without changing it; thoroughly means at every page.

    Raises:
        ForeignDatabaseError: It is no journal.
        NewerSchemaError: It is one of a newer GitBridge.
    """
    connection, _ = _readable(path)
    try:
        application = connection.pragma("application_id")
        if application != schema.APPLICATION_ID:
            raise ForeignDatabaseError(
                f"{path} is another program's database and was left as it is: move it away, or "
                "choose another folder with GITBRIDGE_HOME."
            )
        schema.version_of(connection)
        if thorough:
            if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                raise damaged(path)
            _refuse_stale_log(path, connection)
    finally:
        connection.close()


def _refuse_stale_log(path: Path, with_log: apsw.Connection) -> None:
    """Refuse a log that lay there when a copy of a journal was put beside it.

    SQLite cannot tell, and would write the log's old pages over the copy's. What only grows can.

    Raises:
        ForeignDatabaseError: The file knows what it does not know together with the log.
    """
    with contextlib.suppress(apsw.Error), closing(connect.reading(path, frozen=True)) as bare:
        messages = dict(with_log.execute(_MESSAGES))
        lost = any(seq > messages.get(id_, seq) for id_, seq in bare.execute(_MESSAGES))
        for booked in bare.execute(f"{_BOOKINGS} ORDER BY id DESC LIMIT 1"):
            lost = lost or not with_log.execute(f"{_BOOKINGS} WHERE (id, call_id) = (?, ?)", booked).fetchall()  # fmt: skip
        if lost:
            raise ForeignDatabaseError(
                f"{path}-wal does not belong to {path.name} beside it, as after a copy was put "
                "there by hand: nothing was changed; move the -wal file away, then start again."
            )


def _readable(path: Path) -> tuple[apsw.Connection, bool]:
    """Return a reading connection, and whether it had to take the file as it lies there.

    In a folder that cannot be written the log's index cannot be made.
    """
    with contextlib.suppress(*NO_WRITING):
        connection = connect.reading(path)
        try:
            connection.pragma("schema_version")
        except NO_WRITING:
            connection.close()
        except BaseException:
            connection.close()
            raise
        else:
            return connection, False
    return connect.reading(path, frozen=True), True


def _read_only(path: Path, why: ReadOnlyStoreError) -> Opened:
    connection, frozen = _readable(path)
    connection.close()
    return Opened(path, None, frozen, why)


def _cause(path: Path, error: apsw.Error) -> ReadOnlyStoreError:
    cause = translate(error, path)
    return cause if isinstance(cause, ReadOnlyStoreError) else read_only(path, str(error))


def create(path: Path) -> None:
    """Make an empty journal, readable by its owner alone, and move it into its place.

    Raises:
        OSError: The folder cannot be written.
        ReadOnlyStoreError: The disk is full.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{new_id()}.new")
    _touch(made)
    try:
        connection = connect.writing(made, busy_s=0)
        try:
            connection.pragma("journal_mode", "WAL")
            schema.migrate(connection)
        finally:
            connection.close()
        _move(made, path)
    except apsw.Error as error:
        raise translate(error, path) from error
    finally:
        for left in (made, Path(f"{made}-wal"), Path(f"{made}-shm")):
            left.unlink(missing_ok=True)


def _move(made: Path, path: Path) -> None:
    """Give the new file its name unless another program was faster; survive a power cut."""
    with contextlib.suppress(FileExistsError):
        try:
            os.link(made, path)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            made.rename(path)
    with contextlib.suppress(OSError):  # Windows opens no folders, and needs no sync of them
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def back_up(connection: apsw.Connection, folder: Path) -> Path:
    """Write a copy of the journal as it is, and return its path.

    Args:
        connection: Any connection to the journal.
        folder: Made where it is missing.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    version = connection.pragma("user_version")
    path = folder / f"gitbridge-schema{version}-{new_id()}.db"
    _touch(path)
    connection.execute("VACUUM INTO ?", (str(path),))
    return path


def _touch(path: Path) -> None:
    """Make a new file for its owner alone, whatever the umask; SQLite's own files follow it."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _keep_private(path: Path) -> None:
    """Take other people's rights from a journal that was copied here with them."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
