"""Servers on loopback in a thread of their own, for commands that run in the test's thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from tests.faults.http import HttpServer


@contextmanager
def served(*servers: HttpServer) -> Iterator[None]:
    """Serve while the block runs."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="servers", daemon=True)
    thread.start()
    stack = AsyncExitStack()

    async def begin() -> None:
        for server in servers:
            await stack.enter_async_context(server)

    try:
        asyncio.run_coroutine_threadsafe(begin(), loop).result(30)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
