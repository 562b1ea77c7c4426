"""Opens the screen, which paints before settings and hub are loaded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module

from hub.domain.ask import Ask
from ui.cli.endings import unforeseen
from ui.collector import hold_off, spare_what_stays
from ui.facade import Facade


@asynccontextmanager
async def configured() -> AsyncIterator[Facade]:
    """Open the hub as the person configured it."""
    await asyncio.to_thread(import_module, "ui.wiring")  # half a second: the screen lives on
    from hub.config import load
    from ui.wiring import open_hub

    async with open_hub(load()) as hub:
        yield hub


def launch(
    open_hub: Callable[[], AbstractAsyncContextManager[Facade]] = configured,
    *,
    thread: str | None = None,
    question: Ask | None = None,
) -> int:
    """Run the screen until the person leaves it; return the exit status.

    Args:
        open_hub: Called once the screen stands.
        thread: Reference of the thread to show; None: the last one.
        question: Asked as soon as the hub is open, where given.
    """
    hold_off()
    from ui.app import GitBridgeApp
    from ui.connecting import Connecting

    @asynccontextmanager
    async def opened() -> AsyncIterator[Facade]:
        async with open_hub() as hub:
            spare_what_stays()
            yield hub

    connector = Connecting() if open_hub is configured else None
    app = GitBridgeApp(opened, thread, question=question, report=unforeseen, connector=connector)
    return app.run() or app.return_code or 0
