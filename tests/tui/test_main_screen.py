"""The main screen over a hub in memory: messages first, then what is seen."""

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.event import Delta, MessagePosted, Notice, TurnChanged, TurnFailed
from hub.domain.ids import TurnId
from hub.domain.transcript import TurnSummary
from hub.domain.turn import TurnState
from hub.errors import BudgetRefusedError
from tests.fakes.hub import FakeHub
from tests.fakes.story import ended, running, turn, vote_events, whole_turn
from tests.tui.stage import SIZES, Played, hub_with_thread, played
from ui.app import GitBridgeApp
from ui.messages import Happened, Submitted, ThreadChosen
from ui.view import Phase

pytestmark = pytest.mark.anyio


async def test_the_newest_thread_is_open_and_the_composer_has_the_focus(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        assert stage.app.view.thread.title == "Router policy"
        assert stage.app.focused is stage.app.main.composer
        text = stage.screen_text()
        for shown in (
            "Router policy",
            "It depends.",
            "proposer",
            "openai 212 ms",
            "grok down",
            "72 %",
        ):
            assert shown in text


async def test_the_screen_is_painted_before_the_hub_is_open(tmp_path):
    hub = hub_with_thread(tmp_path)
    apps, painted = [], []

    def open_hub():
        painted.append("Message the thread" in Played(apps[0], hub, None, []).screen_text())
        return hub.open()

    apps.append(GitBridgeApp(open_hub))
    async with apps[0].run_test(size=(120, 34)) as pilot:
        await pilot.pause()

        assert painted == [True]


@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_deliberation_shows_at_every_size(tmp_path, size):
    async with played(hub_with_thread(tmp_path), size=size) as stage:
        first = turn("u1", "proposer", reply_to="t1-1")
        await stage.publish(
            *whole_turn(first, 3, "The small model wins on *cost*."), *vote_events()
        )

        assert stage.passed(Happened)
        view = stage.app.view
        assert view.last_seq == 3
        assert view.ballots_open == (("synthesist",), ("critic",))
        text = stage.screen_text()
        assert "The small model wins on cost." in text
        assert ("ROUTE" in text) == (size[0] >= 150)
        assert ("THREADS" in text) == (size[0] >= 110)
        assert "$0.0021" in text


async def test_text_streams_into_a_row_that_becomes_the_message(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        begun = running(turn("u1", "critic", reply_to="t1-2"))
        await stage.publish(TurnChanged(begun), Delta("t1", begun.id, "critic", "Half a sen"))
        assert "writing 5 s" in stage.screen_text()
        assert "Half a sen" in stage.screen_text()

        await stage.publish(
            *whole_turn(turn("u1", "critic", reply_to="t1-2"), 3, "Half a sentence.")[-3:]
        )

        assert "Half a sentence." in stage.screen_text()
        assert not stage.app.view.live


async def test_a_plain_message_goes_to_the_hub_in_the_open_thread(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.type("Why, @cri")
        await stage.press("tab")
        await stage.type("so?")
        await stage.press("enter")

        assert [m.text for m in stage.passed(Submitted)] == ["Why, @critic so?"]
        assert stage.hub.asked == [(Ask("Why, @critic so?"), "t1")]
        assert stage.app.main.composer.text == ""
        assert "Why, @critic so?" in stage.screen_text()


async def test_without_a_thread_the_first_message_starts_one(tmp_path):
    async with played(FakeHub(tmp_path)) as stage:
        assert stage.app.view.thread is None

        await stage.send("Hello")

        assert stage.hub.asked == [(Ask("Hello"), "new0")]
        assert stage.app.view.thread_id == "new0"


async def test_a_decision_and_a_discussion_are_asked_for_by_commands(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.send("/discuss 2 Why?")
        await stage.send("/decide Ship? | yes | no")

        assert [ask.mode for ask, _ in stage.hub.asked] == [Mode.DISCUSS, Mode.DECIDE]


async def test_what_a_draft_would_cost_is_said_while_typing(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.cost = 300_000
    async with played(hub) as stage:
        await stage.type("hm")
        assert stage.hint == ""
        await stage.pilot.pause(0.4)
        await stage.settle()

        assert stage.hint == "about $0.30, at most $3.00 (1 call)"
        assert stage.app.main.hint.has_class("-warning")


async def test_a_refused_question_says_why_and_ends_nothing(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.answer_error = BudgetRefusedError("The day's budget of $5 is used up: [b]raise[/b] it.")
    async with played(hub) as stage:
        await stage.send("Why?")

        assert stage.hint == "The day's budget of $5 is used up: [b]raise[/b] it."
        assert stage.toasts == [stage.hint]
        await stage.send("/title Still here")
        assert stage.app.view.thread.title == "Still here"


async def test_an_unforeseen_error_is_one_sentence_too(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.answer_error = ZeroDivisionError("secret")
    reports = []
    report = lambda error: reports.append(error) or "That should not happen."  # noqa: E731  a def would hide that it answers
    async with played(hub, report=report) as stage:
        await stage.send("Why?")

        assert stage.hint == "That should not happen."
        assert [type(e) for e in reports] == [ZeroDivisionError]


async def test_a_message_from_another_program_appears_with_who_served_it(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        far = TurnId("far")
        stage.hub.summaries[far] = TurnSummary(
            far, "critic", TurnState.DONE, "grok", "grok-3-mini", 900, latency_s=1.4
        )
        stage.hub.post_now("t1", "posted elsewhere", author="critic", turn_id=far)
        await stage.publish()
        await stage.pilot.pause(0.5)
        await stage.settle()

        assert "posted elsewhere" in stage.screen_text()
        assert "grok grok-3-mini · $0.0009 · 1.4 s" in stage.screen_text()


async def test_a_gap_is_read_again_by_itself(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        missed = stage.hub.message("t1", 3, "missed", author="critic")
        late = stage.hub.message("t1", 4, "late", author="critic")
        stage.hub.posts["t1"] += [missed, late]
        await stage.publish(MessagePosted(late))

        assert stage.app.view.last_seq == 4
        assert not stage.app.view.stale
        assert "missed" in stage.screen_text()


async def test_a_failed_turn_shows_its_reason_in_the_transcript(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        begun = running(turn("u1", "critic"))
        failed = ended(begun, TurnState.FAILED)
        await stage.publish(
            TurnChanged(begun), TurnFailed(failed, "openai is out of money: top up.")
        )

        assert "openai is out of money: top up." in stage.screen_text()
        assert stage.app.view.agents[1].phase is Phase.FAILED


async def test_a_notice_is_said_above_the_composer(tmp_path):
    async with played(hub_with_thread(tmp_path)) as stage:
        await stage.publish(Notice("A budget is nearly used up.", severity="warning"))

        assert stage.hint == "A budget is nearly used up."
        assert stage.toasts == [stage.hint]


async def test_another_thread_is_picked_from_the_list(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.add_thread("Other things", "elsewhere", id="t2")
    async with played(hub) as stage:
        await stage.press("ctrl+t")
        await stage.press("down", "enter")

        assert [m.thread_id for m in stage.passed(ThreadChosen)] == ["t2"]
        assert "elsewhere" in stage.screen_text()
        assert stage.app.focused is stage.app.main.composer


async def test_where_there_is_no_room_the_threads_are_a_drawer(tmp_path):
    hub = hub_with_thread(tmp_path)
    hub.add_thread("Other things", "elsewhere", id="t2")
    async with played(hub, size=(80, 24)) as stage:
        await stage.press("ctrl+t")
        assert "THREADS  2" in stage.screen_text()
        await stage.press("down", "enter")

        assert stage.app.view.thread_id == "t2"
        assert len(stage.app.screen_stack) == 1


async def test_ten_thousand_messages_open_with_one_page_and_little_work(tmp_path):
    hub = hub_with_thread(tmp_path, *("word " * 40 for _ in range(10_000)))
    async with played(hub, size=(120, 40)) as stage:
        pages = [call for call in hub.calls if call[0] == "messages"]

        assert pages == [("messages", "t1", None, None, 200)]
        assert stage.app.main.transcript.rows.renders < 60
        await stage.press(*["pageup"] * 30)
        assert len(stage.app.view.rows) > 200
        assert not stage.app.main.transcript.following
