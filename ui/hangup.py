"""A terminal that is gone: the screen ends as ever, but what it writes goes nowhere.

Textual's writing thread would die of the first error, and its end wait for that thread for ever.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

WATCH_S = 1.0
"""Seconds between looks at the terminal."""
LAST_S = 10.0
"""Seconds for running turns to end, and the journal to close, after it went."""


def answer_signals(leave: Callable[[int], None]) -> None:
    """Call `leave` with the exit status once the program is told to end.

    The hangup is answered at once, before the signal that follows it makes Textual write again.
    """
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, leave, 128 + signal.SIGTERM)

    def hung_up(number: int, _: object) -> None:
        _write_nowhere()
        loop.call_soon_threadsafe(leave, 128 + number)

    signal.signal(signal.SIGHUP, hung_up)
    threading.Thread(target=_watch, args=(loop, leave), name="terminal", daemon=True).start()


def _watch(loop: asyncio.AbstractEventLoop, leave: Callable[[int], None]) -> None:
    """Notice a terminal that went without a word: not every one sends the signal.

    Where Textual waits for its writing thread already, nothing else can end the program; the journal
    is written at each step, so that nothing is lost by that.
    """
    never = threading.Event()
    while not _is_gone(1):
        never.wait(WATCH_S)
    _write_nowhere()
    with suppress(RuntimeError):  # the loop has ended by itself
        loop.call_soon_threadsafe(leave, 128 + signal.SIGHUP)
    never.wait(LAST_S)
    os._exit(128 + signal.SIGHUP)


def _write_nowhere() -> None:
    """Point the standard streams at nothing, those of them whose terminal is gone."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in filter(_is_gone, (0, 1, 2)):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _is_gone(stream: int) -> bool:
    """Tell whether a stream's terminal is gone; what never was one is not."""
    import termios

    try:
        termios.tcgetattr(stream)
    except termios.error as error:
        return bool(error.args[0] == errno.EIO)
    return False
