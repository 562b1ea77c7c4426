"""A provider on loopback that thinks for no time: it answers from memory, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import PIPE, Popen

from typing_extensions import override

CHUNKS = 100
_TEXT = "The answer is to keep it simple, and to measure before anything is changed. " * 3
_USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 100,
    "total_tokens": 220,
    "prompt_tokens_details": {"cached_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}
_BASE = {"id": "chatcmpl-1", "created": 1_790_000_000, "model": "gpt-4o"}


def whole() -> bytes:
    """Return a whole answer, head and body."""
    message = {"role": "assistant", "content": _TEXT}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    found = {**_BASE, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    body = json.dumps(found).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"x-request-id: req_1\r\n\r\n" + body


def stream(model: str = "gpt-4o") -> bytes:
    """Return a streamed answer of `CHUNKS` pieces of text."""
    base = {**_BASE, "model": model}

    def chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        found = {**base, "object": "chat.completion.chunk", "choices": [choice]}
        return f"data: {json.dumps(found)}\n\n".encode()

    counted = {**base, "object": "chat.completion.chunk", "choices": [], "usage": _USAGE}
    events = [chunk({"role": "assistant", "content": ""})]
    events += [chunk({"content": f"word{n} "}) for n in range(CHUNKS)]
    events += [chunk({}, "stop"), f"data: {json.dumps(counted)}\n\n".encode(), b"data: [DONE]\n\n"]
    head = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    return head + b"".join(b"%x\r\n%s\r\n" % (len(e), e) for e in events) + b"0\r\n\r\n"


_WHOLE, _STREAM = whole(), stream()


class _Answering(asyncio.Protocol):
    """One connection."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._got = b""

    @override
    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            head = self._got[:end].lower()
            _, _, rest = head.partition(b"content-length:")
            length = int(rest.split(b"\r\n")[0]) if rest else 0
            if len(self._got) < end + 4 + length:
                return
            body, self._got = self._got[end + 4 : end + 4 + length], self._got[end + 4 + length :]
            asked = b'"stream":true' in body.replace(b" ", b"")
            assert isinstance(self._transport, asyncio.WriteTransport)  # noqa: S101  for the types
            self._transport.write(_STREAM if asked else _WHOLE)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serving() -> Iterator[str]:
    """Run the provider; yield its base URL."""
    with Popen([sys.executable, "-m", "benchmarks.canned"], stdout=PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101  it is a pipe
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(_serve())
