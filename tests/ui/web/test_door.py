"""Who gets in: asked over real HTTP, as other programs and pages on the machine would ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession, CookieJar, web
from aiohttp.test_utils import unused_port

from ui.web.door import COOKIE, Door

pytestmark = [pytest.mark.anyio, pytest.mark.network, pytest.mark.control("S15")]


@dataclass
class Served:
    """A page behind a door, and a browser that has not been there yet."""

    door: Door
    browser: ClientSession
    at: str

    async def status(self, path: str = "/", **asked) -> int:
        async with self.browser.get(f"{self.at}{path}", allow_redirects=False, **asked) as answer:
            return answer.status


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    port = unused_port()
    door = Door(port)
    app = web.Application(middlewares=[door.middleware])
    app.add_routes([web.get("/{rest:.*}", _page)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as browser:
        yield Served(door, browser, f"http://127.0.0.1:{port}")
    await runner.cleanup()


async def _page(_: web.Request) -> web.Response:
    return web.Response(text="the screen")


async def test_the_token_lets_one_browser_in_and_leaves_the_address(served):
    async with served.browser.get(served.door.address) as answer:
        assert (answer.status, await answer.text()) == (200, "the screen")
        assert str(answer.url) == f"{served.at}/"

    assert await served.status("/ws") == 200
    served.browser.cookie_jar.clear()
    async with served.browser.get(served.door.address) as second:
        assert second.status == 403
        assert "open the address that `gitbridge web` printed" in await second.text()


@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js", "/download/x", "/?token="])
async def test_nobody_gets_in_without_the_cookie(served, path):
    assert await served.status(path) == 403
    served.browser.cookie_jar.update_cookies({COOKIE: "guessed"})
    assert await served.status(path) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1:1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
    ],
)
async def test_another_page_in_the_same_browser_reaches_nothing(served, headers):
    token = served.door.address.partition("/?")[2]
    assert await served.status(f"/?{token}", headers=headers) == 403
    async with served.browser.get(served.door.address):
        assert await served.status() == 200

    assert await served.status("/ws", headers=headers) == 403


async def test_the_cookie_is_no_business_of_scripts_or_other_sites(served):
    async with served.browser.get(served.door.address, allow_redirects=False) as answer:
        cookie = answer.cookies[COOKIE]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")


async def test_the_page_may_load_nothing_from_elsewhere(served):
    async with served.browser.get(served.door.address) as answer:
        policy = answer.headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "http" not in policy
