"""A terminal that is gone: the screen ends as ever, but what it writes goes nowhere.

Textual's writing thread would die of the first error, and its end wait for that thread for ever.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from collections.abc import Callable


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


def _write_nowhere() -> None:
    """Point the standard streams at nothing, those of them whose terminal is gone."""
    import termios

    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        try:
            termios.tcgetattr(stream)
        except termios.error as error:
            if error.args[0] == errno.EIO:
                os.dup2(nowhere, stream)
    os.close(nowhere)
