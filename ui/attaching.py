"""Files that a question brings along by `@path`: found in its text, read, and completed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hub.domain.thread import Attachment
from hub.errors import UsageError

MOST = 20
"""Files that one question may bring along."""
_PATH = re.compile(r'(?<![\w@])@(?:"([^"\n]{1,400})"|([^\s"@]{1,400}))')
_SHOWN = 200
"""Names of a folder that are looked at for a completion."""


def attached(text: str, agents: Iterable[str]) -> tuple[Attachment, ...]:
    """Return the files that a text names as `@path`, each once.

    A name that is an agent's, or that names no file and does not look like a path, is none.

    Raises:
        UsageError: A path is written out but there is no such file, or it cannot be sent.
    """
    from ui.attachments import read_attachment

    names = {agent.casefold() for agent in agents}
    found: dict[str, Attachment] = {}
    for path in _paths(text):
        if path.casefold() in names:
            continue
        full = Path(path).expanduser()
        if not full.is_file() and not path.startswith(("/", "./", "../", "~/")):
            continue
        one = read_attachment(str(full), by="@")
        found.setdefault(one.hash, one)
    if len(found) > MOST:
        raise UsageError(f"More than {MOST} files: send the ones that matter.")
    return tuple(found.values())


def _paths(text: str) -> Iterator[str]:
    for quoted, plain in _PATH.findall(text):
        if quoted or Path(plain).expanduser().is_file():
            yield quoted or plain
        else:  # the end of a sentence is no part of a name
            yield plain.rstrip(".,;:!?)")


def path_completion(typed: str) -> str:
    """Return what completes a path that begins so, `/` behind a folder; empty: nothing does."""
    folder, _, start = typed.rpartition("/")
    where = Path((folder or ("/" if typed.startswith("/") else ".")) or ".").expanduser()
    try:
        names = sorted(entry.name for _, entry in zip(range(_SHOWN), where.iterdir(), strict=False))
        fits = [n for n in names if n.startswith(start) and n != start and " " not in n]
        if not start:
            fits = []
        return fits[0][len(start) :] + ("/" if (where / fits[0]).is_dir() else " ") if fits else ""
    except OSError:
        return ""
