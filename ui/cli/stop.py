"""Stop the running turns of a thread, from any terminal, and end those a dead program left."""

from __future__ import annotations

import argparse
from functools import partial

from hub.errors import UsageError
from ui.cli.parser import Args
from ui.cli.resume import show_outcomes
from ui.cli.runner import Session, with_hub


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `stop`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="a thread; default: the newest one")
    parser.add_argument("--all", action="store_true", help="the turns of all threads")


def run(args: Args) -> int:
    """Stop, and say how many."""
    if args.id and args.all:
        raise UsageError("Give a thread or --all, not both.")
    return with_hub(partial(_stop, args))


async def _stop(args: Args, session: Session) -> int:
    ref = None if args.all else args.id or "last"
    stopped = await session.hub.stop(ref)
    left = await session.hub.unanswered()
    dropped = await session.hub.drop(ref)
    session.console.note(f"{stopped} running turns stopped, {len(dropped)} abandoned ones ended.")
    await show_outcomes(session, left)
    return 0
