"""Open the screen in a browser on this machine. The address works once, in one browser."""

from __future__ import annotations

import argparse

from hub.errors import UsageError
from ui.cli.console import Console
from ui.cli.parser import Args

PORT = 8420
_LAST_PORT = 65_535


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `web`."""
    parser.add_argument(
        "--port", type=_port, default=PORT, metavar="N", help=f"where to listen ({PORT})"
    )


def run(args: Args) -> int:
    """Serve until interrupted."""
    try:
        from ui.web.server import BrowserServer
    except ModuleNotFoundError as error:
        raise UsageError(
            "The browser's part is not installed; run: make web, or pip install 'gitbridge-hub[web]'."
        ) from error
    console = Console()

    def ready(address: str) -> None:
        console.line(address)
        console.note("Open this address: it works once. Ctrl+C ends it.")

    try:
        BrowserServer(args.port, ready).serve()
    except OSError as error:
        raise UsageError(
            f"Port {args.port} is taken or not allowed: name another with --port."
        ) from error
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:6]) <= _LAST_PORT:
        raise argparse.ArgumentTypeError(f"'{text}' is no port, such as {PORT}")
    return int(text)
