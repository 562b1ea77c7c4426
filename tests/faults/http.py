"""A small HTTP/1.1 server on loopback, by hand, so that it can also break HTTP."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self


class GoneError(Exception):
    """The conversation on this connection is over."""


@dataclass(slots=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)
    closed_by_client: bool = False


@dataclass(slots=True)
class Connection:
    """Where an answer is written; the fields change how."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    seen: Seen
    chunked: bool = False
    every: float | None = None
    """Seconds between single bytes (slow loris)."""
    cut: Callable[[bytes], list[bytes]] | None = None
    left: int | None = None
    """Bytes until the body is cut off."""

    async def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Write status line and headers."""
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
        await self.write("\r\n".join([*lines, "", ""]).encode())

    async def body(self, data: bytes) -> None:
        """Write a piece of the body, as the faults in force say."""
        ends = self.left is not None and self.left <= len(data)
        if self.left is not None:
            data = data[: self.left]
            self.left -= len(data)
        pieces = [data[i : i + 1] for i in range(len(data))] if self.every is not None else [data]
        if self.cut is not None:
            pieces = self.cut(data)
        for piece in pieces:
            if piece:
                await self.write(b"%x\r\n%s\r\n" % (len(piece), piece) if self.chunked else piece)
            if self.every is not None:
                await asyncio.sleep(self.every)
        if ends:
            raise GoneError

    async def write(self, data: bytes) -> None:
        """Write bytes; notice a client that left."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            self.seen.closed_by_client = True
            raise GoneError from error
        if self.writer.is_closing() or self.reader.at_eof():
            self.seen.closed_by_client = True
            raise GoneError

    async def until_closed(self) -> None:
        """Say nothing more until the client leaves."""
        with suppress(ConnectionError):
            while await self.reader.read(1):
                pass
        self.seen.closed_by_client = True
        raise GoneError


class HttpServer:
    """Serves 127.0.0.1 on any free port; a subclass answers."""

    def __init__(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.peak = 0
        self.connections = 0
        self._wanted_port = port
        self._tls = tls
        self._now = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.origin = ""

    @property
    def count(self) -> int:
        """Requests so far."""
        return len(self.seen)

    @property
    def url(self) -> str:
        """Base URL as a provider's configuration has it."""
        return f"{self.origin}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", self._wanted_port, ssl=self._tls
        )
        port = self._server.sockets[0].getsockname()[1]
        self.origin = f"{'https' if self._tls else 'http'}://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for task in list(self._tasks):
            with suppress(asyncio.CancelledError):
                await task
        await self._server.wait_closed()

    async def answer(self, connection: Connection) -> None:
        """Answer one request."""
        raise NotImplementedError

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (seen := await _request(reader)) is not None:
                self.seen.append(seen)
                self._now += 1
                self.peak = max(self.peak, self._now)
                try:
                    await self.answer(Connection(reader, writer, seen))
                finally:
                    self._now -= 1
        except (GoneError, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Seen | None:
    head = await _until_blank(reader)
    if head is None:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, path, headers, body)


async def _until_blank(reader: asyncio.StreamReader) -> bytes | None:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


Answer = Callable[[Connection], Awaitable[None]]
"""Writes the answer to one request."""
Json = dict[str, Any]
