"""Nothing goes on for ever, and nobody but the person can make it (SECURITY S9, S11)."""

from __future__ import annotations

import pytest

from hub.deciding.proposing import MOST_ROUNDS
from hub.domain.ask import Ask, Mode
from hub.errors import TurnError, UsageError
from hub.views import CAP
from tests.fakes.hubs import NAMES, House, budget

pytestmark = [pytest.mark.anyio, pytest.mark.control("S11")]


def chatty(house):
    """Everybody calls everybody, at length, whatever was asked."""
    everyone = " ".join(f"@{name}" for name in NAMES)
    for voice in house.voices.values():
        voice.script = lambda _: f"{everyone} go on, answer me! " * 40


async def test_agents_that_call_one_another_start_no_turn(home):
    async with House(home) as house:
        chatty(house)
        await house.ask(Ask("Well?", agents=("critic",)))

        assert len(house.asked) == 1


async def test_a_discussion_that_would_talk_for_ever_ends_with_its_rounds(home):
    async with House(home, budget=budget(question=None)) as house:
        chatty(house)
        answer = await house.ask(Ask("Well?", Mode.DISCUSS, rounds=5))

        assert len(answer.messages) == len(house.asked) == 5 * len(NAMES)
        assert max(view.prompt_tokens for view in house.asked) <= CAP + 100
        assert all(view.max_output <= 4_000 for view in house.asked)


async def test_a_discussion_that_would_talk_for_ever_ends_with_its_money(home):
    async with House(home, budget=budget(question=50_000)) as house:
        chatty(house)
        answer = await house.ask(Ask("Well?", Mode.DISCUSS, rounds=MOST_ROUNDS))

        assert answer.stopped == "budget"
        assert 0 < len(answer.messages) < MOST_ROUNDS * len(NAMES)
        assert house.books.spent() <= 50_000
        house.books.agree()


async def test_a_discussion_that_would_talk_for_ever_ends_with_its_time(home):
    async with House(home) as house:
        chatty(house)
        for voice in house.voices.values():
            voice.hold()
        task = house.start(Ask("Well?", Mode.DECIDE, options=("a", "b"), timeout_s=30.0))
        await house.until(lambda: any(voice.running for voice in house.voices.values()))
        await house.clock.advance(31.0)

        with pytest.raises(TurnError, match="within 30 s"):
            await house.done(task)
        assert house.books.states("turn") == ["cancelled"] * len(NAMES)


@pytest.mark.parametrize(("mode", "most"), [(Mode.DISCUSS, MOST_ROUNDS), (Mode.DECIDE, 3)])
async def test_more_rounds_than_anybody_needs_are_refused(home, mode, most):
    async with House(home) as house:
        with pytest.raises(UsageError, match=f"{most} at most"):
            await house.ask(Ask("Well?", mode, options=("a", "b"), rounds=MOST_ROUNDS + 1))

        assert house.asked == []
