"""What every store does with money: reserved, refused, settled, never lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from hub.domain.change import AdoptTurns, DeleteThread, EndTurn, SetBudget
from hub.domain.query import Budgets, Messages, PossibleCharges, TurnById, UsageBy
from hub.domain.turn import CallState, TurnState
from hub.domain.usage import Budget, Cost, Hold, HoldState, PossibleCharge
from hub.errors import BudgetRefusedError
from hub.ports import Store
from tests.contracts.stores import (
    START,
    OpenStore,
    a_thread,
    begin,
    booking,
    call,
    end,
    queue,
)

pytestmark = pytest.mark.anyio

Q = "question:q"


async def test_money_is_reserved_on_every_scope_and_settled_at_cost(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    holds = (Hold(Q, 900, 5_000, refuse=True), Hold("day:2026-11-23", 900))

    running = await store.commit(begin(turn, *holds, first=made))
    held = await store.read(Budgets())
    await store.commit(end(running, made))
    settled = await store.read(Budgets((Q, "nobody")))

    assert held == {
        Q: Budget(Q, 5_000, 0, 900),
        "day:2026-11-23": Budget("day:2026-11-23", None, 0, 900),
    }
    assert settled == {Q: Budget(Q, 5_000, 450, 0)}


async def test_a_refused_reservation_writes_nothing_and_says_the_figures(store: Store) -> None:
    thread = await a_thread(store)
    paid, turn = await queue(store, thread), await queue(store, thread)
    made = call(paid)
    running = await store.commit(begin(paid, Hold(Q, 900, 1_000_000, refuse=True), first=made))
    await store.commit(
        end(running, made, booking=booking(paid, made, 600_000, 0), holds=HoldState.SETTLED)
    )
    before = await store.read(Budgets())

    with pytest.raises(BudgetRefusedError) as refused:
        await store.commit(begin(turn, Hold("a:first", 500_000), Hold(Q, 500_000, refuse=True)))

    for part in (Q, "cap of $1.00", "$0.60 is booked", "$0 reserved", "may need $0.50"):
        assert part in str(refused.value)
    assert await store.read(Budgets()) == before
    assert (await store.read(TurnById(turn.id))).state is TurnState.QUEUED
    assert (await store.commit(begin(turn, Hold(Q, 400_000, refuse=True)))).fence == 1


async def test_a_default_cap_is_passed_and_the_persons_own_is_not(store: Store) -> None:
    thread = await a_thread(store)
    first, second = await queue(store, thread), await queue(store, thread)
    over = Hold(Q, 900, cap=100)
    made = call(first)
    running = await store.commit(begin(first, over, first=made))
    await store.commit(end(running, made))

    await store.commit(SetBudget(Q, 1_000))
    with pytest.raises(BudgetRefusedError):
        await store.commit(begin(second, over))
    assert (await store.read(Budgets()))[Q] == Budget(Q, 1_000, 450, 0, by_person=True)

    await store.commit(SetBudget(Q, None))
    assert (await store.read(Budgets()))[Q].cap is None
    await store.commit(begin(second, over))
    assert (await store.read(Budgets()))[Q] == Budget(Q, 100, 450, 900)


async def test_a_call_that_cannot_have_cost_anything_gives_its_money_back(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    running = await store.commit(begin(turn, Hold(Q, 900), first=made))
    failed = replace(made, state=CallState.REJECTED, status=429, ended_at=START)

    await store.commit(
        EndTurn(turn.id, running.fence, TurnState.FAILED, failed, HoldState.RELEASED)
    )

    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 0, 0)


async def test_an_unknown_call_keeps_counting_until_it_is_settled_late(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    running = await store.commit(begin(turn, Hold(Q, 900), first=made))
    unknown = replace(made, state=CallState.UNKNOWN, ended_at=START)
    lost = EndTurn(turn.id, running.fence, TurnState.UNKNOWN, unknown, HoldState.UNSETTLED)

    await store.commit(lost)
    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 0, 900)
    assert await store.read(PossibleCharges()) == (
        PossibleCharge(made.id, "openai", "gpt-4o", turn.thread_id, 900, START),
    )
    await store.commit(end(running, made))

    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 450, 0)
    assert await store.read(PossibleCharges()) == ()
    assert await store.read(Messages(turn.thread_id)) == ()


async def test_a_call_is_booked_once_however_often_its_end_is_told(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    running = await store.commit(begin(turn, Hold(Q, 900), first=made))

    for _ in range(3):
        await store.commit(end(running, made))

    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 450, 0)
    assert (await store.read(UsageBy("total")))[0].calls == 1


async def test_an_unknown_price_is_booked_as_unknown_and_counts_nothing(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    running = await store.commit(begin(turn, Hold(Q, 0), first=made))

    await store.commit(end(running, made, booking=booking(turn, made, None, None)))

    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 0, 0)
    assert (await store.read(UsageBy("total")))[0].unknown_cost_calls == 1


async def test_a_turn_whose_thread_is_deleted_is_still_booked(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    running = await store.commit(begin(turn, Hold(Q, 900), first=made))
    await store.commit(DeleteThread(turn.thread_id))
    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 0, 900)

    assert await store.commit(end(running, made)) is None

    assert (await store.read(Budgets()))[Q] == Budget(Q, None, 450, 0)


async def test_racing_programs_never_reserve_beyond_a_cap(open_store: OpenStore) -> None:
    stores = [await open_store(), await open_store()]
    refused = 0

    async def spend(store: Store) -> None:
        nonlocal refused
        turn = await queue(store, await a_thread(store))
        try:
            await store.commit(begin(turn, Hold(Q, 90, 1_000, refuse=True)))
        except BudgetRefusedError:
            refused += 1

    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(spend(stores[number % 2]))

    assert (await stores[0].read(Budgets()))[Q].reserved == 990
    assert refused == 40 - 11


async def test_a_dead_programs_reservation_keeps_counting_after_resuming(
    open_store: OpenStore,
) -> None:
    dead, store = await open_store(), await open_store()
    turn = await queue(dead, await a_thread(dead))
    await dead.commit(begin(turn, Hold(Q, 900, 1_000, refuse=True)))
    await dead.close()

    (taken,) = await store.commit(AdoptTurns())

    with pytest.raises(BudgetRefusedError, match=r"\$0\.0009 reserved"):
        await store.commit(begin(taken, Hold(Q, 900, refuse=True)))


async def test_a_cap_for_every_day_holds_for_each_until_it_is_lifted(store: Store) -> None:
    thread = await a_thread(store)
    first, second, third = [await queue(store, thread) for _ in range(3)]
    today = Hold("day:2026-11-23", 900, standing="day")
    await store.commit(SetBudget("day", 1_000))

    running = await store.commit(begin(first, today, first=(made := call(first))))
    await store.commit(end(running, made))
    with pytest.raises(BudgetRefusedError):
        await store.commit(begin(second, today))
    assert (await store.read(Budgets()))[today.budget] == Budget(today.budget, 1_000, 450, 0)

    await store.commit(SetBudget("day", None))
    await store.commit(begin(third, today))
    assert (await store.read(Budgets()))[today.budget] == Budget(today.budget, None, 450, 900)


async def test_a_cap_of_this_day_s_own_comes_before_that_for_every_day(store: Store) -> None:
    turn = await queue(store, await a_thread(store))
    await store.commit(SetBudget("day", 100))
    await store.commit(SetBudget("day:2026-11-23", 1_000))

    await store.commit(begin(turn, Hold("day:2026-11-23", 900, standing="day")))
    await store.commit(SetBudget("day", 50))

    assert (await store.read(Budgets()))["day:2026-11-23"].cap == 1_000


@pytest.mark.parametrize(("at_most", "counts"), [(None, 900), (300, 300), (5_000, 900)])
async def test_an_unknown_cost_counts_as_what_was_held_or_less_where_that_is_certain(
    store: Store, at_most: int | None, counts: int
) -> None:
    turn = await queue(store, await a_thread(store))
    made = call(turn)
    running = await store.commit(begin(turn, Hold(Q, 900, 5_000, refuse=True), first=made))
    unknown = replace(booking(turn, made), cost=Cost(None, None), at_most=at_most)

    await store.commit(end(running, made, booking=unknown))

    assert (await store.read(Budgets()))[Q] == Budget(Q, 5_000, counts, 0)
    (row,) = await store.read(UsageBy("total"))
    assert (row.cost, row.unknown_cost_calls) == (0, 1)
