"""Finishes what has begun although its task is cancelled: memory and journal must agree."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Finish some work; a cancellation that came meanwhile is raised after it.

    Raises:
        asyncio.CancelledError: The task was cancelled; whatever came of the work has come of it.
    """
    task = asyncio.ensure_future(work)
    if not await _done(task):
        task.exception()  # the cancellation is what the caller is told
        raise asyncio.CancelledError
    return task.result()


async def kept(work: Coroutine[Any, Any, T]) -> T:
    """Finish some work and return what came of it; a cancellation is raised at the next wait."""
    task = asyncio.ensure_future(work)
    own = asyncio.current_task()
    if not await _done(task) and own is not None:
        own.uncancel()
        own.cancel()
    return task.result()


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Finish some work that is itself the answer to a cancellation: no other changes it."""
    task = asyncio.ensure_future(work)
    await _done(task)
    return task.result()


async def _done(task: asyncio.Task[T]) -> bool:
    """Wait for a task through cancellations; return False when there were any."""
    undisturbed = True
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            undisturbed = False
    return undisturbed
