"""What dashboards read of the journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.interaction import LATENCY_BOUNDS
from hub.domain.query import (
    CallLog,
    CallTotals,
    DecisionCosts,
    DecisionList,
    InteractionsSince,
    TurnSummaries,
)
from hub.domain.turn import CallState
from tests.fakes.hubs import House
from tests.fakes.voices import failure, voting

pytestmark = pytest.mark.anyio
VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}


async def decided(house):
    for voice in house.voices.values():
        voice.script = voting(VOTES)
    return await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))


async def test_a_decision_costs_what_all_turns_of_its_question_did(home):
    async with House(home) as house:
        answer = await decided(house)
        await house.ask(Ask("And besides?"), answer.thread.id)
        costs = await house.hub._parts.store.read(DecisionCosts())

        assert set(costs) == {answer.decision.id}
        assert costs[answer.decision.id].cost == answer.usage.cost > 0
        assert costs[answer.decision.id].calls == answer.usage.calls


async def test_calls_are_logged_with_cost_failures_and_strategy(home):
    async with House(home) as house:
        house.grok.says(failure())
        answer = await house.ask(Ask("Why?"))
        calls = await house.hub._parts.store.read(CallLog())

        assert [call.n for call in calls] == list(range(1, len(calls) + 1))
        failed, answered = calls[0], calls[-1]
        assert (failed.ok, failed.cost) == (False, 0)
        assert failed.error
        assert (answered.state, answered.cost) == (CallState.DONE, answer.usage.cost)
        assert answered.strategy == "cost_optimized"
        assert answered.tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
        later = answered.ended_at + 1
        assert await house.hub._parts.store.read(CallLog(since=later)) == ()
        assert len(await house.hub._parts.store.read(CallLog(limit=1))) == 1


async def test_news_comes_in_pieces_that_add_up(home):
    async with House(home) as house:
        await decided(house)
        store = house.hub._parts.store
        whole = await store.read(InteractionsSince())
        said, spent, place = [], [], InteractionsSince().place
        while True:
            part = await store.read(InteractionsSince(place, limit=2))
            said += part.utterances
            spent += part.spendings
            place = part.place
            if part.complete:
                break

        assert tuple(said) == whole.utterances
        assert tuple(spent) == whole.spendings
        assert place == whole.place
        assert (await store.read(InteractionsSince(place))).utterances == ()


async def test_decisions_closed_since_a_moment_are_those_and_no_open_ones(home):
    async with House(home) as house:
        answer = await decided(house)
        closed, store = answer.decision.closed_at, house.hub._parts.store

        assert [d.id for d in await store.read(DecisionList(closed_since=closed))] == [
            answer.decision.id
        ]
        assert await store.read(DecisionList(closed_since=closed + 1)) == ()
        assert len(await store.read(DecisionList())) == 1


async def test_turns_without_their_routes_are_the_same_but_for_these(home):
    async with House(home) as house:
        answer = await decided(house)
        store, thread = house.hub._parts.store, answer.thread.id
        whole = await store.read(TurnSummaries(thread))

        assert await store.read(TurnSummaries(thread, routes=False)) == {
            id_: replace(turn, route=None) for id_, turn in whole.items()
        }


async def test_the_sums_of_calls_are_those_of_the_log(home):
    async with House(home) as house:
        house.grok.says(failure())
        await house.ask(Ask("Why?"))
        await decided(house)
        store = house.hub._parts.store
        log, sums = await store.read(CallLog()), await store.read(CallTotals())

        counted = Counter((call.deployment, call.state) for call in log)
        assert {(c.deployment, c.state): c.calls for c in sums.counts} == counted
        for histogram in sums.latency:
            waits = [c.latency_s for c in log if c.ok and c.deployment == histogram.deployment]
            assert histogram.count == len(waits)
            assert histogram.total_s == pytest.approx(sum(waits))
            assert histogram.below == tuple(
                sum(wait <= bound for wait in waits) for bound in LATENCY_BOUNDS
            )
        assert sum(h.count for h in sums.first_token) == sum(
            c.ok and c.first_token_s is not None for c in log
        )
