"""Opens connections: one that writes, any number that only read."""

from __future__ import annotations

from pathlib import Path

import apsw

from hub.errors import StorageError

_OLDEST = (3, 51, 3)
"""First SQLite whose write-ahead log cannot be corrupted by two checkpoints at once."""
_CACHE_KB = 16_000
"""Of pages that the writer keeps: ids are random, so that each message touches another page."""


def writing(path: Path, busy_s: float) -> apsw.Connection:
    """Return the connection that writes and checkpoints; the file exists.

    Args:
        path: The journal.
        busy_s: How long to wait for another program's write lock.
    """
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(round(busy_s * 1000))
    connection.pragma("synchronous", "FULL")
    connection.pragma("foreign_keys", True)
    connection.pragma("secure_delete", True)
    connection.pragma("cache_size", -_CACHE_KB)
    return connection


def reading(path: Path, *, frozen: bool = False) -> apsw.Connection:
    """Return a connection that can only read.

    Args:
        path: The journal.
        frozen: The folder cannot be written either, so that nobody can change the file.
    """
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    name = path.absolute().as_uri() + "?immutable=1" if frozen else str(path)
    connection = apsw.Connection(name, flags=flags)
    connection.set_busy_timeout(5_000)
    return connection


def check_library() -> None:
    """Refuse an SQLite that is known to damage files.

    Raises:
        StorageError: It is too old.
    """
    found = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if found < _OLDEST:
        raise StorageError(
            f"SQLite {apsw.sqlite_lib_version()} can damage the journal: install apsw 3.54 or newer."
        )
