"""A provider on loopback with two models, in a process of its own: one is slow in its tail.

Requests for `dear` take about 40 ms to the first token, and now and then ten times as long; `cheap`
takes about 60 ms. How long a request takes is drawn from the number in its question, so that the same
question takes as long each time. A line of stdin ends it; it prints how often each model was asked.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from benchmarks.canned import stream
from benchmarks.child import Child, child, request

DEAR, CHEAP = "dear", "cheap"
THINKS_S = {DEAR: 0.04, CHEAP: 0.06}
"""Median seconds to the first token."""
SLOWER = 10
_SPREAD = 0.25
"""Of the logarithm of that time."""
_ANSWERS = {name: stream(name) for name in THINKS_S}


def thinks_s(model: str, number: str, tail: float) -> float:
    """Return the seconds that a model thinks about a question.

    Args:
        model: One of the two.
        number: Of the question.
        tail: Share of the dear model's answers that take `SLOWER` times as long.
    """
    draw = random.Random(f"{model} {number}")  # noqa: S311  a replay, not a secret
    seconds = THINKS_S[model] * draw.lognormvariate(0.0, _SPREAD)
    return seconds * (SLOWER if model == DEAR and draw.random() < tail else 1)


class _Provider:
    def __init__(self, tail: float) -> None:
        self.asked = Counter[str]()
        self._tail = tail

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                body = (await request(reader))[1].decode()
                model = json.loads(body)["model"]
                self.asked[model] += 1
                number = re.search(r"Question (\d+)", body)
                await asyncio.sleep(thinks_s(model, number[1] if number else "", self._tail))
                writer.write(_ANSWERS[model])
                await writer.drain()
        writer.close()


async def _serve(tail: float) -> None:
    provider = _Provider(tail)
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps(provider.asked), flush=True)


class Tailed:
    """The process that serves both models."""

    def __init__(self, process: Child) -> None:
        self._process = process
        self.url = f"{process.address}/v1"

    def asked(self) -> dict[str, int]:
        """Return how often each model was asked, and end it."""
        found: dict[str, int] = self._process.ask("")
        return found


@contextmanager
def tailed(tail: float) -> Iterator[Tailed]:
    """Run it with a share of slow answers."""
    with child("benchmarks.tailed", str(tail)) as process:
        yield Tailed(process)


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
