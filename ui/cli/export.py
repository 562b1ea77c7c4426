"""Write a thread as markdown, json, jsonl, html or csv; without -o to stdout."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from hub.domain.thread import Thread
from hub.errors import UsageError
from hub.exports.names import file_name, write_new
from ui.cli.console import Console
from ui.cli.parser import Args
from ui.cli.runner import Session, settings_for, with_hub

_SUFFIXES = {"markdown": "md", "json": "json", "jsonl": "jsonl", "html": "html", "csv": "csv"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `export`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="of the thread; `last` is the newest")
    parser.add_argument(
        "--all", metavar="DIR", help="all there is, for `gitbridge import DIR`; never a key"
    )
    parser.add_argument("--format", choices=_SUFFIXES, help="default: what -o ends with, markdown")
    add_target(parser)


def add_target(parser: argparse.ArgumentParser) -> None:
    """Declare where a file goes."""
    parser.add_argument("-o", dest="output", metavar="PATH", help="file or folder; - is stdout")
    parser.add_argument("--force", action="store_true", help="replace a file that exists")


def run(args: Args) -> int:
    """Export."""
    if (args.id is None) == (args.all is None):
        raise UsageError("Say which thread, or --all DIR for everything there is.")
    if args.all is None:
        return with_hub(partial(_export, args))
    if args.format or args.output:
        raise UsageError("--all writes a folder: leave out --format and -o.")
    from ui.cli.everything import write_all

    console = Console()
    folder = write_all(settings_for(console), Path(args.all).expanduser())
    console.line(str(folder))
    return 0


async def _export(args: Args, session: Session) -> int:
    format_ = args.format or format_of(args.output, _SUFFIXES) or "markdown"
    thread = await session.hub.thread(args.id)
    text = await session.hub.export(thread.id, format_)
    if args.output in (None, "-"):
        session.console.out(text if text.endswith("\n") else text + "\n")
        return 0
    path = target(args.output, thread, _SUFFIXES[format_])
    session.console.line(str(write_new(path, text, force=args.force)))
    return 0


def format_of(output: str | None, suffixes: dict[str, str]) -> str | None:
    """Return the format that a path's ending stands for, if any.

    Raises:
        UsageError: It has an ending that stands for none.
    """
    ending = Path(output).suffix.lower().removeprefix(".") if output else ""
    if not ending or Path(output or "").is_dir():
        return None
    for format_, suffix in suffixes.items():
        if ending == suffix:
            return format_
    known = ", ".join(suffixes)
    raise UsageError(f"No format is called '.{ending}': choose --format {known}.")


def target(output: str, thread: Thread | None, suffix: str) -> Path:
    """Return the file to write: in a folder it is named after the thread."""
    path = Path(output).expanduser()
    if path.is_dir():
        return path / (file_name(thread, suffix) if thread else f"all-threads.{suffix}")
    return path
