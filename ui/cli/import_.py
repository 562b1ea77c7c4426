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
from ui.cli.runner import Session, with_hub


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `import`."""
    parser.add_argument("file", metavar="FILE", help="the file, or - to read stdin")
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
    add_json(parser)
    parser.epilog = (
        "Ids, times and authors are kept; what the file says of costs is shown and never booked. "
        "A thread that is here already is left as it is. `gitbridge ask --thread ID` goes on."
    )


def run(args: Args) -> int:
    """Read the file, then import it."""
    names = dict(map(_pair, args.map))
    data = _read(args.file)
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


def _pair(text: str) -> tuple[str, str]:
    name, equals, agent = text.partition("=")
    if not (name and equals and agent):
        raise UsageError(f"--map '{one_line(text)}': NAME=AGENT is wanted.")
    return name, agent


def _read(name: str) -> bytes:
    """Return the file, or as much of it as shows that it is too large.

    Raises:
        UsageError: It is a folder, or cannot be read.
    """
    from hub.imports.read import LARGEST

    if name == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    path, shown = Path(name).expanduser(), one_line(name)
    if path.is_dir():
        raise UsageError(f"{shown} is a folder: name one file in it.")
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise TranscriptError(f"{shown} cannot be read: {reason}.") from error
