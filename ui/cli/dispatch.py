"""From the words on the command line to the one module that runs them."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from hub.errors import GitBridgeError, UsageError
from hub.log_file import LogFile
from ui.cli.endings import guarded
from ui.cli.parser import Parser, Run
from ui.cli.table import COMMANDS, overview


def dispatch(words: Sequence[str]) -> int:
    """Run the command that the words name; without one, the screen."""
    ran: list[str] = []
    began = time.monotonic()
    status = guarded(lambda: _run(list(words), ran))
    _log(" ".join(ran), status, time.monotonic() - began)
    return status


def _log(command: str, status: int, seconds: float) -> None:
    """Write a line into `manager.log`: what was run, never with which words."""
    from hub.config import state_home

    with suppress(GitBridgeError):
        home = state_home()
        if command and (home / "gitbridge.db").exists():  # nothing is made just to log
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            facts = f'component=manager event=ran command="{command}"'
            line = f"{now[:-6]}Z {facts} status={status} seconds={seconds:.3f}"
            LogFile(home / "logs" / "manager.log").append(line)


def _run(words: list[str], ran: list[str]) -> int:
    """Run what the words name; `ran` gets the command and its subcommand."""
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
    ran += filter(None, (name, getattr(args, "command", None)))
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

    near = get_close_matches(name, COMMANDS, n=2, cutoff=0.6)
    hint = (
        f"did you mean {' or '.join(f'`{n}`' for n in near)}?"
        if near
        else "see `gitbridge --help`."
    )
    return f"There is no command '{name}'; {hint}"
