"""Nobody can be reached: what the person is asked, and the key that sends a question again."""

import pytest

from hub.domain.event import OutageMet
from hub.domain.ids import MessageId, ThreadId
from hub.serving.outages import Outage
from tests.tui.stage import hub_with_thread, played
from ui.screens.outage import OutageScreen

pytestmark = pytest.mark.anyio

MET = OutageMet(
    ThreadId("t1"), MessageId("q1"), ("critic", "proposer"), "OpenAI is down [red]now[/]."
)


@pytest.mark.parametrize(
    ("key", "wish"),
    [("w", Outage.WAIT), ("g", Outage.GO_ON), ("s", Outage.STOP), ("enter", Outage.WAIT)],
)
async def test_an_outage_in_mid_decision_is_answered_with_one_key(tmp_path, key, wish):
    hub = hub_with_thread(tmp_path)
    async with played(hub) as play:
        assert hub.can_ask
        await play.publish(MET)
        assert isinstance(play.app.screen, OutageScreen)
        text = play.screen_text()
        assert "critic, proposer cannot be reached" in text
        assert "[red]" in text

        await play.press(key)

        assert ("outage", "q1", wish) in hub.calls
        assert not isinstance(play.app.screen, OutageScreen)


async def test_one_key_sends_the_open_thread_s_question_again_even_while_typing(tmp_path):
    hub = hub_with_thread(tmp_path)
    async with played(hub) as play:
        await play.type("half a")
        await play.press("alt+r")

        assert ("send_again", play.app.view.thread_id) in hub.calls
        assert play.app.main.composer.text == "half a"
