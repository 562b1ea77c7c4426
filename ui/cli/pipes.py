"""When whoever read our stdout has enough (`| head`), that is no error."""

from __future__ import annotations

import os
import sys


def say(text: str) -> int:
    """Write to stdout, quietly where nobody reads it any more; return the exit status."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        reader_left()
    return 0


def reader_left() -> None:
    """Send what is still buffered nowhere, so that Python does not complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
