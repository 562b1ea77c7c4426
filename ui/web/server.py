"""Serves the screen to one browser: each tab runs a program of its own on the same journal."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server
from typing_extensions import override

from ui.web.door import Door

HOST = "127.0.0.1"
_TAB = "-P -m ui.cli.tab"
"""Run without the working folder on the path: what lies there is not ours."""


class BrowserServer(Server):
    """textual-serve behind our door, with a page that fetches nothing from elsewhere."""

    def __init__(self, port: int, ready: Callable[[str], None]) -> None:
        """Prepare; nothing listens yet.

        Args:
            port: On loopback.
            ready: Called with the address once it can be opened.
        """
        python = f'"{sys.executable}"' if sys.platform == "win32" else shlex.quote(sys.executable)
        folder = Path(__file__).parent
        super().__init__(
            f"{python} {_TAB}",
            host=HOST,
            port=port,
            title="GitBridge",
            templates_path=folder,
        )
        self._door = Door(port)
        self._ready = ready

    @override
    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._door.middleware)
        return app

    @override
    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: nobody can come in before it listens."""

    @override
    def serve(self, debug: bool = False) -> None:
        """Serve until interrupted; what happens is in the logs of the programs that are served."""
        web.run_app(
            self._make_app(),
            host=HOST,
            port=self.port,
            print=lambda _: self._ready(self._door.address),
            access_log=None,
        )
