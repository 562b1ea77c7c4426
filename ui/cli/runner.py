"""Runs a command over an opened hub, and closes the hub whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from hub.config import Settings, load
from hub.hub import Hub
from ui.cli.console import Console
from ui.cli.endings import INTERRUPTED
from ui.cli.interrupts import Interrupts


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with."""

    hub: Hub
    settings: Settings
    console: Console
    interrupts: Interrupts


Work = Callable[[Session], Awaitable[int]]


def settings_for(console: Console) -> Settings:
    """Load the settings and tell what was ignored in them."""
    settings = load()
    for warning in settings.warnings:
        console.note(f"warning: {warning}")
    return settings


def with_hub(work: Work, *, settings: Settings | None = None) -> int:
    """Open the hub, run the work on it, close the hub; return the exit status.

    Args:
        work: The command.
        settings: None loads the person's.

    Raises:
        GitBridgeError: Whatever the work or the opening raises.
    """
    console = Console()
    return asyncio.run(_drive(work, settings or settings_for(console), console))


async def _drive(work: Work, settings: Settings, console: Console) -> int:
    from ui.wiring import open_hub  # brings every part along, which `--help` can do without

    task = asyncio.current_task()
    interrupts = Interrupts(task)  # type: ignore[arg-type]  # inside a coroutine there is one
    with interrupts.caught():
        try:
            async with open_hub(settings) as hub:
                interrupts.forced = hub.hurry
                with interrupts.told_by(partial(_leave, hub, console)):
                    return await work(Session(hub, settings, console, interrupts))
        except asyncio.CancelledError:
            if not interrupts.count:
                raise
            console.note("Interrupted.")
            return INTERRUPTED


def _leave(hub: Hub, console: Console) -> None:
    """Say that running turns have a moment to end; nobody may be there to read it."""
    hub.leave()
    with suppress(OSError):
        console.note("Ending; what is not done in 5 s stays in line: `gitbridge resume` goes on.")
