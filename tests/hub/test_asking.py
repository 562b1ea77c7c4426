"""A question that is ended early: by the person, by its deadline, at whatever moment."""

import asyncio

import pytest

from hub.config import PriceSettings
from hub.domain.ask import Ask, Mode
from hub.domain.change import AskQuestion, BeginTurn, EndTurn, NextCall, QueueTurn
from hub.domain.event import MessagePosted, TurnChanged, TurnFailed
from hub.domain.query import OutcomeOf
from hub.domain.turn import Purpose, TurnState
from hub.errors import ProviderConnectionError, SendOutcome, TruncatedReplyError, TurnError
from tests.fakes.clock import settle
from tests.fakes.hubs import PRICES, House
from tests.fakes.voices import Streaming, failure, said, voting

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}
DECISION = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"))


async def test_stopping_a_running_question_books_the_call_at_its_estimate(home):
    async with House(home) as house:
        house.voices["grok"] = streaming = Streaming("grok", house.clock, "The sky is")
        house.hub._parts.agents["grok"] = streaming
        task = house.start(Ask("Why?"))
        await house.until(lambda: streaming.asked)
        assert await house.hub.stop() == 1
        answer = await house.done(task)

        assert answer.stopped == "person"
        assert answer.interrupted
        assert answer.messages == ()
        assert [turn.state for turn in answer.turns] == [TurnState.CANCELLED]
        record = await house.hub.turn(answer.turns[0].id)
        assert record.turn.partial == "The sky is"
        assert record.calls[0].usage.estimated
        assert answer.usage.calls == 1
        assert answer.usage.cost == house.books.spent() > 0
        assert house.hub._parts.router.metrics()[0].inflight == 0
        house.books.agree()


async def test_stopping_a_decision_tallies_the_ballots_that_are_there(home):
    async with House(home) as house:
        slow = asyncio.Event()

        async def say(view):
            if view.purpose is Purpose.BALLOT and view.persona.name == "synthesist":
                await slow.wait()
            return voting(VOTES)(view)

        for voice in house.voices.values():
            voice.script = say
        task = house.start(DECISION)
        await house.until(lambda: house.books.value("SELECT count(*) FROM ballot") == 2)
        await house.hub.stop()
        answer = await house.done(task)

        assert answer.stopped == answer.decision.stop_reason == "person"
        assert {b.voter for b in answer.decision.ballots} == {"proposer", "critic"}
        assert answer.decision.tally.absent == ("synthesist",)
        assert answer.decision.closed_at is not None
        house.books.agree()


async def test_stopping_while_drafts_are_written_asks_for_no_ballots(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.hold()
        task = house.start(DECISION)
        await house.until(lambda: sum(v.running for v in house.voices.values()) == 3)
        assert await house.hub.stop() == 3
        answer = await house.done(task)

        assert all(view.purpose is Purpose.DRAFT for view in house.asked)
        assert answer.decision.ballots == ()
        assert answer.stopped == "person"
        house.books.agree()


async def test_a_question_may_be_stopped_while_its_turn_waits_in_line(home):
    async with House(home) as house:
        house.grok.hold()
        thread = await house.hub.create_thread("t")
        tasks = await house.line_up(thread, "One", "Two")
        assert await house.hub.stop(thread.id) == 2
        answers = [await house.done(task) for task in tasks]

        assert [a.stopped for a in answers] == ["person", "person"]
        assert len(house.grok.asked) == 1
        assert house.books.states() == ["cancelled", "cancelled"]
        house.books.agree()


async def test_only_the_thread_that_was_named_is_stopped(home):
    async with House(home) as house:
        house.grok.hold()
        threads = [await house.hub.create_thread(name) for name in ("a", "b")]
        tasks = [house.start(Ask("Why?"), thread.id) for thread in threads]
        await house.until(lambda: house.grok.running == 2)
        assert await house.hub.stop(threads[0].id) == 1
        house.grok.release()

        assert [(await house.done(task)).stopped for task in tasks] == ["person", ""]


async def test_at_its_deadline_a_question_is_ended_and_what_is_there_is_tallied(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(VOTES)
        house.openai.hold()
        task = house.start(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), timeout_s=90))
        await house.until(lambda: house.books.value("SELECT count(*) FROM message") >= 2)
        await house.until(lambda: house.openai.running)
        await house.clock.advance(91)
        answer = await house.done(task)

        assert answer.stopped == answer.decision.stop_reason == "deadline"
        assert answer.messages
        assert "cancelled" in [turn.state for turn in answer.turns]
        house.books.agree()


