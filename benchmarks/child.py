"""A provider on loopback in a process of its own, which is told things, and asked, by lines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen
from typing import Any


class Child:
    """The process; its first line is the port that it listens on."""

    def __init__(self, process: Popen[str]) -> None:
        assert process.stdin is not None  # noqa: S101  a pipe was asked for
        assert process.stdout is not None  # noqa: S101  as above
        self._in, self._out = process.stdin, process.stdout
        self.address = f"http://127.0.0.1:{int(self._out.readline())}"

    def tell(self, line: str) -> None:
        """Say something."""
        self._in.write(f"{line}\n")
        self._in.flush()

    def ask(self, line: str) -> Any:
        """Say something, and return the JSON that comes back."""
        self.tell(line)
        return json.loads(self._out.readline())


@contextmanager
def child(module: str, *arguments: str) -> Iterator[Child]:
    """Run a module, and end it afterwards."""
    command = [sys.executable, "-m", module, *arguments]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


async def request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Return the next request on a connection: its head in lower case, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length:")[2].split("\r\n")[0]
    return head, await reader.readexactly(int(length or 0))
