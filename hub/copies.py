"""What lies beside the journal: logs that may repeat a text, backups and exports that hold it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from hub.config import Settings
from hub.domain.ids import ThreadId
from hub.domain.thread import REDACTED

_TELLING = 12
"""Characters of a line from which on it is looked for."""


def clean_logs(settings: Settings, text: str) -> int:
    """Take the lines of a text out of all logs; return how many log lines were changed."""
    wanted = [line.strip() for line in text.splitlines() if len(line.strip()) >= _TELLING]
    changed = 0
    for path in sorted(settings.logs.glob("*")) if wanted else ():
        with contextlib.suppress(OSError):
            changed += _clean(path, wanted)
    return changed


def copies_of(settings: Settings, thread_id: ThreadId, since: int) -> tuple[Path, ...]:
    """Return the backups made since a moment, in UTC microseconds, and the exports of a thread."""
    return tuple(sorted(_copies(settings, thread_id, since)))


def drop_backups(settings: Settings, before: int) -> int:
    """Delete the backups in the state folder made before a moment, in UTC microseconds; count them."""
    old = [p for p in (settings.home / "backups").glob("*.db") if p.stat().st_mtime < before / 1e6]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _copies(settings: Settings, thread_id: ThreadId, since: int) -> Iterator[Path]:
    for path in (settings.home / "backups").glob("*.db"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime >= since / 1e6:
                yield path
    yield from settings.exports.glob(f"*{thread_id}*")


def _clean(path: Path, wanted: list[str]) -> int:
    lines = path.read_bytes().decode(errors="replace").splitlines(keepends=True)
    kept = [_without(line, wanted) for line in lines]
    changed = sum(new != old for new, old in zip(kept, lines, strict=True))
    if changed:
        made = path.with_suffix(".new")
        os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        made.write_text("".join(kept), encoding="utf-8", newline="")
        made.replace(path)
    return changed


def _without(line: str, wanted: list[str]) -> str:
    for text in wanted:
        line = line.replace(text, REDACTED)
    return line
