"""From the words on the command line to the one module that runs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from hub.errors import UsageError
from ui.cli.endings import guarded
from ui.cli.parser import Parser, Run
from ui.cli.table import COMMANDS, overview


def dispatch(words: Sequence[str]) -> int:
    """Run the command that the words name; without one, the screen."""
    return guarded(lambda: _run(list(words)))


def _run(words: list[str]) -> int:
    if not words:
        return _screen()
    name, rest = words[0], words[1:]
    if name == "help":
        name, rest = rest[0], ["--help"]
    if name not in COMMANDS:
        raise UsageError(_unknown(name))
    module = importlib.import_module(f"ui.cli.{COMMANDS[name][0]}")
    parser = Parser(prog=f"gitbridge {name}", description=module.__doc__)
    module.configure(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as done:  # --help has been printed
        return int(done.code or 0)
    run: Run = args.run if "run" in args else module.run
    return run(args)


def _screen() -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(overview())
        return UsageError.exit_code
    from ui.cli.tui import launch

    return launch()


def _unknown(name: str) -> str:
    if name.startswith("-"):
        return f"There is no option '{name}'; see `gitbridge --help`."
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=2, cutoff=0.5)
    hint = (
        f"did you mean {' or '.join(f'`{n}`' for n in near)}?"
        if near
        else "see `gitbridge --help`."
    )
    return f"There is no command '{name}'; {hint}"
