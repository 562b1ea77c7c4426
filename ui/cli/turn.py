"""Show exactly what was sent for a turn and what came back; take over or end turns."""

from __future__ import annotations

import argparse
from functools import partial

from ui.cli import resume, stop
from ui.cli.parser import Args, add_json, subcommands
from ui.cli.runner import Session, with_hub
from ui.cli.turn_record import record_json, record_lines


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `turn`."""
    add = subcommands(parser, "commands")
    show = add("show", "print exactly what was sent and what came back", _run_show)
    show.add_argument("id", metavar="ID", help="of the turn; may be shortened")
    add_json(show)
    resume.configure(add("resume", "take over turns that a dead program left", resume.run))
    stop.configure(add("stop", "stop running turns, and end those a dead program left", stop.run))


def _run_show(args: Args) -> int:
    return with_hub(partial(_show, args))


async def _show(args: Args, session: Session) -> int:
    record = await session.hub.turn(args.id)
    route = await session.hub.route(record.turn.id)
    if args.json:
        session.console.json(record_json(record, route))
    else:
        session.console.line("\n".join(record_lines(record, route)))
    return 0
