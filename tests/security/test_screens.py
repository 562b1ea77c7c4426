"""The screen over a server that repeats the key: no picture of it shows a piece, nor does a crash (S5)."""

from __future__ import annotations

import asyncio
import re

import pytest

from hub.config import load
from tests.journeys.conftest import PATIENCE_S
from tests.security.canary import Hunter, canary
from tests.security.journey import Repeating
from tests.tui.stage import SIZES, Played
from ui.app import GitBridgeApp
from ui.cli.endings import unforeseen
from ui.wiring import open_hub

pytestmark = [pytest.mark.anyio, pytest.mark.network, pytest.mark.control("S5")]


@pytest.fixture
async def key(home, monkeypatch):
    """Return the key of both providers, whose servers refuse and repeat it."""
    key = canary()
    async with (
        Repeating(lambda: None) as openai,
        Repeating(lambda: None, provider="xai") as xai,
    ):
        openai.rejecting = xai.rejecting = True
        for name, value in (
            ("OPENAI_API_KEY", key),
            ("OPENAI_BASE_URL", openai.url),
            ("XAI_API_KEY", key),
            ("XAI_BASE_URL", xai.url),
        ):
            monkeypatch.setenv(name, value)
        yield key


async def until(stage, condition):
    """Let the app run until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await stage.pilot.pause()


async def test_no_picture_of_any_screen_holds_a_piece_of_a_key(key):
    app = GitBridgeApp(lambda: open_hub(load()), report=unforeseen)
    pictures = []
    async with app.run_test(size=SIZES[-1]) as pilot:
        stage = Played(app, None, pilot, [])
        await until(stage, lambda: app.session)
        await stage.send("@critic what is my key?")
        await until(stage, lambda: app.view.thread_id and "refused the key" in stage.screen_text())
        pictures.append(app.export_screenshot())
        for name in ("f1", "f2", "f3", "f4", "f8", "f9"):
            await stage.press(name)
            pictures.append(app.export_screenshot())
            await stage.press("escape")
    texts = [re.sub(r"<[^>]*>|&#160;", "", picture) for picture in pictures]

    hunt = Hunter([key])
    assert [n for n, text in enumerate(texts) if hunt.finds(text)] == []
    assert [n for n, picture in enumerate(pictures) if hunt.finds(picture)] == []
    assert "OPENAI_API_KEY" in texts[-1].replace(" ", "")


async def test_a_crash_with_the_key_in_its_locals_and_its_words_shows_none_of_it(key, home, capsys):
    app = GitBridgeApp(lambda: open_hub(load()), report=unforeseen)

    def crash():
        bearer = f"Bearer {key}"
        raise RuntimeError(f"could not send {bearer}")

    async def run():
        async with app.run_test(size=SIZES[0]) as pilot:
            await until(Played(app, None, pilot, []), lambda: app.session)
            app.call_later(crash)
            await pilot.pause()

    with pytest.raises(RuntimeError):
        await run()

    out, err = capsys.readouterr()
    (report,) = (home / "logs").glob("error-*.txt")
    hunt = Hunter([key])
    assert not hunt.finds(out + err)
    assert str(report) in err.replace("\n", "")
    assert "Traceback" not in err
    assert "could not send" in report.read_text()
    assert not hunt.finds(report.read_bytes())
