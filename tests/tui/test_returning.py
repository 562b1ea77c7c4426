"""Coming back: what is unread, what is remembered, who is called while they look away."""

import json
from dataclasses import replace

import pytest
from textual import events

from hub.domain.event import DecisionClosed, MessagePosted, TurnChanged
from tests.fakes.story import ballot, decision, ended, reply, running, tally, turn
from tests.tui.stage import hub_with_thread, played
from ui.memory import Memory

pytestmark = pytest.mark.anyio


async def test_what_came_while_the_terminal_had_no_focus_has_a_line_above_it(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        stage.app.post_message(events.AppBlur())
        await stage.settle()
        for seq in (3, 4):
            await stage.publish(MessagePosted(reply(turn(f"u{seq}", "critic"), seq, f"news {seq}")))
        assert "new since you left" not in stage.screen_text()
        stage.app.post_message(events.AppFocus())
        await stage.settle()

        before, line, after = stage.screen_text().partition("2 new since you left")
        assert line
        assert "It depends." in before
        assert "news 3" in after
        assert stage.hint.startswith("2 new since you left")


async def test_what_came_while_the_program_was_closed_is_unread_at_the_next_start(tmp_path):
    hub = hub_with_thread(tmp_path)
    async with played(hub) as stage:
        stage.app.main.composer.text = "half a thought"
        await stage.press("ctrl+q")
    hub.post_now("t1", "posted by night", author="critic")
    async with played(hub) as stage:
        assert "1 new since you left" in stage.screen_text()
        assert stage.app.main.composer.text == "half a thought"
        await stage.press("ctrl+q")
    async with played(hub) as stage:
        assert "new since you left" not in stage.screen_text()


async def test_the_file_of_what_is_remembered_is_its_owners_alone_and_may_be_damaged(tmp_path):
    hub = hub_with_thread(tmp_path)
    async with played(hub) as stage:
        await stage.send("Sent once")
        await stage.press("ctrl+q")
    file = hub.settings.home / "screen.json"
    assert json.loads(file.read_text())["sent"] == ["Sent once"]
    assert file.stat().st_mode & 0o077 == 0
    for damaged in ("", "[]", '{"seen": 3, "sent": [1], "drafts": []}', "[" * 100_000, "\0"):
        file.write_text(damaged)
        assert Memory.read(file).sent == []
    async with played(hub) as stage:
        assert "Router policy" in stage.screen_text()


async def test_a_redacted_text_is_forgotten(tmp_path):
    memory = Memory(
        tmp_path / "m.json", sent=["the secret plan", "other"], drafts={"t": "the secret"}
    )

    memory.forget("the secret")

    assert (memory.sent, memory.drafts) == (["other"], {})


@pytest.mark.parametrize(("wanted", "rings"), [(True, 2), (False, 0)])
async def test_whoever_looks_away_is_called_where_they_want_to_be(tmp_path, wanted, rings):
    hub = hub_with_thread(tmp_path)
    hub.settings.ui.notifications = wanted
    async with played(hub) as stage:
        rung = []
        stage.app.bell = lambda: rung.append(1)
        cast = ballot("critic", "grok for triage")
        closed = decision(cast, tally=tally(cast), closed_at=1)
        short, long = running(turn("u1", "critic")), running(turn("u2", "critic"))
        await stage.publish(DecisionClosed(closed))
        assert rung == []
        stage.app.post_message(events.AppBlur())
        await stage.settle()
        await stage.publish(DecisionClosed(replace(closed, id="d2")), TurnChanged(short))
        await stage.publish(TurnChanged(ended(short, after_s=2)), TurnChanged(long))
        await stage.publish(TurnChanged(ended(long, after_s=40)))

        assert len(rung) == rings
