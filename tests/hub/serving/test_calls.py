"""What calls are planned as: seats, output limits and holds, and what the router learns."""

import pytest

from hub.config import PriceSettings
from hub.domain.ask import Ask, Mode
from hub.domain.event import Notice, RouteChosen
from hub.domain.query import RecentCalls
from hub.domain.turn import Purpose
from hub.errors import BudgetRefusedError, RateLimitError, SendOutcome
from tests.fakes.hubs import House, budget, persona
from tests.fakes.voices import failure, voting

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}


async def test_the_seats_of_a_round_are_filled_from_two_model_families(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(VOTES)
        await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))

        for purpose in (Purpose.DRAFT, Purpose.BALLOT):
            asked = [v.model for v in house.asked if v.purpose is purpose]
            assert {"gpt-4o", "grok-4.3"} == set(asked)
        assert house.hub._parts.seats == {}


async def test_a_seat_whose_provider_fails_is_filled_anew(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(VOTES)
        house.grok.says(failure())
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))

        assert {b.family for b in answer.decision.ballots} == {"gpt"}
        assert len(answer.decision.ballots) == 3
        house.books.agree()


async def test_nothing_is_sent_over_a_cap_that_the_person_set(home):
    async with House(home) as house:
        with pytest.raises(BudgetRefusedError) as caught:
            await house.ask(Ask("Why?", budget=100))

        assert house.asked == []
        assert caught.value.exit_code == 4
        assert house.books.states() == ["failed"]
        assert house.books.value("SELECT count(*) FROM call") == 0
        house.books.agree()


async def test_near_a_cap_the_output_limit_is_lowered_and_sent_so(home):
    async with House(home) as house:
        answer = await house.ask(Ask("Why?", budget=4_000))

        [view] = house.asked
        assert 256 <= view.max_output < 4_000
        record = await house.hub.turn(answer.turns[0].id)
        assert record.sent.max_output == view.max_output
        assert record.calls[0].reserved <= 4_000
        house.books.agree()


async def test_a_default_cap_warns_once_and_refuses_nothing(home):
    dear = PriceSettings(input=0, output=1_000_000_000)
    async with House(home, only="openai", prices={"openai/gpt-4o": dear}) as house:
        answer = await house.ask(Ask("Why?", Mode.DISCUSS))

        assert len(answer.messages) == 3
        warnings = [e.text for e in house.events(Notice) if e.severity == "warning"]
        assert len(warnings) == 1
        assert "default cap" in warnings[0]
        house.books.agree()


async def test_side_by_side_turns_of_one_question_never_pass_its_cap_and_wait_for_each_other(home):
    async with House(home, only="openai") as house:
        house.openai.script = voting(VOTES)
        house.openai.hold()
        question = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), budget=60_000)
        task = house.start(question)
        await house.until(lambda: house.openai.running == 2)
        held = house.books.rows(
            "SELECT spent + reserved, cap FROM budget WHERE id LIKE 'question%'"
        )
        assert held[0][0] <= held[0][1]
        house.openai.release()
        answer = await house.done(task)

        assert answer.failures == ()
        assert len(answer.decision.ballots) == 3
        assert answer.usage.cost <= 60_000
        house.books.agree()


async def test_once_the_money_is_spent_nothing_more_is_sent_and_what_is_there_is_tallied(home):
    async with House(home, only="openai") as house:
        house.openai.script = lambda view: "word " * min(1_000, view.max_output * 3 // 4)
        question = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), budget=30_000)
        answer = await house.ask(question)

        assert answer.messages
        assert answer.stopped == answer.decision.stop_reason == "budget"
        assert answer.decision.ballots == ()
        assert all(view.purpose is Purpose.DRAFT for view in house.asked)
        assert (
            house.books.value("SELECT max(spent) FROM budget WHERE id LIKE 'question%'") <= 30_000
        )
        house.books.agree()


async def test_a_provider_over_its_own_cap_is_passed_over(home):
    async with House(home, budget=budget(providers={"grok": 10})) as house:
        answer = await house.ask(Ask("Why?"))

        assert answer.turns[0].provider == "openai"
        [chosen] = house.events(RouteChosen)
        [passed] = [c for c in chosen.route.candidates if c.deployment.startswith("grok")]
        assert "budget" in passed.removed


async def test_what_a_failed_call_held_pays_for_the_next_one(home):
    async with House(home) as house:
        house.grok.says(failure())
        answer = await house.ask(Ask("Why?", budget=12_000))

        assert answer.turns[0].provider == "openai"
        [view] = house.openai.asked
        assert view.max_output > 900
        house.books.agree()


async def test_a_call_that_may_have_been_billed_keeps_counting_against_the_cap(home):
    async with House(home) as house:
        house.grok.says(failure(SendOutcome.UNKNOWN))
        house.openai.says(failure(SendOutcome.UNKNOWN))
        with pytest.raises(Exception, match="unknown"):
            await house.ask(Ask("Why?", budget=50_000))

        assert house.books.value("SELECT reserved FROM budget WHERE id LIKE 'question%'") > 0
        house.books.agree(unsettled=2)


async def test_calls_that_the_person_stopped_say_nothing_of_their_deployment(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        await house.hub.stop()
        await house.done(task)
        await house.ask(Ask("And?", provider="openai"))
        limited = failure(SendOutcome.REJECTED, RateLimitError, status=429)
        house.grok.release()
        house.grok.says(limited)
        await house.ask(Ask("And grok?"))

        facts = await house.hub._parts.store.read(RecentCalls())
        assert [(f.deployment, f.ok) for f in facts] == [
            ("openai/gpt-4o", True),
            ("grok/grok-4.3", False),
            ("openai/gpt-4o", True),
        ]
    async with House(home, house.clock) as again:
        grok = again.hub._parts.router.state.figures_of("grok/grok-4.3")
        assert grok.outcomes.n == 1


async def test_an_agent_is_only_sent_where_it_may_go(home):
    agents = (persona("solo", "openai"),)
    async with House(home, agents=agents) as house:
        answer = await house.ask(Ask("Why?"))

        assert [t.provider for t in answer.turns] == ["openai"]
        assert house.grok.asked == []
