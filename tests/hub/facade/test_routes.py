"""Every route in the journal explains itself: candidates, filters, scores, weights, predicted, actual."""

from __future__ import annotations

import asyncio

import pytest

from hub.config import RouterSettings
from hub.domain.ask import Ask, Mode
from hub.domain.query import RoutedCalls
from hub.domain.route import Candidate, Route, RoutedCall
from hub.domain.turn import CallState
from hub.errors import BudgetRefusedError, NotFoundError, RoutingError, UsageError
from tests.fakes.hubs import House, budget, persona
from tests.fakes.voices import failure, voting

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}


async def journey(house: House) -> None:
    """A decision, a failover, a cap that leaves the cheaper one, a forced model, a stopped turn."""
    for voice in house.voices.values():
        voice.script = voting(VOTES)
    await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))
    house.grok.says(failure())
    await house.ask(Ask("Who is there?"))
    house.grok.says("I am.")
    await house.ask(Ask("Why so dear?", strategy="performance_optimized", budget=1_200))
    await house.ask(Ask("And you?", model="openai/gpt-4o"))
    await house.ask(Ask("In turn?", strategy="round_robin"))
    with pytest.raises(BudgetRefusedError):
        await house.ask(Ask("For nothing?", budget=1))


def check_choice(route: Route) -> None:
    """Assert that a route says what was chosen from, by what, and how surely."""
    assert route.candidates[0].deployment == route.deployment.id
    assert route.reason.endswith(".")
    assert 0 < route.propensity <= 1
    assert 0 <= route.confidence <= 1
    assert route.prompt_tokens > 0
    assert route.seed
    weightless = route.strategy in ("round_robin", "forced")
    assert weightless or sum(route.weights.values()) == pytest.approx(1)


def check_candidate(route: Route, candidate: Candidate) -> None:
    """Assert that a candidate holds its filter's reason, or the figures that it stood with."""
    assert len(candidate.rates) == 3
    if candidate.removed is not None:
        assert candidate.removed
        return
    assert None not in (candidate.score, candidate.availability)
    fresh, _, output = candidate.rates
    expected = fresh * route.prompt_tokens + output * candidate.output_tokens
    assert candidate.cost == pytest.approx(expected / 1e6, abs=1)
    assert candidate.cost <= candidate.ceiling


def check_outcome(routed: RoutedCall, house: House) -> None:
    """Assert that a route holds what came of it, as the ledger has it."""
    booked = house.books.rows("SELECT cost FROM ledger WHERE call_id = ?", routed.call.id)
    assert routed.call.ended_at is not None
    assert routed.latency_s >= 0
    assert [routed.cost] == ([cost for (cost,) in booked] or [None])
    if routed.call.state is CallState.DONE:
        assert routed.cost > 0
        assert routed.would_cost(routed.route.chosen) == routed.cost


async def test_every_route_explains_itself(home):
    async with House(home, router=RouterSettings(strategy="hybrid")) as house:
        await journey(house)
        calls = await house.hub.routes()
        ids = {deployment.id for deployment in house.hub.deployments}

        assert len(calls) == house.books.value("SELECT count(*) FROM route") >= 11
        removed = " ".join(c.removed or "" for call in calls for c in call.route.candidates)
        for call in calls:
            assert {c.deployment for c in call.route.candidates} == ids
            check_choice(call.route)
            for candidate in call.route.candidates:
                check_candidate(call.route, candidate)
            check_outcome(call, house)
        for reason in (
            "failed in this turn: ProviderConnection",
            "the budget cannot pay for it",
            "openai/gpt-4o was asked for",
            "already has a seat and another family has none",
        ):
            assert reason in removed
        house.books.agree()


async def test_a_prediction_of_latency_is_there_once_a_call_of_the_deployment_has_ended(home):
    async with House(home) as house:

        async def slowly(_):
            await house.clock.advance(2)
            return "Because."

        house.grok.script = slowly
        await house.ask(Ask("First?"))
        await house.ask(Ask("Second?"))

        first, second = await house.hub.routes()
        assert first.route.chosen.latency_s is None
        assert first.latency_s == 2.0
        assert second.route.chosen.latency_s > 1.0


async def test_a_failover_is_two_routes_of_which_the_second_names_what_failed(home):
    async with House(home) as house:
        house.grok.says(failure())
        answer = await house.ask(Ask("Why?"))

        first, second = await house.hub.explain(answer.turns[0].id[:8])
        assert (first.n, second.n) == (1, 2)
        assert (first.call.state, first.cost) == (CallState.NOT_SENT, None)
        assert not first.route.fallback
        assert second.route.fallback
        assert second.cost == house.books.spent()
        assert first.route.chain[0].id == second.route.deployment.id


