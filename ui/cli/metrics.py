"""The hub's figures in Prometheus' text format, on stdout or in a file."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from hub.exports.names import write_new
from ui.cli.parser import Args
from ui.cli.runner import Session, with_hub


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `metrics`."""
    parser.add_argument(
        "-o", dest="output", metavar="PATH",
        help="replace this file in one step, as a node exporter's text collector needs it",
    )  # fmt: skip


def run(args: Args) -> int:
    """Read the record and print it."""
    return with_hub(partial(_metrics, args))


async def _metrics(args: Args, session: Session) -> int:
    _write(args, session, await session.hub.exposition())
    return 0


def _write(args: Args, session: Session, text: str) -> None:
    if args.output in (None, "-"):
        session.console.out(text)
    else:
        path = write_new(Path(args.output).expanduser(), text, force=True)
        session.console.line(str(path))
