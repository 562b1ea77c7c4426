"""A link shows its whole address and leads nowhere; no picture is fetched (SECURITY S3)."""

from __future__ import annotations

import pytest

from tests.tui.stage import SIZES, hub_with_thread, played

pytestmark = [pytest.mark.anyio, pytest.mark.control("S3")]

LINKS = {
    "[run](javascript:alert(1))": "javascript:alert(1)",
    "[file](file:///etc/passwd)": "file:///etc/passwd",
    "[bank](https://xn--80ak6aa92e.com/login)": "https://xn--80ak6aa92e.com/login",
    "[bank](https://аррӏе.com/login)": "https://xn--80ak6aa92e.com/login",
    "<https://аррӏе.com>": "https://xn--80ak6aa92e.com",
    "[https://bank.example](https://evil.example)": "https://evil.example",
    "[user](https://bank.example@evil.example)": "https://bank.example@evil.example",
    "![picture](https://evil.example/pixel.png)": "https://evil.example/pixel.png",
    "[mail](mailto:a@b.example)": "mailto:a@b.example",
    "[data](data:text/html,x)": "data:text/html,x",
    "[ssh](ssh://evil.example/x)": "ssh://evil.example/x",
}


async def test_whole_addresses_are_on_the_screen_and_a_click_on_one_does_nothing(
    tmp_path, monkeypatch
):
    async with played(
        hub_with_thread(tmp_path, "Where?", "\n\n".join(LINKS)), size=SIZES[-1]
    ) as stage:
        opened = []
        monkeypatch.setattr(stage.app, "open_url", lambda *a, **k: opened.append(a))
        text = stage.screen_text().splitlines()
        for address in LINKS.values():
            row = next(y for y, line in enumerate(text) if address in line)
            start = text[row].index(address)
            for x in (start - 3, start, start + len(address) - 1):
                await stage.pilot.click(offset=(x, row))
        strips = stage.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]

        assert opened == []
        assert [style.link for style in styles if style.link] == []
        assert [style.meta for style in styles if "@click" in style.meta] == []
