"""Errors that nothing of ours caught end in a file with every key masked, never on the screen.

Threads, forgotten tasks, finalizers and libraries' own logging would each print to stderr, the
screen's too (SECURITY S5).
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from contextlib import suppress
from types import TracebackType

from typing_extensions import override

from hub.errors import GitBridgeError
from ui.cli.endings import INTERRUPTED, complain, keep, unforeseen

_MOST = 20
"""Files that one program writes: a library that complains in a loop fills no disk."""


class _Strays(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._left = _MOST

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.take(f"{record.name}: {self.format(record)}\n")

    def take(self, text: str) -> None:
        """Keep one; where it cannot be written it is lost, for there is nowhere else to say it."""
        self._left -= 1
        if self._left >= 0:
            with suppress(GitBridgeError, OSError):
                keep(text)

    def thread(self, stray: threading.ExceptHookArgs) -> None:
        """Take what ended a thread."""
        if stray.exc_value is not None:
            self.take("".join(traceback.format_exception(stray.exc_value)))

    def unraisable(self, stray: sys.UnraisableHookArgs) -> None:
        """Take what was raised where nobody could catch it."""
        if stray.exc_value is not None:
            self.take("".join(traceback.format_exception(stray.exc_value)))


def catch() -> None:
    """Catch them in this program from now on."""
    strays = _Strays()
    logging.getLogger().addHandler(strays)
    logging.captureWarnings(capture=True)
    threading.excepthook = strays.thread
    sys.unraisablehook = strays.unraisable
    sys.excepthook = _last_words


def _last_words(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    """Say in one sentence what ends the program."""
    if isinstance(error, KeyboardInterrupt):
        complain("Interrupted.", INTERRUPTED)
    else:
        complain(unforeseen(error), 1)
