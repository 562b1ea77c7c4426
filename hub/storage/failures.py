"""SQLite's errors as GitBridge's: what went wrong with the journal, and what to do."""

from __future__ import annotations

from pathlib import Path

import apsw

from hub.errors import ForeignDatabaseError, JournalBusyError, ReadOnlyStoreError, StorageError

DAMAGE = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)
NO_WRITING = (
    apsw.FullError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.PermissionsError,
    apsw.AuthError,
)
LOCKED = (apsw.BusyError, apsw.LockedError)

OF_THE_FILE = (*DAMAGE, *NO_WRITING, *LOCKED, apsw.NoMemError, apsw.InterruptError)
"""Errors that concern every change of a batch, not only the one that met them."""


def translate(error: apsw.Error, path: Path) -> StorageError:
    """Return the error to show for one of SQLite's."""
    if isinstance(error, DAMAGE):
        return damaged(path)
    if isinstance(error, LOCKED):
        return JournalBusyError(
            f"Another program holds the journal {path} and does not let go: nothing was written; "
            "close that program or try again."
        )
    if isinstance(error, apsw.FullError):
        return read_only(path, "the disk is full; make room, then go on")
    if isinstance(error, NO_WRITING):
        return read_only(path, f"{_reason(error)}; check the disk and who may write there")
    return StorageError(f"The journal {path} refused a request: {_reason(error)}.")


def read_only(path: Path, why: str) -> ReadOnlyStoreError:
    """Return the error for a journal that can be read at most."""
    return ReadOnlyStoreError(f"The journal {path} cannot be written: {why}.")


def damaged(path: Path) -> ForeignDatabaseError:
    """Return the error for a file that is no SQLite database, or no whole one."""
    copies = sorted((path.parent / "backups").glob("*.db"), key=lambda copy: copy.stat().st_mtime)
    newest = f" (the newest backup is {copies[-1]})" if copies else ""
    return ForeignDatabaseError(
        f"{path} is damaged or not a database, and was left as it is: `gitbridge doctor --repair` "
        f"saves what can be read, `gitbridge restore FILE` puts a backup in its place{newest}."
    )


def _reason(error: apsw.Error) -> str:
    """Return SQLite's words without its error code."""
    return str(error).removeprefix(f"{type(error).__name__}: ").strip().rstrip(".") or "no reason"
