"""Caps of nothing, below nothing and beyond counting; a price that changes mid-call: FAULTS, row 41."""

from __future__ import annotations

import pytest

from hub.domain.ask import Ask
from hub.domain.change import SetBudget
from hub.domain.usage import Price
from hub.errors import BudgetRefusedError
from tests.fakes.hubs import House, budget
from tests.faults.invariants import Journal, violations

pytestmark = [pytest.mark.anyio, pytest.mark.fault(41)]

LARGEST = 2**63 - 1
DAY = "day:2026-11-23"


async def ask_under(home, cap):
    """Ask one question on a day whose cap was set by hand."""
    async with House(home, budget=budget()) as house:
        await house.hub._parts.store.commit(SetBudget(DAY, cap))
        try:
            answer = await house.ask(Ask("Why?"))
        finally:
            kinds = "SELECT DISTINCT typeof(spent) || typeof(reserved) FROM budget"
            assert house.books.value(kinds) == "integerinteger"
        return answer


@pytest.mark.parametrize("cap", [0, -1, -LARGEST - 1])
async def test_a_cap_of_nothing_or_less_refuses_before_anything_is_sent(home, cap):
    with pytest.raises(BudgetRefusedError):
        await ask_under(home, cap)

    with Journal(home / "gitbridge.db") as journal:
        assert journal.column("SELECT id FROM call") == []
    assert violations(home / "gitbridge.db") == []


@pytest.mark.parametrize("cap", [LARGEST, LARGEST - 1, None])
async def test_a_cap_beyond_counting_refuses_nothing_and_sums_stay_whole_numbers(home, cap):
    assert len((await ask_under(home, cap)).messages) == 1

    assert violations(home / "gitbridge.db") == []


async def test_a_price_that_changes_during_a_call_counts_from_the_next_call_on(home):
    async with House(home, only="grok") as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        before = house.hub._parts.deployments[0].price
        dearer = Price(before.input * 10, before.output * 10, before.cached * 10)
        object.__setattr__(house.hub._parts.deployments[0], "price", dearer)
        house.grok.release()
        first = (await house.done(task)).turns[0]
        second = (await house.ask(Ask("Why?"))).turns[0]

        tokens = (first.prompt_tokens, first.completion_tokens)
        assert first.cost == before.cost(*tokens).total
        assert second.cost == dearer.cost(second.prompt_tokens, second.completion_tokens).total
        assert second.cost > 5 * first.cost
        assert violations(home / "gitbridge.db") == []
