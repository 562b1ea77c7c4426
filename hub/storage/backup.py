"""Copies of the journal, out and back in; each is whole at whatever moment it is taken."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import apsw

from hub.domain.ids import new_id
from hub.errors import ForeignDatabaseError, StorageError, UsageError
from hub.storage import connect, schema
from hub.storage.failures import NO_WRITING, damaged, read_only, translate
from hub.storage.owners import Owners


def back_up(path: Path, target: Path, *, force: bool = False) -> Path:
    """Write a copy of the journal, while other programs may go on writing.

    Args:
        path: The journal.
        target: The file to make, for its owner alone.
        force: True replaces a file that is there.

    Raises:
        StorageError: The journal cannot be read, or the copy not be written.
        UsageError: The file is there already.
    """
    if not path.exists():
        raise StorageError(f"There is no journal at {path} yet: nothing was copied.")
    if target.exists() and not force:
        raise UsageError(f"{target} is there already: choose another name, or add --force.")
    try:
        _copy(path, target)
    except apsw.Error as error:
        raise translate(error, path) from error
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror}).") from error
    return target


def check(path: Path) -> None:
    """Look whether a file is a whole journal that this program can read.

    Raises:
        ForeignDatabaseError: It is none, or damaged.
        NewerSchemaError: Of a newer GitBridge.
        StorageError: It cannot be read.
    """
    if not path.is_file() or path.stat().st_size == 0:
        raise StorageError(f"There is no journal in {path}: name a file that `backup` made.")
    try:
        connection = connect.reading(path)
        try:
            if connection.pragma("application_id") != schema.APPLICATION_ID:
                raise ForeignDatabaseError(f"{path} is no journal of GitBridge.")
            schema.version_of(connection)
            if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                raise damaged(path)
        finally:
            connection.close()
    except apsw.Error as error:
        raise translate(error, path) from error


def restore(source: Path, path: Path, home: Path) -> Path | None:
    """Put a copy in the journal's place; return where the replaced one lies now.

    Args:
        source: A file that `back_up` made, checked here first.
        path: The journal.
        home: Folder of all state: no other program may be using it.

    Raises:
        StorageError: The copy is no journal, another program runs, or a file cannot be moved.
    """
    check(source)
    if Owners(home / "owners").others():
        raise StorageError("Another GitBridge is running: close it, then restore.")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{new_id()}.new")
        _copy(source, made)
        kept = set_aside(path, home)
        made.replace(path)
    except apsw.Error as error:
        raise translate(error, source) from error
    except OSError as error:
        raise read_only(path, f"{error.strerror}; check the folder") from error
    return kept


def set_aside(path: Path, home: Path) -> Path | None:
    """Move the journal into the backups, with its log; None where there is none."""
    if not path.exists():
        return None
    folder = home / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / name("replaced")
    with contextlib.suppress(apsw.Error):  # a damaged file keeps the log that it has
        connect.writing(path, busy_s=5.0).close()
    for ending in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{ending}").replace(f"{kept}{ending}")
    return kept


def name(what: str = "journal") -> str:
    """Return a name for a copy that is made now: `gitbridge-journal-20261123-143000-1a2b.db`."""
    now = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"gitbridge-{what}-{now}-{new_id()[:4]}.db"


def _copy(path: Path, target: Path) -> None:
    """Write a copy beside its place, and move it there whole."""
    draft = target.with_name(f".{target.name}.{new_id()}.new")
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        connection = _open(path)
        try:
            connection.execute("VACUUM INTO ?", (str(draft),))
        finally:
            connection.close()
        descriptor = os.open(draft, os.O_RDWR)
        os.fsync(descriptor)
        os.close(descriptor)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _open(path: Path) -> apsw.Connection:
    with contextlib.suppress(*NO_WRITING):
        connection = connect.reading(path)
        try:
            connection.pragma("schema_version")
        except apsw.Error:
            connection.close()
            raise
        return connection
    return connect.reading(path, frozen=True)
