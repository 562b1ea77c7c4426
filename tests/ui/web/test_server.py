"""`gitbridge web` as a program: the real screen over a real WebSocket, and in a real browser."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from itertools import count

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType
from aiohttp.test_utils import unused_port
from PIL import Image

from ui.main import main

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.control("S15"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and process groups"),
]
BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
PATIENCE_S = 60
FEW = 30
"""Colours of a page without the screen: its notice alone."""


async def start(home) -> tuple[asyncio.subprocess.Process, str]:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from ui.main import main; raise SystemExit(main())"),
        *("web", "--port", str(unused_port())),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "GITBRIDGE_HOME": str(home)},
        start_new_session=True,
    )
    assert program.stdout is not None
    line = await asyncio.wait_for(program.stdout.readline(), PATIENCE_S)
    return program, line.decode().strip()


def left(group: int) -> bool:
    """Tell whether any process of a group is still there."""
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    """Look again until something is true."""
    async with asyncio.timeout(PATIENCE_S):
        for _ in count():
            found = true()
            if found is True or (found is not False and await found):
                return
            await asyncio.sleep(0.02)


async def test_a_browser_gets_the_screen_and_leaves_no_program_behind(tmp_path):
    program, address = await start(tmp_path)
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        async with browser.get(address) as page:
            html = await page.text()
        root = address.partition("?")[0]
        async with browser.ws_connect(f"{root}ws?width=90&height=30") as screen:
            shown = b""
            async with asyncio.timeout(PATIENCE_S):
                while b"Message the thread" not in shown:
                    message = await screen.receive()
                    assert message.type is WSMsgType.BINARY
                    shown += message.data
    program.send_signal(signal.SIGINT)
    await asyncio.wait_for(program.wait(), PATIENCE_S)
    await until(lambda: not left(program.pid))

    assert "https://" not in html
    assert f'data-session-websocket-url="{root.replace("http", "ws")}ws"' in html


@pytest.mark.parametrize(
    ("port", "said"),
    [("0", "'0' is no port"), ("65536", "is no port"), ("x", "is no port"), (None, "is taken")],
)
def test_a_port_that_cannot_be_had_is_refused_in_one_sentence(capsys, port, said):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        assert main(["web", "--port", port or str(taken.getsockname()[1])]) == 2

    assert said in capsys.readouterr().err


@pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine")
async def test_a_real_browser_draws_the_screen(tmp_path):
    program, address = await start(tmp_path / "home")
    port = unused_port()
    chrome = await asyncio.create_subprocess_exec(
        *(BROWSER, "--headless=new", "--no-sandbox", f"--remote-debugging-port={port}"),
        *(f"--user-data-dir={tmp_path / 'chrome'}", "--window-size=1000,600", address),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        picture = await _picture(port)
    finally:
        chrome.kill()
        program.send_signal(signal.SIGINT)
        await chrome.wait()
        await program.wait()
    assert _colours(picture) > FEW


async def _picture(port: int) -> Image.Image:
    """Return what the one tab shows once the screen has painted."""
    pages: list[str] = []
    shots: list[Image.Image] = []
    async with ClientSession() as tools:

        async def opened() -> bool:
            with suppress(OSError):
                async with tools.get(f"http://127.0.0.1:{port}/json") as tabs:
                    found = [tab for tab in await tabs.json() if tab["type"] == "page"]
                    pages.extend(tab["webSocketDebuggerUrl"] for tab in found)
            return bool(pages)

        await until(opened)
        async with tools.ws_connect(pages[0], max_msg_size=0) as wire:

            async def painted() -> bool:
                shot = await _ask(wire, "Page.captureScreenshot", format="png")
                shots.append(Image.open(io.BytesIO(base64.b64decode(shot["data"]))))
                return _colours(shots[-1]) > FEW

            await until(painted)
    return shots[-1]


def _colours(picture: Image.Image) -> int:
    return len(picture.convert("RGB").resize((200, 120)).getcolors(24_000) or ())


async def _ask(wire, method: str, **params) -> dict:
    await wire.send_json({"id": 1, "method": method, "params": params})
    while (answer := await wire.receive_json()).get("id") != 1:
        pass
    return answer["result"]
