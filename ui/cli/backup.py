"""Write a copy of the journal, while programs may be using it; keys are never in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from ui.cli.console import Console
from ui.cli.parser import Args
from ui.cli.runner import settings_for


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of `backup`."""
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="default: a dated one in the backups folder"
    )
    parser.add_argument("--force", action="store_true", help="replace a file that exists")
    parser.epilog = "`gitbridge restore FILE` puts it back."


def run(args: Args) -> int:
    """Copy, and print where to."""
    from ui.wiring import back_up

    console = Console()
    target = Path(args.file).expanduser() if args.file else None
    console.line(str(back_up(settings_for(console), target, force=args.force)))
    return 0
