"""Two calls side by side for one turn: held, recorded, ended and lost together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.change import AdoptTurns, Closed, DropTurns, EndTurn, NextCall, OpenBeside
from hub.domain.query import (
    Budgets,
    RecentCalls,
    RoutedCalls,
    RouteOf,
    TurnById,
    TurnRecordByRef,
    TurnSummaries,
)
from hub.domain.route import HEDGE
from hub.domain.turn import GIVEN_UP, Call, CallState, Turn, TurnState
from hub.domain.usage import Budget, Hold, HoldState, Usage
from hub.errors import BudgetRefusedError, TurnError
from hub.ports import Store
from tests.contracts.stores import (
    GPT,
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
)

pytestmark = pytest.mark.anyio

Q = "question:q"
HOLD = Hold(Q, 900, 2_000, refuse=True)


def beside(turn: Turn, second: Call, hold: Hold = HOLD) -> OpenBeside:
    hedge = replace(route(turn, GROK), strategy=HEDGE, reason="It was late.")
    return OpenBeside(turn.fence, hedge, second, (hold,))


async def racing(store: Store) -> tuple[Turn, Call, Call]:
    """Return a running turn with its two open calls."""
    turn = await queue(store, await a_thread(store))
    first, second = call(turn), call(turn, 2, GROK)
    running = await store.commit(begin(turn, HOLD, first=first))
    await store.commit(beside(running, second))
    return running, first, second


def overtaken(made: Call) -> Call:
    usage = Usage(100, 0, estimated=True)
    error = f"{GIVEN_UP}, as another was quicker."
    state = CallState.UNKNOWN
    return replace(made, state=state, error=error, usage=usage, ended_at=START + 2_000_000)


async def test_both_calls_hold_their_money_while_they_are_under_way(store: Store) -> None:
    running, first, second = await racing(store)

    assert (await store.read(TurnRecordByRef(running.id))).calls == (first, second)
    assert (await store.read(Budgets()))[Q] == Budget(Q, 2_000, 0, 1_800)
    assert (await store.read(RouteOf(running.id))).deployment == GPT  # type: ignore[union-attr]  # it has one


async def test_a_second_call_that_a_cap_refuses_leaves_the_first_as_it_was(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    first, second = call(turn), call(turn, 2, GROK)
    running = await store.commit(begin(turn, HOLD, first=first))

    with pytest.raises(BudgetRefusedError):
        await store.commit(beside(running, second, replace(HOLD, amount=1_101)))

    assert (await store.read(TurnRecordByRef(turn.id))).calls == (first,)
    assert (await store.read(Budgets()))[Q] == Budget(Q, 2_000, 0, 900)
    assert len(await store.read(RoutedCalls(turn.id))) == 1


async def test_a_turn_that_is_not_ours_any_more_gets_no_second_call(store: Store) -> None:
    running, _, _ = await racing(store)

    with pytest.raises(TurnError, match="taken over or ended"):
        await store.commit(beside(replace(running, fence=running.fence - 1), call(running, 3)))


@pytest.mark.parametrize("second_wins", [True, False])
async def test_one_transaction_ends_both_with_two_bookings(store: Store, second_wins: bool) -> None:
    running, first, second = await racing(store)
    winner, loser = (second, first) if second_wins else (first, second)
    given_up = overtaken(loser)
    paid = booking(running, loser, 70, 0, usage=given_up.usage)
    ended = end(running, winner, beside=Closed(given_up, HoldState.SETTLED, paid))

    assert await store.commit(ended) is not None
    await store.commit(ended)  # told twice, it is booked once

    assert (await store.read(Budgets()))[Q] == Budget(Q, 2_000, 450 + 70, 0)
    states = {c.id: c.state for c in (await store.read(TurnRecordByRef(running.id))).calls}
    assert states == {winner.id: CallState.DONE, loser.id: CallState.UNKNOWN}
    summary = (await store.read(TurnSummaries(running.thread_id)))[running.id]
    served = GROK if second_wins else GPT
    assert (summary.provider, summary.cost) == (served.provider, 520)
    assert summary.route is not None
    assert summary.route.deployment == served
    assert await store.read(RouteOf(running.id)) == summary.route


async def test_what_a_call_beside_may_have_cost_keeps_counting(store: Store) -> None:
    running, first, second = await racing(store)
    lost = replace(second, state=CallState.UNKNOWN, error="cut", ended_at=START + 1)

    await store.commit(end(running, first, beside=Closed(lost, HoldState.UNSETTLED)))

    assert (await store.read(Budgets()))[Q] == Budget(Q, 2_000, 450, 900)
    assert (await store.read(TurnSummaries(running.thread_id)))[running.id].cost is None


async def test_failing_over_closes_both(store: Store) -> None:
    running, first, second = await racing(store)
    gone = replace(first, state=CallState.NOT_SENT, error="refused", ended_at=START + 5)
    also = replace(second, state=CallState.REJECTED, error="no", ended_at=START + 5)
    third = call(running, 3)
    over = NextCall(
        running.fence,
        gone,
        HoldState.RELEASED,
        route(running),
        third,
        (replace(HOLD, amount=2_000),),
        beside=Closed(also, HoldState.RELEASED),
    )

    await store.commit(over)

    assert (await store.read(TurnRecordByRef(running.id))).calls == (gone, also, third)
    assert (await store.read(Budgets()))[Q].reserved == 2_000


async def test_a_call_that_was_overtaken_is_no_failure_of_its_deployment(store: Store) -> None:
    running, first, second = await racing(store)
    paid = booking(running, first, 70, 0)
    closed = Closed(overtaken(first), HoldState.SETTLED, paid)
    answered = replace(done(second), ended_at=START + 3_000_000)
    await store.commit(end(running, second, call=answered, beside=closed))

    facts = await store.read(RecentCalls())

    assert [(f.deployment, f.ok, f.overtaken, f.latency_s) for f in facts] == [
        (GPT.id, False, True, 2.0),
        (GROK.id, True, False, 3.0),
    ]


async def test_calls_stopped_with_their_turn_say_nothing(store: Store) -> None:
    running, first, second = await racing(store)
    stopped = [
        replace(made, state=CallState.UNKNOWN, error="It was stopped.", ended_at=START + 1)
        for made in (first, second)
    ]
    beside = Closed(stopped[1], HoldState.UNSETTLED)
    state, error = TurnState.CANCELLED, "It was stopped."
    ended = EndTurn(running.id, running.fence, state, stopped[0], error=error, beside=beside)
    await store.commit(replace(ended, holds=HoldState.UNSETTLED))

    assert await store.read(RecentCalls()) == ()


async def test_two_calls_lost_side_by_side_are_lost_once_and_free_nothing(
    open_store: OpenStore,
) -> None:
    dead, store = await open_store(), await open_store()
    running, _, _ = await racing(dead)
    await dead.close()

    (taken,) = await store.commit(AdoptTurns())

    assert taken.state is TurnState.QUEUED
    record = await store.read(TurnRecordByRef(running.id))
    assert [made.state for made in record.calls] == [CallState.UNKNOWN, CallState.UNKNOWN]
    assert (await store.read(Budgets()))[Q] == Budget(Q, 2_000, 0, 1_800)


async def test_a_pair_and_one_more_call_lost_end_a_turn(open_store: OpenStore) -> None:
    dead, second, store = await open_store(), await open_store(), await open_store()
    await racing(dead)
    await dead.close()
    (taken,) = await second.commit(AdoptTurns())
    await second.commit(begin(taken, Hold("question:r", 1), first=call(taken)))
    await second.close()

    (ended,) = await store.commit(AdoptTurns())

    assert ended.state is TurnState.UNKNOWN


async def test_dropping_what_was_left_keeps_the_money_of_both(open_store: OpenStore) -> None:
    dead, store = await open_store(), await open_store()
    running, _, _ = await racing(dead)
    await dead.close()

    await store.commit(DropTurns())

    assert (await store.read(TurnById(running.id))).state is TurnState.CANCELLED
    assert (await store.read(Budgets()))[Q].reserved == 1_800
