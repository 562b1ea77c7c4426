"""What every store does with turns, calls and what dead programs leave behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.change import (
    AdoptTurns,
    CancelTurn,
    DropTurns,
    EndTurn,
    NextCall,
)
from hub.domain.ids import ThreadId, TurnId
from hub.domain.query import (
    Budgets,
    Messages,
    OpenTurns,
    RecentCalls,
    RouteOf,
    TurnById,
    TurnRecordByRef,
    TurnSummaries,
)
from hub.domain.thread import Thread
from hub.domain.turn import CallState, Purpose, TurnOrder, TurnState
from hub.domain.usage import Hold, HoldState, Usage
from hub.errors import NotFoundError, OrphanedTurnsError, PartitionBusyError, TurnError
from hub.ports import Store
from tests.contracts.stores import (
    GROK,
    START,
    OpenStore,
    a_thread,
    begin,
    booking,
    call,
    done,
    end,
    queue,
    route,
    sent,
)

pytestmark = pytest.mark.anyio


async def test_an_order_comes_back_exactly_as_it_was_queued(store: Store) -> None:
    thread = await a_thread(store)
    order = TurnOrder(
        Purpose.BALLOT,
        "critic",
        up_to_seq=4,
        blind=True,
        schema={"enum": ["A", "B"], "nested": {"x": [1, 2.5, None, True]}},
        instruction="Vote.\nNow.",
        timeout_s=12.5,
        question_budget=500_000,
        question_id="q1",
        tags=("a", "b"),
    )

    turn = await queue(
        store, thread, **{name: getattr(order, name) for name in order.__dataclass_fields__}
    )

    assert turn.order == order
    assert (turn.state, turn.ordinal, turn.fence) == (TurnState.QUEUED, 1, 0)
    assert await store.read(TurnById(turn.id)) == turn
    assert (await queue(store, thread)).ordinal == 2
    with pytest.raises(NotFoundError):
        await queue(store, Thread(ThreadId("nowhere"), "", START))


async def test_a_turn_runs_from_its_claim_to_its_message(store: Store) -> None:
    thread = await a_thread(store)
    turn = await queue(store, thread)
    made = call(turn)

    running = await store.commit(begin(turn, first=made))
    posted = await store.commit(end(running, made))

    assert (running.state, running.fence, running.started_at) == (TurnState.RUNNING, 1, START)
    assert posted is not None
    assert posted.seq == 1
    assert await store.read(Messages(thread.id)) == (posted,)
    record = await store.read(TurnRecordByRef("last"))
    assert record.turn.state is TurnState.DONE
    assert record.turn.ended_at == START
    assert record.sent == sent()
    assert record.calls == (done(made),)
    assert (record.reply, record.message_id) == (posted.body, posted.id)
    assert await store.read(RouteOf(turn.id)) == route(turn)
    assert await store.read(OpenTurns()) == ()


async def test_an_ended_turn_is_neither_begun_nor_ended_again(store: Store) -> None:
    thread = await a_thread(store)
    turn = await queue(store, thread)
    made = call(turn)
    running = await store.commit(begin(turn, first=made))
    last = end(running, made)
    posted = await store.commit(last)

    assert await store.commit(last) == posted
    assert await store.commit(end(running, made, "another answer")) is None
    with pytest.raises(TurnError, match="ended already: it is done"):
        await store.commit(begin(turn))

    assert await store.read(Messages(thread.id)) == (posted,)


async def test_only_one_turn_of_a_partition_runs_at_a_time(store: Store) -> None:
    thread = await a_thread(store)
    first, second = await queue(store, thread), await queue(store, thread)
    await store.commit(begin(first))

    with pytest.raises(TurnError, match="running already"):
        await store.commit(begin(first))
    with pytest.raises(PartitionBusyError):
        await store.commit(begin(second))


async def test_turns_of_two_programs_keep_the_order_of_their_thread(open_store: OpenStore) -> None:
    here, there = await open_store(), await open_store()
    thread = await a_thread(here)
    first, second = await queue(here, thread), await queue(there, thread)

    with pytest.raises(TurnError, match="belongs to another program"):
        await there.commit(begin(first))
    with pytest.raises(PartitionBusyError, match="has to wait"):
        await there.commit(begin(second))
    made = call(first)
    running = await here.commit(begin(first, first=made))
    with pytest.raises(PartitionBusyError, match="has to wait"):
        await there.commit(begin(second))
    await here.commit(end(running, made))

    assert (await there.commit(begin(second))).state is TurnState.RUNNING


async def test_failing_over_closes_one_call_and_opens_the_next(store: Store) -> None:
    thread = await a_thread(store)
    turn = await queue(store, thread)
    first, second = call(turn), call(turn, 2, GROK)
    hold = Hold("question:q", 900, 1000, refuse=True)
    running = await store.commit(begin(turn, hold, first=first))
    lost = replace(first, state=CallState.NOT_SENT, error="refused", ended_at=START + 5)
    over = NextCall(
        running.fence,
        lost,
        HoldState.RELEASED,
        route(turn, GROK),
        second,
        (replace(hold, amount=950),),
    )

    await store.commit(over)

    record = await store.read(TurnRecordByRef(turn.id))
    assert record.calls == (lost, second)
    assert await store.read(RouteOf(turn.id)) == route(turn, GROK)
    assert (await store.read(Budgets()))["question:q"].reserved == 950
    with pytest.raises(TurnError, match="taken over or ended"):
        await store.commit(replace(over, fence=running.fence - 1))


async def test_a_turn_can_fail_before_any_call(store: Store) -> None:
    turn = await queue(store, await a_thread(store))

    await store.commit(EndTurn(turn.id, turn.fence, TurnState.FAILED, error="no route"))

    record = await store.read(TurnRecordByRef(turn.id))
    assert (record.turn.state, record.turn.error) == (TurnState.FAILED, "no route")
    assert (record.sent, record.calls, record.reply) == (None, (), "")
    assert await store.read(RouteOf(turn.id)) is None


async def test_cancelling_ends_a_queued_turn_and_marks_a_running_one(store: Store) -> None:
    thread = await a_thread(store)
    running, waiting = await queue(store, thread), await queue(store, thread)
    await store.commit(begin(running))

    stopping = await store.commit(CancelTurn(running.id, START + 1))
    stopped = await store.commit(CancelTurn(waiting.id, START + 1))

    assert (stopping.state, stopping.cancel_at) == (TurnState.RUNNING, START + 1)
    assert (stopped.state, stopped.ended_at) == (TurnState.CANCELLED, START + 1)
    assert await store.commit(CancelTurn(waiting.id, START + 9)) == stopped
    with pytest.raises(NotFoundError):
        await store.commit(CancelTurn(TurnId("nothing"), START))


async def test_what_a_dead_program_left_blocks_its_thread_until_told_otherwise(
    open_store: OpenStore,
) -> None:
    dead, store = await open_store(), await open_store()
    thread, other = await a_thread(store), await a_thread(store)
    mine = await queue(store, thread)
    left = await queue(dead, thread)
    assert await store.read(OpenTurns(orphaned=True)) == ()
    await dead.close()

    assert await store.read(OpenTurns(thread.id, orphaned=True)) == (left,)
    assert await store.read(OpenTurns()) == (mine, left)
    with pytest.raises(OrphanedTurnsError, match=r"`gitbridge resume`.*`gitbridge stop`"):
        await queue(store, thread)
    await queue(store, other)

    assert await store.commit(DropTurns(other.id)) == ()
    (dropped,) = await store.commit(DropTurns(thread.id))
    assert (dropped.id, dropped.state, dropped.ended_at) == (left.id, TurnState.CANCELLED, START)
    assert (await queue(store, thread)).ordinal == 3


async def test_resuming_takes_over_and_the_old_owner_can_only_book(open_store: OpenStore) -> None:
    dead, store = await open_store(), await open_store()
    thread = await a_thread(store)
    running, waiting = await queue(dead, thread), await queue(dead, thread)
    lost = call(running)
    hold = Hold("question:q", 900)
    begun = await dead.commit(begin(running, hold, first=lost))
    await dead.close()

    taken = await store.commit(AdoptTurns())

    assert [turn.id for turn in taken] == [running.id, waiting.id]
    assert [(t.state, t.fence, t.attempts) for t in taken] == [
        (TurnState.QUEUED, 2, 1),
        (TurnState.QUEUED, 1, 0),
    ]
    (unknown,) = (await store.read(TurnRecordByRef(running.id))).calls
    assert unknown.state is CallState.UNKNOWN
    assert (await store.read(Budgets()))["question:q"].reserved == 900

    assert await store.commit(end(begun, lost, "too late")) is None
    budget = (await store.read(Budgets()))["question:q"]
    assert (budget.spent, budget.reserved) == (450, 0)
    assert await store.read(Messages(thread.id)) == ()

    again = call(running)
    resumed = await store.commit(begin(taken[0], hold, first=again))
    assert resumed.fence == 3
    assert [c.n for c in (await store.read(TurnRecordByRef(running.id))).calls] == [1, 2]
    assert await store.commit(end(resumed, again)) is not None


async def test_summaries_show_model_cost_and_route_of_each_turn(store: Store) -> None:
    thread = await a_thread(store)
    paid, lost, queued = [await queue(store, thread) for _ in range(3)]
    made = call(paid)
    running = await store.commit(begin(paid, first=made))
    await store.commit(end(running, made))
    gone = call(lost)
    begun = await store.commit(begin(lost, first=gone))
    unknown = replace(gone, state=CallState.UNKNOWN, ended_at=START + 10)
    await store.commit(
        EndTurn(lost.id, begun.fence, TurnState.UNKNOWN, unknown, HoldState.UNSETTLED, error="cut")
    )

    found = await store.read(TurnSummaries(thread.id))

    assert list(found) == [paid.id, lost.id, queued.id]
    first, second, third = found.values()
    assert (first.provider, first.model) == ("openai", "gpt-4o-2024-08-06")
    assert (first.cost, first.prompt_tokens, first.completion_tokens) == (450, 100, 20)
    assert (first.latency_s, first.route) == (2.0, route(paid))
    assert (second.cost, second.state, second.error) == (None, TurnState.UNKNOWN, "cut")
    assert (third.cost, third.route, third.latency_s) == (0, None, None)


async def test_recent_calls_are_facts_for_the_router_oldest_first(store: Store) -> None:
    thread = await a_thread(store)
    for number in range(3):
        turn = await queue(store, thread, purpose=Purpose.DRAFT)
        made = call(turn)
        running = await store.commit(begin(turn, first=made))
        ended = replace(done(made, Usage(number, 1)), ended_at=START + 1_000_000 * (number + 1))
        await store.commit(end(running, made, call=ended, booking=booking(turn, made)))

    facts = await store.read(RecentCalls(limit=2))

    assert [(f.prompt_tokens, f.latency_s, f.ok) for f in facts] == [(1, 2.0, True), (2, 3.0, True)]
    assert {(f.deployment, f.purpose, f.first_token_s) for f in facts} == {
        ("openai/gpt-4o", Purpose.DRAFT, 0.25)
    }
