"""Put a backup in the journal's place; the journal that was there is kept beside the backups."""

from __future__ import annotations

import argparse
from pathlib import Path

from hub.errors import UsageError
from ui.cli.console import Console
from ui.cli.parser import Args
from ui.cli.runner import settings_for


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of `restore`."""
    parser.add_argument("file", metavar="FILE", help="what `gitbridge backup` wrote")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(args: Args) -> int:
    """Check the copy, ask, and put it back."""
    from ui.wiring import restore

    console = Console()
    settings = settings_for(console)
    source = Path(args.file).expanduser()
    if not args.yes and settings.database.exists():
        if not console.asks:
            raise UsageError("Nobody is there to ask: add --yes to replace the journal.")
        if not console.confirm(f"Replace {settings.database} by {source}? The old one is kept."):
            console.note("Nothing was changed.")
            return 0
    kept = restore(settings, source)
    console.note(f"{source} is the journal now" + (f"; the old one is {kept}." if kept else "."))
    return 0
