"""Where an export goes: a name that every file system takes, and a write that destroys nothing."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import unicodedata
from pathlib import Path

from hub.domain.text import one_line
from hub.domain.thread import Thread
from hub.errors import ExportError

SLUG_LENGTH = 48
"""Characters of a title that go into a file name."""

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")


def file_name(thread: Thread, suffix: str) -> str:
    """Return `slug-id.suffix`: lower-case ASCII letters, digits, hyphens and one dot.

    The id at its end keeps names apart and makes sure that none is a Windows device (`con`, `nul`).

    Args:
        thread: Its title and id go into the name.
        suffix: `md`, `json`, `png`, ..., with or without the dot.
    """
    title = _slug(thread.title)[:SLUG_LENGTH].strip("-") or "thread"
    return f"{title}-{_slug(thread.id) or 'id'}.{_slug(suffix) or 'txt'}"


def write_new(path: Path, data: bytes | str, *, force: bool = False) -> Path:
    """Write a file that only its owner can read, whole or not at all.

    Args:
        path: The file to make; its folder has to exist.
        data: Text goes out as UTF-8.
        force: True replaces an existing file; a link, a folder or a device is never replaced.

    Returns:
        The path written.

    Raises:
        ExportError: It exists, is no plain file, or cannot be written; says what to do.
    """
    shown = one_line(str(path), 400)
    _refuse(path, shown, force=force)
    draft = path.with_name(f".gitbridge-{secrets.token_hex(8)}.tmp")
    try:
        _write_private(draft, data.encode() if isinstance(data, str) else data)
        if force:
            draft.replace(path)
        else:
            _publish(draft, path)
    except FileExistsError:
        raise ExportError(_exists(shown)) from None
    except OSError as error:
        raise ExportError(f"{shown} cannot be written: {_why(error)}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return path


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_PLAIN.sub("-", plain).strip("-")


def _refuse(path: Path, shown: str, *, force: bool) -> None:
    """Raise unless the path is free, or a plain file that may be replaced."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise ExportError(f"{shown} cannot be written: {_why(error)}.") from error
    if not stat.S_ISREG(found.st_mode):
        raise ExportError(f"{shown} is not a plain file; choose another path with -o.")
    if not force:
        raise ExportError(_exists(shown))


def _exists(shown: str) -> str:
    return f"{shown} exists already; add --force to replace it, or choose another path with -o."


def _write_private(path: Path, data: bytes) -> None:
    """Create a file with mode 0600 and see it onto the disk."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _publish(draft: Path, path: Path) -> None:
    """Give the finished draft its name, unless that name was taken meanwhile.

    A hard link does both in one step; file systems without links claim the name first.
    """
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        _write_private(path, b"")
        draft.replace(path)


def _why(error: OSError | ValueError) -> str:
    """Return the reason of a failed write in a person's words."""
    if not isinstance(error, OSError):
        return "the path is not a valid one"
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return "its folder does not exist; create it first"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "that folder is not writable; choose another path with -o"
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full; make room and try again"
        case errno.ENAMETOOLONG:
            return "the name is too long; choose a shorter one"
        case _:
            return (error.strerror or "the system refused").lower()
