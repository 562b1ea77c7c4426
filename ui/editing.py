"""A text in the person's own editor, while the screen waits and the agents go on."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from hub.domain.text import sanitize
from hub.errors import UsageError

_MOST_BYTES = 4_000_000


async def edited(app: App[int], text: str) -> str:
    """Return the text as the editor left it.

    Raises:
        UsageError: There is no terminal to lend, the editor cannot be started, or it failed.
    """
    handle, name = tempfile.mkstemp(prefix="gitbridge-", suffix=".md")  # mode 0600
    path = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(sanitize(text))
        try:
            with app.batch_update(), app.suspend():  # nothing draws over the editor
                status = await asyncio.to_thread(_run, name)
        except SuspendNotSupported:
            raise UsageError("There is no terminal here that an editor could use.") from None
        if status:
            raise UsageError(f"The editor ended with {status}: the text is as it was.")
        return sanitize(await asyncio.to_thread(_left, path)).rstrip("\n")
    finally:
        path.unlink(missing_ok=True)  # noqa: ASYNC240  a moment


def _run(name: str) -> int:
    """Run the editor; no key of ours goes along."""
    from hub.config import editor, environment_without_keys

    command = shlex.split(editor(), posix=os.name != "nt")
    try:
        return subprocess.run(  # noqa: S603  the person's own editor
            [*command, name], env=environment_without_keys(), check=False
        ).returncode
    except (OSError, ValueError) as error:
        raise UsageError("The editor cannot be started: set EDITOR.") from error


def _left(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")
