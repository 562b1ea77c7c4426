"""When whoever read our stdout has enough (`| head`), that is no error."""

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


def reader_left(*streams: TextIO) -> None:
    """Send what is still buffered nowhere, so that Python does not complain at its end.

    Args:
        streams: Those that nobody reads; without any, stdout.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams or (sys.stdout,):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
