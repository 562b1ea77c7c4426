"""When whoever read our stdout has enough (`| head`), or closed it (`>&-`), that is no error."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def say(text: str) -> int:
    """Write to stdout, quietly where nobody reads it any more; return the exit status."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        reader_left()
    return 0


def open_closed() -> None:
    """Open nowhere the streams that were closed when we started, in the order of their numbers.

    Python has None for them, and the next file that is opened, be it the journal, would take their
    place.
    """
    for name, flags, mode in (
        ("stdin", os.O_RDONLY, "r"),
        ("stdout", os.O_WRONLY, "w"),
        ("stderr", os.O_WRONLY, "w"),
    ):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode))


def reader_left(*streams: TextIO) -> None:
    """Send what is still buffered nowhere, so that Python does not complain at its end.

    Args:
        streams: Those that nobody reads; without any, stdout.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams or (sys.stdout,):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
