"""Two providers on loopback, in a process of their own: one falls ill on command, one stays well.

Lines of stdin say what the first one has: `well`, or one of `ILLNESSES`; `report` prints when each
was asked, as JSON by name, in seconds of the machine's monotonic clock, and ends the process.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.canned import whole
from benchmarks.child import Child, child, request

ILL, WELL = "first", "second"
"""The providers' names, which begin their paths."""
THINKS_S = {ILL: 0.05, WELL: 0.25}
"""Seconds to an answer: the first is preferred while it is well."""
SLOWER = 10
_LIMIT = {"message": "Rate limit reached.", "type": "requests", "code": "rate_limit_exceeded"}
_QUOTA = {
    "message": "You exceeded your current quota, please check your plan and billing details.",
    "type": "insufficient_quota",
    "code": "insufficient_quota",
}


def _declined(error: dict[str, str], *headers: str) -> bytes:
    body = json.dumps({"error": error})
    lines = ["HTTP/1.1 429 Too Many Requests", "content-type: application/json", *headers]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", body]).encode()


_DECLINES = {"limits": _declined(_LIMIT, "retry-after: 5"), "quota": _declined(_QUOTA)}
ILLNESSES = ("dies", "slows", *_DECLINES)
"""Cuts every line, takes ten times as long, answers 429 with a wait of 5 s, or that money is out."""


class _Providers:
    """Both, and what they were asked."""

    def __init__(self) -> None:
        self.illness = "well"
        self.asked: dict[str, list[float]] = {ILL: [], WELL: []}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._answer(reader, writer):
                await writer.drain()
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head, _ = await request(reader)
        name = head.split("/")[1]
        self.asked[name].append(time.monotonic())
        illness = self.illness if name == ILL else "well"
        if illness == "dies":
            writer.transport.abort()
            return False
        if illness in _DECLINES:
            writer.write(_DECLINES[illness])
            return True
        await asyncio.sleep(THINKS_S[name] * (SLOWER if illness == "slows" else 1))
        writer.write(whole())
        return True


async def _serve() -> None:
    providers = _Providers()
    server = await asyncio.start_server(providers.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while (line := (await asyncio.to_thread(sys.stdin.readline)).strip()) not in ("", "report"):
        providers.illness = line
    print(json.dumps(providers.asked), flush=True)


class Ward:
    """The process that serves both."""

    def __init__(self, process: Child) -> None:
        self._process = process

    def url(self, name: str) -> str:
        """Return the base URL of one of them."""
        return f"{self._process.address}/{name}/v1"

    def tell(self, illness: str) -> None:
        """Say what the first one has from now on."""
        self._process.tell(illness)

    def report(self) -> dict[str, list[float]]:
        """Return when each was asked, and end them."""
        found: dict[str, list[float]] = self._process.ask("report")
        return found


@contextmanager
def ward() -> Iterator[Ward]:
    """Run both."""
    with child("benchmarks.ailing") as process:
        yield Ward(process)


if __name__ == "__main__":
    asyncio.run(_serve())
