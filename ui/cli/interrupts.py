"""Ctrl+C and friends: the first Ctrl+C may be answered gently, the second quits.

Told to end (SIGTERM, or its terminal is gone), the program takes nothing more and leaves in line
what it cannot finish.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)

HANGUP = int(getattr(signal, "SIGHUP", signal.SIGTERM))
"""The signal that a terminal sends as it goes."""


class Interrupts:
    """Counts the signals that ask this program to end, and cancels its task."""

    def __init__(self, task: asyncio.Task[int]) -> None:
        self._task = task
        self._gentle: Callable[[], Awaitable[object]] | None = None
        self._leave: Callable[[], object] | None = None
        self._stopping: asyncio.Future[object] | None = None
        self.forced: Callable[[], object] = lambda: None
        """Called when the task is cancelled, so that nothing holds it up."""
        self.count = 0
        """Signals seen so far."""

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Receive the signals for the length of the block."""
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            signal.signal(number, lambda n, _: loop.call_soon_threadsafe(self.seen, n))
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def answered_by(self, gentle: Callable[[], Awaitable[object]]) -> Iterator[None]:
        """Answer the first Ctrl+C within the block with `gentle` instead of quitting."""
        self._gentle = gentle
        try:
            yield
        finally:
            self._gentle = None

    @contextmanager
    def told_by(self, leave: Callable[[], object]) -> Iterator[None]:
        """Call `leave` within the block before a program that is told to end quits."""
        self._leave = leave
        try:
            yield
        finally:
            self._leave = None

    def seen(self, number: int = signal.SIGINT) -> None:
        """Act on one signal."""
        self.count += 1
        if self.count == 1 and number == signal.SIGINT and self._gentle is not None:
            self._stopping = asyncio.ensure_future(self._gentle())
            return
        if number != signal.SIGINT and self._leave is not None:
            self._leave()
        self.forced()
        self._task.cancel()
