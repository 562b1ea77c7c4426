"""Who answers whom, and what else can be drawn: in the terminal, or written to a file."""

from __future__ import annotations

import argparse
import shutil
from functools import partial

from hub.errors import UsageError
from hub.exports.names import write_new
from hub.facade.drawings import KINDS
from ui.cli.export import add_target, format_of, target
from ui.cli.parser import Args, day, since
from ui.cli.runner import Session, with_hub

_SUFFIXES = {
    "png": "png", "svg": "svg", "html": "html", "graphml": "graphml", "json": "json",
    "mermaid": "mmd", "dot": "dot",
}  # fmt: skip
_HELP = (
    "network (default): who answers whom · agreement: who votes as whom · timeline: decisions · "
    "calls: latency and cost · routing: shares of deployments · sequence, pie: as mermaid · "
    "card: one decision, by its id"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `graph`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="a thread; default: the newest one")
    parser.add_argument("--all", action="store_true", help="over all threads")
    parser.add_argument("--kind", choices=KINDS, default="network", help=_HELP)
    parser.add_argument("--format", choices=_SUFFIXES, help="to stdout without -o")
    parser.add_argument("--day", type=day, metavar="D", help="over all threads, that day alone")
    parser.add_argument("--since", type=since, metavar="D", help="calls, routing: from this day on")
    parser.add_argument("--dark", action="store_true", help="light ink on a dark ground")
    add_target(parser)


def run(args: Args) -> int:
    """Draw."""
    if args.id and (args.all or args.day):
        raise UsageError("Give a thread, or --all or --day, not both.")
    if args.day and args.kind != "network":
        raise UsageError("--day is for --kind network.")
    return with_hub(partial(_graph, args))


async def _graph(args: Args, session: Session) -> int:
    hub, console = session.hub, session.console
    ref = await _subject(args, session)
    format_ = args.format or format_of(args.output, _SUFFIXES)
    if format_ is None and args.output is None and args.kind == "network":
        from ui.terminal_graph import render

        graph = await hub.interactions(ref, args.day)
        size = shutil.get_terminal_size()
        places = await hub.layout(graph)
        height = max(size.lines - 2, 1)  # the prompt comes back below it
        console.painted(render(graph, places, size.columns, height, colour=console.colour))
        return 0
    format_ = format_ or KINDS[args.kind][0]
    to_stdout = args.output in (None, "-")
    if to_stdout and format_ == "png" and console.out_is_terminal:
        raise UsageError("A picture is nothing for a terminal: add -o PATH.")
    drawn = await hub.drawing(
        args.kind, format_, ref=ref, day=args.day, since=args.since, dark=args.dark
    )
    if to_stdout:
        console.data(drawn)
    else:
        thread = await hub.thread(ref) if ref and args.kind != "card" else None
        path = target(args.output, thread, _SUFFIXES[format_])
        console.line(str(write_new(path, drawn, force=args.force)))
    return 0


async def _subject(args: Args, session: Session) -> str | None:
    """Return the id of the thread or decision that is drawn; None: of all threads."""
    if args.kind == "card":
        if args.id is None:
            raise UsageError("A card is of one decision: give its id (`gitbridge decision list`).")
        return (await session.hub.decision(args.id)).id
    if args.all or args.day:
        return None
    return (await session.hub.thread(args.id or "last")).id
