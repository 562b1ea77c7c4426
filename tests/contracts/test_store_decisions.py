"""What every store does with decisions, ballots and sums of bookings."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from hub.domain.change import (
    CastBallot,
    CloseDecision,
    OpenDecision,
    ReopenDecision,
    WidenDecision,
)
from hub.domain.decision import (
    Ballot,
    BallotKind,
    Decision,
    Dissent,
    Flip,
    Option,
    Proposal,
    Rule,
    Score,
    Tally,
    Verdict,
)
from hub.domain.ids import DecisionId
from hub.domain.query import DecisionByRef, DecisionList, Messages, TurnRecordByRef, UsageBy
from hub.domain.thread import MessageKind, Thread
from hub.domain.turn import Purpose
from hub.domain.usage import Cost, Usage
from hub.errors import NotFoundError, UsageError
from hub.ports import Store
from tests.contracts.stores import (
    START,
    a_thread,
    begin,
    booking,
    call,
    end,
    message,
    queue,
)

pytestmark = pytest.mark.anyio

YES, NO = Option("Yes", ("proposer",)), Option("No, für immer")


def decision(thread: Thread, id_: str = "d1") -> Decision:
    proposal = Proposal(
        "Shall we?",
        (YES, NO),
        ("proposer", "critic", "you"),
        Rule.QUALIFIED,
        threshold=2 / 3,
        quorum=2,
        rounds=2,
        seed="s",
    )
    return Decision(DecisionId(id_), thread.id, proposal, START)


def closed(opened: Decision) -> Decision:
    tally = Tally(
        rule=Rule.QUALIFIED,
        scores=(Score(YES.id, 2.0, 2 / 3), Score(NO.id, 1.0, 1 / 3)),
        eligible=3,
        cast=3,
        abstained=0,
        absent=(),
        quorum=2,
        families=("gpt", "grok"),
        margin=1.0,
        verdict=Verdict.DECIDED,
        winner=YES.id,
        reason="Two of three.",
        tie_steps=("lottery",),
        notes=("uncalibrated",),
    )
    return replace(
        opened,
        tally=tally,
        dissent=(Dissent(NO.id, ("critic",), 1 / 3, "Too early.", "critic", "A test."),),
        flips=(Flip("proposer", None, YES.id, "Convinced."),),
        stop_reason="all have voted",
        closed_at=START + 5,
    )


async def test_a_decision_with_its_ballots_comes_back_exactly(store: Store) -> None:
    thread = await a_thread(store)
    opened = decision(thread)
    cast = Ballot("you", 1, NO.id, confidence=0.1, reason="hm", kind=BallotKind.HUMAN)
    turn = await queue(store, thread, purpose=Purpose.BALLOT)
    voted = Ballot("critic", 1, None, abstain=True, family="gpt", turn_id=turn.id)

    assert await store.commit(OpenDecision(opened)) == opened
    await store.commit(CastBallot(opened.id, cast))
    made = call(turn)
    running = await store.commit(begin(turn, first=made))
    await store.commit(end(running, made, None, ballot=voted, decision_id=opened.id))
    told = message(thread, "Yes it is.", author="hub", kind=MessageKind.OUTCOME)
    posted = await store.commit(CloseDecision(closed(opened), told))

    stored = await store.read(DecisionByRef("last"))
    assert stored == replace(closed(opened), ballots=(cast, voted))
    assert await store.read(Messages(thread.id)) == (posted,)
    assert '"abstain":true' in (await store.read(TurnRecordByRef(turn.id))).reply


async def test_a_voter_has_one_ballot_in_a_round_and_none_after_the_close(store: Store) -> None:
    thread = await a_thread(store)
    opened = await store.commit(OpenDecision(decision(thread)))
    ballot = Ballot("you", 1, YES.id, kind=BallotKind.HUMAN)
    await store.commit(CastBallot(opened.id, ballot))

    with pytest.raises(UsageError, match="has voted in round 1"):
        await store.commit(CastBallot(opened.id, replace(ballot, choice=NO.id)))
    await store.commit(CastBallot(opened.id, replace(ballot, round=2, choice=NO.id)))
    await store.commit(CloseDecision(closed(opened)))
    with pytest.raises(UsageError, match="is closed"):
        await store.commit(CastBallot(opened.id, replace(ballot, round=3)))
    with pytest.raises(NotFoundError):
        await store.commit(CastBallot(DecisionId("nothing"), ballot))

    stored = await store.read(DecisionByRef(opened.id))
    assert [b.choice for b in stored.ballots] == [YES.id, NO.id]


async def test_a_late_ballot_changes_no_outcome_but_its_call_is_booked(store: Store) -> None:
    thread = await a_thread(store)
    opened = await store.commit(OpenDecision(decision(thread)))
    turn = await queue(store, thread, purpose=Purpose.BALLOT)
    made = call(turn)
    running = await store.commit(begin(turn, first=made))
    await store.commit(CloseDecision(closed(opened)))

    late = Ballot("critic", 1, NO.id, turn_id=turn.id)
    await store.commit(end(running, made, None, ballot=late, decision_id=opened.id))

    assert (await store.read(DecisionByRef(opened.id))).ballots == ()
    assert [row.cost for row in await store.read(UsageBy("total"))] == [450]


async def test_the_first_outcome_stands(store: Store) -> None:
    thread = await a_thread(store)
    opened = await store.commit(OpenDecision(decision(thread)))
    close = CloseDecision(closed(opened), message(thread, "Yes."))
    posted = await store.commit(close)

    assert await store.commit(close) == posted
    with pytest.raises(UsageError, match="closed already"):
        await store.commit(CloseDecision(replace(closed(opened), tally=None)))

    assert await store.read(DecisionByRef(opened.id)) == closed(opened)


async def test_decisions_are_listed_newest_first(store: Store) -> None:
    here, there = await a_thread(store), await a_thread(store)
    for number, thread in enumerate((here, there, here)):
        await store.commit(OpenDecision(decision(thread, f"d{number}")))

    everywhere = await store.read(DecisionList())
    of_one = await store.read(DecisionList(here.id, limit=1))

    assert [d.id for d in everywhere] == ["d2", "d1", "d0"]
    assert [d.id for d in of_one] == ["d2"]


async def test_sums_by_every_key_equal_the_bookings(store: Store) -> None:
    draw = random.Random(7)  # noqa: S311  fixed bookings, no secret
    threads = [await a_thread(store) for _ in range(2)]
    known = 0
    for number in range(12):
        thread = draw.choice(threads)
        tags = ("red", "blue") if number % 3 == 0 else ("red",)
        turn = await queue(store, thread, question_id=f"q{number % 2}", tags=tags)
        made = call(turn)
        running = await store.commit(begin(turn, first=made))
        cost = Cost(number * 10, None if number == 5 else number)
        known += cost.total or 0
        booked = booking(
            turn,
            made,
            cost=cost,
            usage=Usage(10, 2, 3, 1),
            day=f"2026-1{number % 3}-05",
            provider=f"p{number % 4}",
        )
        await store.commit(end(running, made, booking=booked))

    (total,) = await store.read(UsageBy("total"))
    assert (total.key, total.calls, total.cost, total.unknown_cost_calls) == ("total", 12, known, 1)
    assert (total.prompt_tokens, total.completion_tokens) == (120, 24)
    assert (total.cached_tokens, total.reasoning_tokens) == (36, 12)
    assert (total.prompt_cost, total.completion_cost) == (660, 61)
    for by in ("provider", "model", "agent", "thread", "day", "month"):
        rows = await store.read(UsageBy(by))
        assert sum(row.cost for row in rows) == known
        assert sum(row.calls for row in rows) == 12
        assert [row.key for row in rows] == sorted(row.key for row in rows)
    assert [(r.key, r.calls) for r in await store.read(UsageBy("tag"))] == [
        ("blue", 4),
        ("red", 12),
    ]
    assert [r.key for r in await store.read(UsageBy("month", since="2026-11-05"))] == [
        "2026-11",
        "2026-12",
    ]
    halves = [
        (await store.read(UsageBy("total", question_id=f"q{half}")))[0].calls for half in (0, 1)
    ]
    assert halves == [6, 6]
    parts = [(await store.read(UsageBy("total", thread_id=t.id)))[0].calls for t in threads]
    assert sum(parts) == 12
    with pytest.raises(UsageError, match="choose one of provider, model"):
        await store.read(UsageBy("colour"))


async def test_a_journal_without_bookings_has_a_total_of_nothing(store: Store) -> None:
    (total,) = await store.read(UsageBy("total"))

    assert (total.calls, total.cost, total.unknown_cost_calls) == (0, 0, 0)
    assert await store.read(UsageBy("provider")) == ()


async def test_an_open_decision_takes_more_options_each_once(store: Store) -> None:
    opened = await store.commit(OpenDecision(decision(await a_thread(store))))
    maybe = Option("Maybe")

    wider = await store.commit(WidenDecision(opened.id, (maybe, YES)))

    assert wider.proposal.options == (*opened.proposal.options, maybe)
    assert await store.read(DecisionByRef(opened.id)) == wider
    await store.commit(CloseDecision(closed(wider)))
    with pytest.raises(UsageError, match="closed"):
        await store.commit(WidenDecision(opened.id, (Option("Never"),)))


async def test_an_outcome_that_decided_nothing_can_be_taken_back_and_no_other(store: Store) -> None:
    opened = await store.commit(OpenDecision(decision(await a_thread(store))))
    await store.commit(CastBallot(opened.id, Ballot("critic", 1, YES.id)))
    whole = closed(await store.read(DecisionByRef(opened.id)))
    tally = whole.tally
    assert tally is not None
    open_ = replace(whole, tally=replace(tally, verdict=Verdict.NO_CONSENSUS, winner=None))
    await store.commit(CloseDecision(open_))

    again = await store.commit(ReopenDecision(opened.id))

    assert (again.tally, again.closed_at, again.stop_reason) == (None, None, "")
    assert [ballot.voter for ballot in again.ballots] == ["critic"]
    await store.commit(CloseDecision(whole))
    with pytest.raises(UsageError, match="decided"):
        await store.commit(ReopenDecision(opened.id))
    with pytest.raises(NotFoundError):
        await store.commit(ReopenDecision(DecisionId("none")))
