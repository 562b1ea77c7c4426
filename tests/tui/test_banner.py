"""What is wrong with the hub itself stays on the screen until it is over."""

import pytest

from hub.domain.event import Notice
from tests.tui.stage import hub_with_thread, played

pytestmark = pytest.mark.anyio
FULL = "The journal cannot be written: the disk is full; make room, then go on."


@pytest.mark.fault(9)
@pytest.mark.parametrize("size", [(40, 16), (120, 34)])
async def test_a_full_disk_stays_on_the_screen_until_it_is_over(tmp_path, size):
    async with played(hub_with_thread(tmp_path), size=size) as app:
        await app.publish(Notice(FULL, severity="error", stands=True))
        await app.publish(Notice("critic waits 3 s, as its provider asks."))
        await app.type("what else")
        assert "The journal cannot be written" in app.screen_text()
        assert FULL in app.toasts

        await app.publish(Notice("The journal can be written again.", stands=True))

        assert not app.app.main.banner.display


async def test_a_banner_is_text_and_no_markup(tmp_path):
    async with played(hub_with_thread(tmp_path)) as app:
        await app.publish(Notice("[bold]no[/] \x1b[2Jwriting", severity="error", stands=True))

        assert "[bold]no[/] [2Jwriting" in app.screen_text()
