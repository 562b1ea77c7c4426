"""Where a call and the one beside it fail, are stopped, or where there is no second one at all."""

from __future__ import annotations

import contextlib

import pytest

from hub.config import PriceSettings
from hub.consensus.partition import partition_schema
from hub.domain.ask import Ask, Mode
from hub.domain.change import OpenBeside
from hub.domain.event import HedgeEnded, HedgeSent
from hub.domain.query import RecentCalls
from hub.domain.turn import Purpose, TurnOrder, TurnState
from hub.errors import (
    AuthenticationError,
    GitBridgeError,
    ModelError,
    SendOutcome,
    TruncatedReplyError,
)
from tests.fakes.hedges import GROK, LATE_S, Hedging, hedger, measure
from tests.fakes.hubs import PRICES, budget, settings
from tests.fakes.voices import failure
from tests.faults.invariants import violations

pytestmark = pytest.mark.anyio

REJECTED, UNKNOWN = SendOutcome.REJECTED, SendOutcome.UNKNOWN


async def test_the_hedge_is_waited_for_where_the_first_call_fails_meanwhile(home):
    async with Hedging(home) as house:
        house.openai.says(failure(REJECTED, AuthenticationError, status=401))
        house.grok.hold()
        asking = await house.late()
        await house.until(lambda: house.grok.running)
        house.openai.release()
        await house.until(lambda: house.events(HedgeEnded))
        house.grok.release()
        answer = await house.done(asking)

        assert answer.turns[0].provider == "grok"
        assert house.books.calls() == [("openai", "rejected"), ("grok", "done")]
        assert house.books.holds() == ["released", "settled"]
        assert house.events(HedgeEnded)[0].failed
        assert house.hub._parts.router.state.breaker_of("openai").cause
        assert house.inflight == [0, 0]
        house.books.agree()


async def test_the_first_call_is_waited_for_where_the_hedge_fails(home):
    async with Hedging(home) as house:
        house.grok.says(failure(REJECTED, AuthenticationError, status=401))
        asking = await house.late()
        await house.until(lambda: house.events(HedgeEnded))
        house.openai.release()
        answer = await house.done(asking)

        assert answer.turns[0].provider == "openai"
        assert house.books.calls() == [("openai", "done"), ("grok", "rejected")]
        assert house.inflight == [0, 0]
        house.books.agree()


async def test_where_both_fail_the_turn_goes_on_and_asks_neither_again(home):
    models = {"grok": ("grok-4.3", "grok-3-mini")}
    plain = settings(home).providers
    changed = {
        n: p.model_copy(update={"models": models.get(n, p.models)}) for n, p in plain.items()
    }
    dear = PRICES | {"grok/grok-3-mini": PriceSettings(input=2_500_000, output=11_000_000)}
    cap = budget(day=51_200)  # the first holds 40,238, the second 10,369, the third 44,738
    async with Hedging(home, providers=changed, prices=dear, budget=cap) as house:
        measure(house, "grok/grok-3-mini", *[9.0] * 30)
        house.openai.says(failure())
        house.grok.says(failure(REJECTED, ModelError, status=404), "Here.")
        asking = await house.late()
        await house.until(lambda: house.events(HedgeEnded))
        house.openai.release()
        answer = await house.done(asking)

        assert answer.turns[0].model == "grok-3-mini"
        assert [view.model for view in house.asked] == ["gpt-4o", "grok-4.3", "grok-3-mini"]
        assert house.books.states("call") == ["not_sent", "rejected", "done"]
        assert house.asked[-1].max_output == 4_000  # what both held is free again
        house.books.agree()


async def test_two_unknown_outcomes_end_the_turn_since_it_was_sent_twice(home):
    async with Hedging(home) as house:
        house.openai.says(failure(UNKNOWN, TruncatedReplyError))
        house.grok.says(failure(UNKNOWN, TruncatedReplyError))
        asking = await house.late()
        await house.until(lambda: house.events(HedgeEnded))
        house.openai.release()
        with pytest.raises(TruncatedReplyError):
            await house.done(asking)

        assert house.books.states() == ["unknown"]
        assert house.books.states("call") == ["unknown", "unknown"]
        house.books.agree(unsettled=2)


