"""The real program, watched from inside: each address it dials and each program it starts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.journeys.conftest import Program

_SITE = """
import json, os, sys

_to = os.open(os.environ["GITBRIDGE_TEST_WATCH"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

def _watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.bind"):
        seen = args[1] if isinstance(args[1], str) else [str(part) for part in args[1][:2]]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        seen = str(args[0])
    elif event in ("subprocess.Popen", "os.posix_spawn", "os.exec"):
        given = args[-1] if args[-1] is not None else dict(os.environ)
        seen = [[str(word) for word in args[1]], {str(k): str(v) for k, v in given.items()}]
    elif event in ("os.system", "webbrowser.open", "urllib.Request"):
        seen = str(args[0])
    else:
        return
    os.write(_to, (json.dumps([event, seen]) + "\\n").encode())

sys.addaudithook(_watch)
"""
_KEYRING = """
import os

class errors:
    class KeyringError(Exception):
        pass

def get_password(service, name):
    return {key!r}
"""


class Watched:
    """`gitbridge` with an audit hook in every process; also its own keyring."""

    def __init__(self, folder: Path, environment: dict[str, str], keyring: str) -> None:
        """Lay out the folder that Python is told to look in first.

        Args:
            folder: Made here.
            environment: Of the program.
            keyring: The key that the keyring holds.
        """
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_SITE)
        (folder / "keyring.py").write_text(_KEYRING.format(key=keyring))
        self._seen = folder / "seen.jsonl"
        self._seen.touch()
        self.program = Program(
            {
                **environment,
                "PYTHONPATH": str(folder),
                "GITBRIDGE_TEST_WATCH": str(self._seen),
                "PYTHONDONTWRITEBYTECODE": "1",
            }
        )

    @property
    def events(self) -> list[tuple[str, Any]]:
        """What was seen, in order."""
        return [tuple(json.loads(line)) for line in self._seen.read_text().splitlines()]