async def test_when_nothing_came_before_the_deadline_it_says_so(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?", timeout_s=30))
        await house.until(lambda: house.grok.running)
        await house.clock.advance(31)
        with pytest.raises(TurnError, match="30 s"):
            await house.done(task)

        house.books.agree()


async def test_the_deadline_is_sent_with_every_call(home):
    async with House(home) as house:
        await house.ask(Ask("Why?", timeout_s=30))

        assert house.asked[0].timeout_s == 30


@pytest.mark.parametrize(
    ("prices", "failed"),
    [
        (PRICES, False),
        (PRICES, True),
        ({"grok/grok-4.3": PriceSettings(input=1, output=1, ceiling=True)}, False),
    ],
    ids=["one call", "failed over", "cost unknown"],
)
async def test_an_answer_says_what_the_journal_says(home, prices, failed):
    async with House(home, prices=prices) as house:
        if failed:
            house.grok.says(failure())
        answer = await house.ask(Ask("Why is the @critic so cross?"))
        stored = await house.hub._parts.store.read(OutcomeOf(answer.question))

        told = (answer.thread, answer.messages, answer.turns, answer.usage)
        assert told == (stored.thread, stored.messages, stored.turns, stored.usage)
        assert len(answer.turns) == 1


async def test_an_answer_to_a_question_sent_again_costs_what_it_cost_the_first_time_too(home):
    async with House(home, only="grok") as house:
        thread = await house.hub.create_thread("t")
        lost = failure(SendOutcome.UNKNOWN, TruncatedReplyError, spent=(100, 50))
        house.grok.says(lost)
        with pytest.raises(TruncatedReplyError):
            await house.ask(Ask("Why?"), thread.id)
        house.grok.says("Because.")
        answer = await house.done(house.spawn(house.hub.send_again(thread.id)))

        assert answer.usage.calls == len(house.books.calls()) > 1
        assert answer.usage.cost == house.books.spent()


async def test_cancelling_the_task_that_asks_stops_its_turns(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert house.books.states() == ["cancelled"]
        house.books.agree()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("change", [AskQuestion, BeginTurn, NextCall, EndTurn])
async def test_a_stop_during_a_write_leaves_journal_and_memory_agreeing(home, change, after):
    async with House(home) as house:
        house.grok.says(failure())
        pause = house.pause_at(change, after=after)
        task = house.start(Ask("Why?"))
        await asyncio.wait_for(pause.reached.wait(), 10)
        stopping = house.spawn(house.hub.stop())
        await house.until(lambda: stopping.done() or house.cancelling())
        pause.over.set()
        await house.done(stopping)
        answer = await house.done(task)

        ended = [e.turn for e in house.events(TurnChanged) if e.turn.state.ended]
        posted = [e.message for e in house.events(MessagePosted)][1:]
        assert answer.stopped == "person"
        assert [turn.state for turn in ended] == house.books.states()
        assert len(ended) == 1
        assert tuple(posted) == answer.messages
        assert answer.usage.cost == house.books.spent()
        assert all(m.inflight == 0 for m in house.hub._parts.router.metrics())
        assert change is EndTurn or house.books.states() == ["cancelled"]
        house.books.agree()


async def test_a_call_that_was_stopped_before_it_was_made_costs_nothing(home):
    async with House(home) as house:
        pause = house.pause_at(BeginTurn, after=True)
        task = house.start(Ask("Why?"))
        await asyncio.wait_for(pause.reached.wait(), 10)
        stopping = house.spawn(house.hub.stop())
        await house.until(lambda: stopping.done() or house.cancelling())
        pause.over.set()
        await house.done(stopping)
        await house.done(task)

        assert house.asked == []
        assert house.books.calls() == [("grok", "not_sent")]
        assert house.books.spent() == 0
        house.books.agree()


async def test_a_stop_at_any_moment_of_a_decision_leaves_everything_in_order(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(VOTES)
        for moment in range(0, 400, 10):
            task = house.start(DECISION)
            await settle(moment)
            stopping = house.spawn(house.hub.stop())
            await house.done(stopping)
            answer = await house.done(task)
            assert answer.decision.closed_at is not None
            assert all(turn.state.ended for turn in answer.turns)
            house.books.agree()

        told = [e.turn.id for e in house.events(TurnChanged) if e.turn.state.ended]
        assert sorted(told) == sorted(i for (i,) in house.books.rows("SELECT id FROM turn"))
        assert house.hub._parts.seats == {}


async def test_when_a_turn_cannot_be_put_in_line_those_before_it_are_stopped(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.hold()
        commit = house.hub._parts.store.commit
        queued = []

        async def third_fails(change):
            if isinstance(change, QueueTurn):
                queued.append(change)
                if len(queued) == 3:
                    raise ProviderConnectionError("no", provider="x", outcome="not_sent")
            return await commit(change)

        house.hub._parts.store.commit = third_fails
        with pytest.raises(ProviderConnectionError):
            await house.ask(DECISION)

        assert house.books.states() == ["cancelled", "cancelled"]
        house.books.agree()


async def test_the_reasons_of_failed_turns_are_told_once_each(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = lambda view: said(view) if view.schema is None else failure()
        answer = await house.ask(DECISION)

        assert answer.failures == ("It failed (not_sent).",)
        assert len(house.events(TurnFailed)) == 3
        assert len(answer.messages) == 3