async def test_nothing_follows_a_word_of_the_hedge(home):
    async with Hedging(home) as house:
        house.grok.says(failure(UNKNOWN, TruncatedReplyError, partial="Well", visible=True))
        with pytest.raises(TruncatedReplyError):
            await house.done(await house.late())

        assert len(house.asked) == 2
        assert house.books.value("SELECT partial FROM turn") == "Well"
        assert house.inflight == [0, 0]
        house.books.agree()


UNHEDGED = {
    "switched off": {"agents": (hedger(hedge=False),)},
    "too few answers seen": {"samples": 29},
    "nobody else to ask": {"agents": (hedger(deployments=("openai",)),)},
    "no money for both": {"budget": budget(question=45_000)},
    "none at the second one": {"budget": budget(providers={"grok": 100})},
}


@pytest.mark.parametrize("parts", UNHEDGED.values(), ids=UNHEDGED)
async def test_a_late_call_stays_alone(home, parts):
    async with Hedging(home, **parts) as house:
        house.openai.hold()
        asking = house.start(Ask("Why?"))
        await house.until(lambda: house.openai.running)
        for _ in range(5):
            await house.clock.advance(LATE_S)
            await house.hub.thread("last")  # a second call would have read its budgets by now
        house.openai.release()
        answer = await house.done(asking)

        assert answer.turns[0].provider == "openai"
        assert house.grok.asked == []
        assert house.books.calls() == [("openai", "done")]
        assert house.inflight[-1] == house.inflight[0] == 0
        house.books.agree()


async def test_a_call_stays_alone_once_the_retry_budget_of_the_second_one_is_used_up(home):
    async with Hedging(home) as house:
        while house.hub._parts.router.may_resend("grok"):
            pass
        asking = await house.late()
        house.openai.release()
        await house.done(asking)

        assert house.grok.asked == []
        house.books.agree()


async def test_stopping_the_turn_stops_and_books_both_calls(home):
    async with Hedging(home) as house:
        house.grok.hold()
        asking = await house.late()
        await house.until(lambda: house.grok.running)
        await house.hub.stop()
        answer = await house.done(asking)

        assert answer.stopped == "person"
        assert (house.openai.running, house.grok.running) == (0, 0)
        assert house.books.states() == ["cancelled"]
        assert house.books.states("call") == ["unknown", "unknown"]
        assert house.books.rows("SELECT estimated FROM ledger") == [(1,), (1,)]
        assert house.inflight == [0, 0]
        facts = await house.hub._parts.store.read(RecentCalls())
        assert [(f.deployment, f.overtaken) for f in facts] == [(GROK, True)]
        house.books.agree()


async def test_a_program_that_ends_books_both_calls_and_another_one_asks_once_more(home):
    async with Hedging(home) as house:
        house.grok.hold()
        asking = await house.late()
        await house.until(lambda: house.grok.running)
        await house.hub.close(grace_s=0)
        with contextlib.suppress(GitBridgeError):
            await house.done(asking)
        assert house.books.states() == ["queued"]
        assert house.books.states("call") == ["unknown", "unknown"]
        assert house.books.holds() == ["settled", "settled"]

    async with Hedging(home) as house:
        await house.hub.resume()

        assert house.books.states() == ["done"]
        assert house.books.states("call") == ["unknown", "unknown", "done"]
        house.books.agree()


async def test_a_second_call_that_is_not_needed_any_more_is_never_sent(home):
    async with Hedging(home) as house:
        pause = house.pause_at(OpenBeside, after=True)
        asking = await house.late()
        await pause.reached.wait()
        house.openai.release()
        await house.until(lambda: house.openai.running == 0)
        pause.over.set()
        answer = await house.done(asking)

        assert answer.turns[0].provider == "openai"
        assert house.grok.asked == []
        assert house.books.calls() == [("openai", "done"), ("grok", "not_sent")]
        assert house.books.holds() == ["settled", "released"]
        assert house.inflight == [0, 0]
        house.books.agree()


