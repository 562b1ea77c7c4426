"""Who answers whom: drawn in the terminal, or written as png or svg."""

from __future__ import annotations

import argparse
import shutil
from functools import partial

from hub.errors import UsageError
from hub.exports.names import write_new
from ui.cli.export import add_target, format_of, target
from ui.cli.parser import Args
from ui.cli.runner import Session, with_hub

_SUFFIXES = {"png": "png", "svg": "svg"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `graph`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="a thread; default: the newest one")
    parser.add_argument("--all", action="store_true", help="over all threads")
    parser.add_argument("--format", choices=_SUFFIXES, help="a picture; to stdout without -o")
    add_target(parser)


def run(args: Args) -> int:
    """Draw."""
    if args.id and args.all:
        raise UsageError("Give a thread or --all, not both.")
    return with_hub(partial(_graph, args))


async def _graph(args: Args, session: Session) -> int:
    hub, console = session.hub, session.console
    thread = None if args.all else await hub.thread(args.id or "last")
    format_ = args.format or format_of(args.output, _SUFFIXES)
    if format_ is None and args.output is None:
        from ui.terminal_graph import render

        graph = await hub.interactions(thread.id if thread else None)
        size = shutil.get_terminal_size()
        places = await hub.layout(graph)
        height = max(size.lines - 2, 1)  # the prompt comes back below it
        console.painted(render(graph, places, size.columns, height, colour=console.colour))
        return 0
    format_ = format_ or "png"
    to_stdout = args.output in (None, "-")
    if to_stdout and console.out_is_terminal:
        raise UsageError("A picture is nothing for a terminal: add -o PATH.")
    picture = await hub.picture(thread.id if thread else None, format_)
    if to_stdout:
        console.data(picture)
    else:
        path = target(args.output, thread, _SUFFIXES[format_])
        console.line(str(write_new(path, picture, force=args.force)))
    return 0
