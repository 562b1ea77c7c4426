"""Caps and what is left of them, as front ends see them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from hub.config import Credential, PriceSettings, ProviderSettings
from hub.domain.ask import Ask, Mode
from hub.domain.event import Notice
from hub.domain.usage import Budget
from hub.errors import BudgetRefusedError
from tests.fakes.hubs import House, budget

pytestmark = pytest.mark.anyio

DAY = "day:2026-11-23"
UNKNOWN = {
    "openai": ProviderSettings(
        name="openai",
        kind="openai",
        base_url="https://api.openai.com/v1",
        key=Credential(value=SecretStr("sk-test"), source="the test"),
        models=("gpt-secret",),
    )
}


async def test_today_and_this_month_are_there_before_anything_was_spent(home):
    async with House(home, budget=budget(day=5_000_000)) as house:
        found = await house.hub.budgets()

        assert found[DAY] == Budget(DAY, 5_000_000, 0, 0)
        assert found["month:2026-11"].cap is None


async def test_a_cap_set_by_hand_is_today_s_at_once_and_for_another_program(home):
    async with House(home) as house, House(home, house.clock) as other:
        cap = await house.hub.set_budget("day", 1_000)

        assert (cap.scope, cap.cap, cap.left) == (DAY, 1_000, 1_000)
        assert (await other.hub.budgets())[DAY] == Budget(DAY, 1_000, 0, 0, by_person=True)
        with pytest.raises(BudgetRefusedError, match="gitbridge budget set day USD"):
            await other.ask(Ask("Why?"))
        assert other.asked == []

        assert await house.hub.set_budget("day", None) is not None
        await other.ask(Ask("Why?"))
        house.books.agree()


async def test_a_cap_for_every_question_refuses_where_the_default_only_warned(home):
    async with House(home) as house:
        await house.hub.set_budget("question", 100)
        with pytest.raises(BudgetRefusedError):
            await house.ask(Ask("Why?"))

        await house.ask(Ask("Why?", budget=500_000))
        house.books.agree()


async def test_an_estimate_says_what_the_tightest_cap_leaves(home):
    async with House(home, budget=budget(month=10_000, tags={"x": 500})) as house:
        plain = await house.hub.estimate(Ask("Which?", Mode.DECIDE, options=("a", "b")))
        tagged = await house.hub.estimate(Ask("Which?", tags=("x",)))
        free = await house.hub.estimate(Ask("Which?", budget=7))

        assert (plain.room.scope, plain.room.left, plain.room.raised_by) == (
            "month:2026-11",
            10_000,
            "month",
        )
        assert (tagged.room.scope, tagged.missing > 0) == ("tag:x", True)
        assert free.room.raised_by is None
        assert sum(turn.cost for turn in plain.turns) == plain.cost
        assert len(plain.turns) == plain.calls == 6


async def test_a_cap_of_a_thread_holds_for_that_thread(home):
    async with House(home) as house:
        answer = await house.ask(Ask("Why?"))
        await house.hub.set_budget(f"thread:{answer.thread.id[:5]}", 0)

        with pytest.raises(BudgetRefusedError):
            await house.ask(Ask("And now?"), answer.thread.id)
        await house.ask(Ask("Elsewhere?"))


async def test_a_model_of_unknown_price_is_warned_of_once_where_no_cap_refuses_it(home):
    unpriced = {"openai/gpt-4o": PriceSettings(input=1, output=1)}
    async with House(home, prices=unpriced, providers=UNKNOWN) as house:
        await house.ask(Ask("Why?", model="openai/gpt-secret"))
        await house.ask(Ask("And why?", model="openai/gpt-secret"))

        [notice] = house.events(Notice)
        assert notice.severity == "warning"
        assert "gitbridge prices set openai/gpt-secret" in notice.text
        assert house.books.value("SELECT count(*) - count(cost) FROM ledger") == 2
        with pytest.raises(BudgetRefusedError, match="price is unknown"):
            await house.ask(Ask("Capped?", model="openai/gpt-secret", budget=500_000))
