"""Put a backup in the journal's place; the journal that was there is kept beside the backups."""

from __future__ import annotations

import argparse
from pathlib import Path

from hub.config import Settings
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
    console = Console()
    put_back(console, settings_for(console), Path(args.file).expanduser(), yes=args.yes)
    return 0


def put_back(console: Console, settings: Settings, source: Path, *, yes: bool) -> bool:
    """Put a copy in the journal's place, after a yes where there is one; tell whether it was.

    Raises:
        UsageError: Nobody is there to ask.
        StorageError: The copy is no journal, another program runs, or a file cannot be moved.
    """
    from ui.wiring import restore

    if not yes and settings.database.exists():
        if not console.asks:
            raise UsageError("Nobody is there to ask: add --yes to replace the journal.")
        if not console.confirm(f"Replace {settings.database} by {source}? The old one is kept."):
            console.note("Nothing was changed.")
            return False
    kept = restore(settings, source)
    console.note(f"{source} is the journal now" + (f"; the old one is {kept}." if kept else "."))
    return True