async def test_a_journal_that_takes_nothing_leaves_the_first_call_alone(home):
    async with Hedging(home) as house:
        house.openai.hold()
        asking = house.start(Ask("Why?"))
        await house.until(lambda: house.openai.running)
        await house.asleep(LATE_S)
        tried, commit = [], house.hub._parts.store.commit

        async def noted(change):
            try:
                return await commit(change)
            finally:
                tried.append(change)

        house.hub._parts.store.commit = noted
        house.break_journal()
        await house.clock.advance(LATE_S)
        await house.until(lambda: tried)
        house.mend_journal()
        house.openai.release()
        answer = await house.done(asking)

        assert answer.turns[0].provider == "openai"
        assert house.grok.asked == []
        assert house.inflight == [0, 0]
        house.books.agree()


async def test_a_seat_of_a_decision_is_not_handed_to_another_family(home):
    async with Hedging(home, agents=(hedger(), hedger(name="bob"))) as house:
        house.openai.hold()
        deciding = house.start(Ask("Tabs?", Mode.DECIDE, options=("tabs", "spaces")))
        await house.until(lambda: house.openai.running)
        await house.asleep(LATE_S)
        for _ in range(3):
            await house.clock.advance(LATE_S)
        house.openai.release()
        answer = await house.done(deciding)

        assert answer.decision is not None
        assert house.events(HedgeSent) == []
        assert {ballot.family for ballot in answer.decision.ballots} == {"gpt", "grok"}
        house.books.agree()


async def test_hedges_pass_no_cap(home):
    cap = 95_000  # two first calls hold 80,000: one second call of 10,000 fits beside them
    async with Hedging(home, budget=budget(day=cap)) as house:
        house.grok.hold()
        house.openai.hold()
        asking = [house.start(Ask(f"Question {n}?")) for n in range(2)]
        await house.until(lambda: house.openai.running == 2)
        await house.clock.advance(LATE_S)
        await house.until(lambda: house.grok.running)
        await house.until(lambda: house.hub._parts.router.state.resends_of("grok").tokens < 8.5)
        [(day, held)] = house.books.rows(
            "SELECT id, spent + reserved FROM budget WHERE id LIKE 'day:%'"
        )

        assert 90_000 < held <= cap
        house.grok.release()
        house.openai.release()
        for one in asking:
            await house.done(one)
        assert len(house.books.calls()) == 3
        house.books.agree()
    assert violations(house.settings.database, refusing=[day]) == []


async def test_what_a_ballot_lacks_is_asked_for_alone_after_both_calls_are_booked(home):
    async with Hedging(home) as house:
        house.openai.hold()
        house.grok.says("No JSON at all.", '{"groups": []}')
        thread = await house.hub.create_thread("Votes")
        order = TurnOrder(Purpose.BALLOT, "ada", schema=partition_schema(2))
        turn = await house.hub._queue.queue(thread.id, order)
        await house.until(lambda: house.openai.running)
        await house.asleep(LATE_S)
        await house.clock.advance(LATE_S)
        finished = await house.done(house.spawn(house.hub._queue.finished(turn.id)))

        assert finished.turn.state is TurnState.DONE
        calls = [("openai", "unknown"), ("grok", "done"), ("grok", "done")]
        assert house.books.calls() == calls
        assert len(house.events(HedgeSent)) == 1
        beside = house.books.rows("SELECT n FROM route WHERE strategy = 'hedge'")
        assert beside == [(2,)]  # what follows is a repeat: lost, it counts as one
        assert house.books.value("SELECT count(*) FROM ledger") == 3
        assert house.inflight == [0, 0]
        house.books.agree()