async def test_what_the_others_would_have_cost_is_their_price_of_the_same_tokens(home):
    async with House(home) as house:
        await house.ask(Ask("Why?"))

        [call] = await house.hub.routes()
        gpt = next(c for c in call.route.candidates if c.deployment == "openai/gpt-4o")
        used = call.call.usage
        dollars = 2.5 * used.prompt_tokens + 10 * used.completion_tokens
        assert call.would_cost(gpt) == pytest.approx(dollars, abs=0.5)


async def test_explaining_twice_says_the_same_to_the_byte_even_in_another_program(home):
    async with House(home) as house:
        await journey(house)
        first = repr(await house.hub.routes())
    async with House(home, router=RouterSettings(strategy="round_robin")) as house:
        assert repr(await house.hub.routes()) == first


async def test_a_turn_that_was_refused_before_any_route_has_none(home):
    async with House(home) as house:
        with pytest.raises(BudgetRefusedError):
            await house.ask(Ask("Why?", budget=1))

        assert await house.hub.explain("last") == ()
        with pytest.raises(NotFoundError):
            await house.hub.explain("nowhere")


async def test_history_is_the_newest_routes_the_oldest_of_them_first(home):
    async with House(home) as house:
        for number in range(4):
            await house.ask(Ask(f"Question {number}?"))

        all_of_them = await house.hub.routes()
        assert await house.hub.routes(2) == all_of_them[-2:]
        assert [c.call.started_at for c in all_of_them] == sorted(
            c.call.started_at for c in all_of_them
        )


async def test_a_dry_run_chooses_as_the_question_would_and_leaves_no_trace(home):
    async with House(home) as house:
        before = house.books.rows("SELECT count(*) FROM budget")
        route = await house.hub.dry_run(Ask("Why?"))
        assert house.asked == []
        assert house.books.rows("SELECT count(*) FROM turn") == [(0,)]
        assert house.books.rows("SELECT count(*) FROM budget") == before

        await house.ask(Ask("Why?"))
        [call] = await house.hub.routes()
        assert call.route.deployment == route.deployment
        assert [c.deployment for c in call.route.candidates] == [
            c.deployment for c in route.candidates
        ]


async def test_a_dry_run_sees_the_caps(home):
    async with House(home, budget=budget(providers={"grok": 0})) as house:
        assert (await house.hub.dry_run(Ask("Why?"))).deployment.provider == "openai"
        with pytest.raises(BudgetRefusedError):
            await house.hub.dry_run(Ask("Why?", budget=1))


async def test_a_dry_run_counts_the_thread_and_goes_to_whoever_is_named(home):
    agents = (persona("ada", "openai"), persona("bob", "grok"))
    async with House(home, agents=agents) as house:
        answer = await house.ask(Ask("A long story. " * 50))

        alone = await house.hub.dry_run(Ask("@bob why?"))
        there = await house.hub.dry_run(Ask("@bob why?"), answer.thread.id)
        assert alone.deployment.provider == "grok"
        assert there.prompt_tokens > alone.prompt_tokens
        with pytest.raises(UsageError, match="nobody"):
            await house.hub.dry_run(Ask("Why?", agents=("nobody",)))
        with pytest.raises((UsageError, RoutingError)):
            await house.hub.dry_run(Ask("Why?", model="none"))


async def test_a_replay_moves_the_recorded_turns_and_says_what_that_costs(home):
    async with House(home) as house:
        await journey(house)

        same = await house.hub.replay("cost_optimized")
        other = await house.hub.replay("availability_optimized")
        assert same.turns
        assert other.quality is None
        assert other.left_out == 1
        assert {t.was for t in same.turns} == {"openai/gpt-4o", "grok/grok-4.3"}
        with pytest.raises(UsageError):
            await house.hub.replay("cheapest")


async def test_a_strategy_that_is_kept_counts_at_once_and_at_the_next_start(home, monkeypatch):
    async with House(home) as house:
        path = await asyncio.to_thread(house.hub.keep_strategy, "round_robin")
        await house.ask(Ask("Why?"))

        [call] = await house.hub.routes()
        assert call.route.strategy == "round_robin"
        assert 'strategy = "round_robin"' in path.read_text()
        with pytest.raises(UsageError):
            house.hub.keep_strategy("cheapest")
        assert house.hub.strategy == "round_robin"


async def test_routes_of_one_turn_are_read_by_its_shortened_id(home):
    async with House(home) as house:
        await house.ask(Ask("One?"))
        await house.ask(Ask("Two?"))
        one, two = await house.hub.routes()

        found = await house.hub._parts.store.read(RoutedCalls(two.route.turn_id[:6]))
        assert found == (two,)
        assert one != two
