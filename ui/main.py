"""The `gitbridge` command: answers what needs nothing, else loads the one command that was asked for.

`--version`, `--help` and the name guard run before anything of ours or of others is imported, so
this module and `ui.cli.table` import next to nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from ui.cli import table
from ui.cli.pipes import open_closed, say
from ui.guard import foreign_package
from ui.version import VERSION


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status (CONFIG: exit codes).

    Args:
        argv: Words after the program's name; None takes those of this process.
    """
    open_closed()
    if problem := foreign_package():
        sys.stderr.write(f"gitbridge: {problem}\n")
        return 2
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        os.umask(0o077)  # whatever we make is for its owner alone
    if words in (["--version"], ["-V"]):
        return say(f"gitbridge {VERSION}\n")
    if words in (["--help"], ["-h"], ["help"]):
        return say(table.overview())
    from ui.cli.dispatch import dispatch

    if argv is None:
        from ui.cli.strays import catch

        catch()
    return dispatch(words)
