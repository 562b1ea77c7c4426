"""Bring a transcript back: GitBridge's JSON or JSONL, ChatGPT's export, lines of role and content."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from hub.domain.text import one_line
from hub.domain.transcript import Imports
from hub.errors import TranscriptError, UsageError
from ui.cli.console import Console
from ui.cli.listing import SHORT
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, settings_for, with_hub


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `import`."""
    parser.add_argument(
        "file", metavar="FILE|DIR", help="the file, - for stdin, or a folder of `export --all`"
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAME=AGENT",
        help="give what NAME said in the file to an agent of yours",
    )
    parser.add_argument(
        "--as-new", action="store_true", help="under new ids, beside what is here already"
    )
    parser.add_argument("--yes", action="store_true", help="replace the journal by DIR's unasked")
    add_json(parser)
    parser.epilog = (
        "Ids, times and authors are kept; what the file says of costs is shown and never booked. "
        "A thread that is here already is left as it is. `gitbridge ask --thread ID` goes on."
    )


def run(args: Args) -> int:
    """Read the file, then import it; take in a folder as a whole."""
    if args.file != "-" and Path(args.file).expanduser().is_dir():
        return _take_all(Path(args.file).expanduser(), args)
    names = dict(map(_pair, args.map))
    data = read_file(args.file)
    return with_hub(partial(_import, args, data, names))


async def _import(args: Args, data: bytes, names: dict[str, str], session: Session) -> int:
    done = await session.hub.import_file(data, names=names, as_new=args.as_new)
    if args.json:
        from hub.exports.shapes import summary_json

        session.console.json([summary_json(summary) for summary in done.threads])
    else:
        for summary in done.threads:
            session.console.line(summary.thread.id)
    _tell(session.console, done)
    return 0


def _tell(console: Console, done: Imports) -> None:
    """Say beside the result what was imported, what was here, and who is not configured."""
    for summary in done.threads:
        console.note(f"'{one_line(summary.thread.title)}': {summary.messages} messages.")
    for thread in done.here:
        console.note(f"{thread.id[:SHORT]} '{one_line(thread.title)}' is here already, unchanged.")
    if done.strangers:
        names = ", ".join(done.strangers)
        console.note(
            f"Not configured here: {names}. Their words keep their names; "
            f"--map {done.strangers[0]}=AGENT gives them to an agent of yours."
        )


def _take_all(folder: Path, args: Args) -> int:
    """Put the folder's journal in our own's place, and its settings where there are none."""
    from ui.cli.everything import checked, take_settings
    from ui.cli.restore import put_back

    if args.map or args.as_new or args.json:
        raise UsageError("A folder is taken in as a whole: leave out --map, --as-new and --json.")
    console = Console()
    settings, journal = settings_for(console), checked(folder)
    if put_back(console, settings, journal, yes=args.yes):
        used = take_settings(settings, folder)
        what = f"are in {settings.config_file} now" if used else "of this machine stay in force"
        console.note(f"The settings {what}. Keys are never exported: `gitbridge providers`.")
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, agent = text.partition("=")
    if not (name and equals and agent):
        raise UsageError(f"--map '{one_line(text)}': NAME=AGENT is wanted.")
    return name, agent


def read_file(name: str) -> bytes:
    """Return the file, or as much of it as shows that it is too large.

    Raises:
        TranscriptError: It cannot be read.
    """
    from hub.imports.read import LARGEST

    if name == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    shown = one_line(name)
    try:
        with Path(name).expanduser().open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise TranscriptError(f"{shown} cannot be read: {reason}.") from error
