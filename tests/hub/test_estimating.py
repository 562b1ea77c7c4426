"""What a question may cost: counted before anything is sent, and never charged."""

import pytest

from hub.config import PriceSettings
from hub.domain.ask import Ask, Mode
from hub.domain.decision import Rule
from hub.errors import RoutingError, UsageError
from tests.fakes.hubs import NAMES, House, settings
from tests.fakes.voices import said, voting

pytestmark = pytest.mark.anyio

OPTIONS = ("tabs", "spaces")
CALLS = {
    "a message": (Ask("Why?"), 1),
    "a discussion": (Ask("Why?", Mode.DISCUSS), 3),
    "a longer discussion": (Ask("Why?", Mode.DISCUSS, rounds=4), 12),
    "a decision": (Ask("Why?", Mode.DECIDE, options=OPTIONS), 6),
    "an open one of two": (Ask("Why?", Mode.DECIDE, agents=("critic", "proposer"), rounds=1), 5),
    "a chair": (Ask("Why?", Mode.DECIDE, options=OPTIONS, rule=Rule.CHAIR), 2),
    "a single one": (Ask("Why?", Mode.DECIDE, options=OPTIONS, rule=Rule.SINGLE), 1),
    "a vote alone": (Ask("Why?", Mode.DECIDE, options=OPTIONS, rounds=0), 3),
    "two rounds": (Ask("Why?", Mode.DECIDE, options=OPTIONS, rounds=2), 9),
}


@pytest.mark.parametrize("what", CALLS)
async def test_the_calls_that_are_counted_are_the_calls_that_are_made(home, what):
    ask, calls = CALLS[what]
    async with House(home) as house:
        estimate = await house.hub.estimate(ask)
        assert house.books.rows("SELECT id FROM budget") == []
        assert house.asked == house.heard == []
        for voice in house.voices.values():
            voice.script = voting(dict.fromkeys(NAMES, "tabs")) if ask.options else said
        answer = await house.ask(ask)

        assert estimate.calls == calls == answer.usage.calls
        assert answer.usage.cost <= estimate.ceiling
        assert estimate.cost <= estimate.ceiling
        assert estimate.unknown_models == ()


async def test_where_only_a_ceiling_is_known_that_is_what_can_be_said(home):
    most = {"openai/odd-1": PriceSettings(input=5_000_000, output=10_000_000, ceiling=True)}
    openai = settings(home).providers["openai"].model_copy(update={"models": ("odd-1",)})
    async with House(home, providers={"openai": openai}, prices=most) as house:
        estimate = await house.hub.estimate(Ask("Why?", budget=10_000))

        assert (estimate.cost, estimate.unknown_models) == (None, ("openai/odd-1",))
        assert estimate.ceiling == estimate.turns[0].ceiling > 0
        assert estimate.missing == estimate.ceiling - 10_000


async def test_a_longer_thread_costs_more_up_to_the_cap_of_a_view(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("t")
        empty = await house.hub.estimate(Ask("Why?"), thread.id)
        await house.hub.post(thread.id, "word " * 2_000)
        longer = await house.hub.estimate(Ask("Why?"), thread.id)
        for _ in range(8):
            await house.hub.post(thread.id, "word " * 2_000)
        full = await house.hub.estimate(Ask("Why?"), thread.id)
        for _ in range(8):
            await house.hub.post(thread.id, "word " * 2_000)

        assert empty.cost < longer.cost < full.cost
        assert await house.hub.estimate(Ask("Why?"), thread.id) == full


async def test_two_families_are_counted_where_two_will_be_seated(home):
    async with House(home) as house:
        decision = await house.hub.estimate(Ask("Why?", Mode.DECIDE, options=OPTIONS, rounds=0))
        alone = await house.hub.estimate(
            Ask("Why?", Mode.DECIDE, options=OPTIONS, rounds=0, provider="grok")
        )

        assert decision.cost > alone.cost


async def test_what_could_not_be_asked_has_no_estimate(home):
    async with House(home) as house:
        for wrong in (Ask("Why?", agents=("nobody",)), Ask("Why?", model="gpt-17")):
            with pytest.raises((UsageError, RoutingError)):
                await house.hub.estimate(wrong)
