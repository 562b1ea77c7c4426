"""A provider that misbehaves on command, in the words of FAULTS.md: one script per request.

::

    async with FaultServer() as server:
        server.on("/v1/chat/completions", reply(429), stream(delta("Hello"), usage(9, 2), done()))

Scripts are played in order, the last one repeats.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import shutil
import socket
import ssl
import struct
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.faults.http import Answer, Connection, GoneError, HttpServer

EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
JSON = {"content-type": "application/json"}


class FaultServer(HttpServer):
    """Plays scripts; see the words below for what they are made of."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._scripts: dict[str, list[Answer]] = {}

    def on(self, path: str, *scripts: Answer) -> None:
        """Answer requests for a path with these scripts, one each; the last repeats."""
        self._scripts[path] = list(scripts)

    async def answer(self, connection: Connection) -> None:
        """Play the next script of the path."""
        scripts = self._scripts.get(connection.seen.path, [reply(404, {}, b"{}")])
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        await script(connection)


# Whole answers.


def reply(
    status: int, headers: Mapping[str, str] | None = None, body: bytes | str | object = b""
) -> Answer:
    """Answer with a whole body; what is neither bytes nor text is sent as JSON."""
    data = body.encode() if isinstance(body, str) else body
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()

    async def play(connection: Connection) -> None:
        await connection.head(status, {**JSON, "content-length": str(len(data)), **(headers or {})})
        await connection.body(data)

    return play


def stream(*parts: Answer, headers: Mapping[str, str] | None = None, status: int = 200) -> Answer:
    """Answer with events, part by part."""

    async def play(connection: Connection) -> None:
        cuts = [part for part in parts if getattr(part, "frames", None) is not None]
        frame = cuts[0].frames if cuts else {"transfer-encoding": "chunked"}
        connection.chunked = "transfer-encoding" in frame
        await connection.head(status, {**EVENTS, **frame, **(headers or {})})
        for part in parts:
            await part(connection)
        if connection.chunked:
            await connection.write(b"0\r\n\r\n")
        else:
            raise GoneError

    return play


def raw(data: bytes) -> Answer:
    """Answer with any bytes, then close."""

    async def play(connection: Connection) -> None:
        await connection.write(data)
        raise GoneError

    return play


def bomb(decoded: int) -> Answer:
    """Answer with a gzip body that unfolds to this many bytes."""
    data = gzip.compress(b'{"choices":"' + b" " * decoded)
    return reply(200, {"content-encoding": "gzip"}, data)


def redirect(to: str) -> Answer:
    """Answer 307."""
    return reply(307, {"location": to})


# Parts of a stream.


def event(value: object, name: str = "") -> Answer:
    """One event with a JSON value, or with text as it is."""
    data = value if isinstance(value, str) else json.dumps(value)
    line = f"event: {name}\n" if name else ""
    return verbatim(f"{line}data: {data}\n\n".encode())


def verbatim(data: bytes) -> Answer:
    """Bytes of the body as they are."""

    async def play(connection: Connection) -> None:
        await connection.body(data)

    return play


def chunk(delta: Mapping[str, object], finish: str | None = None) -> dict[str, object]:
    """A chunk of a chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "model": "gpt-4o-2024-08-06", "choices": [choice]}


def delta(text: str) -> Answer:
    """A piece of text."""
    return event(chunk({"content": text}))


def usage(prompt: int, completion: int) -> Answer:
    """The token counts."""
    counts = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return event({"choices": [], "usage": counts})


def done(finish: str | None = "stop") -> Answer:
    """The finish reason and the closing event."""

    async def play(connection: Connection) -> None:
        if finish is not None:
            await event(chunk({}, finish))(connection)
        await event("[DONE]")(connection)

    return play


# Faults, as parts of a stream.


def latency(seconds: float) -> Answer:
    """Wait."""

    async def play(_: Connection) -> None:
        await asyncio.sleep(seconds)

    return play


async def _stall(connection: Connection) -> None:
    await connection.until_closed()


def stall() -> Answer:
    """Say nothing more; as a whole script, not even a status line."""
    return _stall


def reset() -> Answer:
    """End the connection with RST."""

    async def play(connection: Connection) -> None:
        linger = struct.pack("ii", 1, 0)
        raw_socket = connection.writer.get_extra_info("socket")
        with suppress(OSError):  # the client was quicker
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.writer.transport.abort()
        raise GoneError

    return play


def truncate(after: int = 0, *, length: bool = True) -> Answer:
    """Close after so many more bytes; with `length` the headers promised more."""

    async def play(connection: Connection) -> None:
        connection.left = after
        if not after:
            raise GoneError

    play.frames = {"content-length": "1000000"} if length else {"connection": "close"}
    return play


def slow_loris(every: float) -> Answer:
    """From here on send one byte at a time, so many seconds apart."""

    async def play(connection: Connection) -> None:
        connection.every = every

    return play


def comment_flood(every: float) -> Answer:
    """Send comments until the client leaves."""

    async def play(connection: Connection) -> None:
        while True:
            await connection.body(b": ping\n\n")
            await asyncio.sleep(every)

    return play


def split(seed: int) -> Answer:
    """From here on cut the bytes anywhere."""
    draw = random.Random(seed)  # noqa: S311  a replay, not a secret

    def cut(data: bytes) -> list[bytes]:
        places = sorted(draw.choices(range(len(data) + 1), k=min(40, len(data))))
        return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]

    async def play(connection: Connection) -> None:
        connection.cut = cut

    return play


# Faults of a whole server.


def refuse() -> str:
    """Return a base URL where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    return f"http://127.0.0.1:{port}/v1"


class full_backlog:  # noqa: N801  a word of the fault vocabulary
    """A base URL whose server accepts nobody: connecting times out."""

    def __enter__(self) -> str:
        self._listening = socket.socket()
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen(0)
        address = self._listening.getsockname()
        self._waiting = [socket.socket() for _ in range(4)]
        for one in self._waiting:
            one.setblocking(False)
            one.connect_ex(address)
        return f"http://127.0.0.1:{address[1]}/v1"

    def __exit__(self, *_: object) -> None:
        for one in (*self._waiting, self._listening):
            one.close()


def tls_self_signed(folder: Path) -> ssl.SSLContext | None:
    """Return a context with a certificate that nobody trusts; None without `openssl`."""
    program = shutil.which("openssl")
    if program is None:
        return None
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
