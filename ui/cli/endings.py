"""How a command ends: one sentence and an exit status for every error, never a traceback.

An error nobody foresaw leaves its traceback in a file under `logs`, with all keys masked.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from hub.domain.ids import new_id
from hub.domain.masking import masked
from hub.domain.text import one_line
from hub.errors import GitBridgeError
from ui.cli.pipes import reader_left

INTERRUPTED = 130
"""Exit status after SIGINT or SIGTERM."""
_LONGEST = 2_000


def guarded(work: Callable[[], int]) -> int:
    """Run a command and turn whatever it raises into a sentence on stderr and an exit status."""
    try:
        status = work()
        sys.stdout.flush()
    except GitBridgeError as error:
        return complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return complain("Interrupted.", INTERRUPTED)
    except OSError as error:
        return _of_the_system(error)
    except Exception as error:  # noqa: BLE001  the last line of defence: no traceback on screen
        return complain(unforeseen(error), 1)
    return status


def _of_the_system(error: OSError) -> int:
    """Return the status where nobody reads our output any more; anything else was not foreseen."""
    if isinstance(error, BrokenPipeError):
        reader_left()
        return 0
    if error.errno == errno.EIO:  # the terminal is gone
        reader_left(sys.stdout, sys.stderr)
        return INTERRUPTED
    return complain(unforeseen(error), 1)


def complain(sentence: str, status: int) -> int:
    """Write one sentence to stderr and return the status."""
    sys.stderr.write(f"gitbridge: {one_line(sentence, _LONGEST)}\n")
    return status


def unforeseen(error: BaseException) -> str:
    """Write the error's traceback to a file, keys masked; return the sentence that names it."""
    name = type(error).__name__
    try:
        path = keep("".join(traceback.format_exception(error)))
    except (GitBridgeError, OSError):
        return f"That should not happen ({name}); its details could not be written to the logs."
    return f"That should not happen ({name}); the details are in {path}, please report them."


def keep(text: str) -> Path:
    """Write a text into a file of its own under `logs`, keys masked; return its path.

    Raises:
        ConfigError: The settings cannot be read, so that the keys are not known.
        OSError: It cannot be written.
    """
    from hub.config import load

    settings = load()
    keys = [p.key.value.get_secret_value() for p in settings.providers.values() if p.key]
    return _report(settings.logs, masked(text, keys))


def _report(folder: Path, text: str) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"error-{new_id()}.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode(errors="backslashreplace"))
    return path
