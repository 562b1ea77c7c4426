"""Which programs live: each holds the lock of its own file in `owners/` until it ends.

The system drops the lock with the program, however that dies. The files are apart from the
database, since closing any descriptor of that would drop SQLite's own locks.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType

from hub.domain.ids import new_id

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, *, shared: bool) -> bool:  # noqa: ARG001  no shared locks there
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


class Owners:
    """This program's own lock, and a look at the others'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: int | None = None
        self.own = new_id()
        """Id of this program among the owners of turns."""

    def take(self) -> None:
        """Take this program's lock, and clear away the files of dead ones.

        Raises:
            OSError: The folder cannot be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while self._held is None:
            path = self._path(self.own)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(path, flags, 0o600)
            # A program that sweeps may have held or removed the file in between: then once more.
            if _try_lock(descriptor, shared=False) and path.exists():
                self._held = descriptor
            else:
                os.close(descriptor)
                self.own = new_id()
        self._sweep()

    def alive(self, owner: str | None) -> bool:
        """Return whether the program with that id still runs."""
        if owner is None:
            return False
        if owner == self.own:
            return True
        with _Probe(self._path(owner)) as dead:
            return not dead

    def others(self) -> int:
        """Return how many other programs use this folder now."""
        alive = (self.alive(path.stem) for path in self._folder.glob("*.lock"))
        return sum(alive) - (self._held is not None)

    def release(self) -> None:
        """Give up this program's lock: what it left unfinished is anyone's to take over."""
        if self._held is None:
            return
        os.close(self._held)
        self._held = None
        with contextlib.suppress(OSError):
            self._path(self.own).unlink()

    def _path(self, owner: str) -> Path:
        return self._folder / f"{owner}.lock"

    def _sweep(self) -> None:
        for path in self._folder.glob("*.lock"):
            if path.stem == self.own:
                continue
            with _Probe(path) as dead, contextlib.suppress(OSError):
                if dead:
                    path.unlink()


class _Probe:
    """Holds another program's lock for a moment, if it is free; enters as True when it was."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __enter__(self) -> bool:
        try:
            self._descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return _try_lock(self._descriptor, shared=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
