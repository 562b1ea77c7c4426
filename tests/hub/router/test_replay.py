"""Recorded turns under another policy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import Weights
from hub.domain.ids import CallId, ThreadId, TurnId
from hub.domain.route import Learning, RoutedCall
from hub.domain.turn import Call, CallState, Purpose
from hub.domain.usage import Usage
from hub.errors import UsageError
from hub.router.choose import choose
from hub.router.replay import replay
from hub.router.strategies import STRATEGIES
from tests.hub.router.builders import ALL, GPT, GROK, MINI, NOW, after, request, state

KNOWN = {d.id: d for d in ALL}
SEEN = after(after(state(), GROK.id, "+++"), GPT.id, "+-+")


def recorded(number: int, strategy: str = "cost_optimized", seen=SEEN, **wish) -> RoutedCall:
    """A turn that was served as that strategy chose, with 1,000 + 200 tokens."""
    asked = request(turn_id=TurnId(f"t{number}"), strategy=strategy, **wish)
    route = choose(asked, ALL, seen, NOW)
    price = route.deployment.price
    call = Call(
        id=CallId(f"c{number}"),
        turn_id=asked.turn_id,
        n=1,
        provider=route.deployment.provider,
        model=route.deployment.model,
        started_at=NOW,
        request_hash="",
        price=price,
        state=CallState.DONE,
        usage=Usage(1_000, 200),
        ended_at=NOW + 2_000_000,
    )
    cost = price.expected(1_000, 200)
    return RoutedCall(route, ThreadId("t"), Purpose.REPLY, 1, call, cost)


def replayed(calls, strategy: str, marks=None):
    return replay(calls, strategy, weights=Weights(), marks=marks or {}, known=KNOWN)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_under_its_own_strategy_every_turn_goes_where_it_went(strategy):
    calls = [recorded(n, strategy) for n in range(20)]
    if strategy == "round_robin":  # which depends on the turn before
        calls = calls[:1]

    assert replayed(calls, strategy).moved == ()


def test_another_strategy_moves_turns_and_prices_them_by_the_recorded_tokens():
    found = replayed([recorded(1), recorded(2)], "performance_optimized")

    assert [(t.was, t.now) for t in found.moved] == [(MINI.id, GROK.id)] * 2
    assert found.costs == (
        2 * MINI.price.expected(1_000, 200),
        2 * GROK.price.expected(1_000, 200),
        0,
    )
    assert found.left_out == 0


def test_the_answer_is_priced_as_long_as_the_other_model_usually_writes():
    def of(number, strategy, tokens):
        made = recorded(number, strategy)
        return replace(made, call=replace(made.call, usage=Usage(1_000, tokens)))

    short = [of(n, "cost_optimized", 100) for n in range(5)]
    long = [of(10 + n, "performance_optimized", 400) for n in range(5)]

    moved = replayed([*short, *long], "performance_optimized").moved

    assert {t.would_cost for t in moved} == {GROK.price.expected(1_000, 400)}
    few = replayed([*short, *long[1:]], "performance_optimized").moved
    assert {t.would_cost for t in few} == {GROK.price.expected(1_000, 100)}


def test_round_robin_takes_turns_among_the_recorded_ones_too():
    found = replayed([recorded(n) for n in range(3)], "round_robin")

    assert [t.now for t in found.turns] == [GROK.id, GPT.id, MINI.id]


def test_what_a_filter_took_out_stays_out():
    call = recorded(1, allowed=("openai",))

    assert replayed([call], "performance_optimized").turns[0].now in (GPT.id, MINI.id)


def test_a_forced_turn_stays_where_the_person_wanted_it():
    assert replayed([recorded(1, model=GPT.id)], "cost_optimized").moved == ()


def test_calls_without_an_answer_and_records_without_figures_are_left_out_and_counted():
    lost = recorded(1)
    lost = replace(lost, call=replace(lost.call, state=CallState.UNKNOWN, usage=None))
    old = recorded(2)
    old = replace(old, route=replace(old.route, prompt_tokens=None))

    found = replayed([lost, old, replace(old, call=None), recorded(3)], "hybrid")

    assert (len(found.turns), found.left_out) == (1, 3)


def test_an_unknown_cost_is_in_neither_sum():
    free = replace(recorded(1), cost=None)

    assert replayed([free, recorded(2)], "cost_optimized").costs[2] == 1


def test_an_unknown_policy_is_refused():
    with pytest.raises(UsageError, match="cheapest"):
        replayed([], "cheapest")


def test_without_marks_nothing_is_said_about_quality():
    assert replayed([recorded(n) for n in range(50)], "hybrid").quality is None


def test_too_few_marks_where_the_pick_served_say_nothing():
    calls = [recorded(n) for n in range(60)]
    marks = {TurnId(f"t{n}"): 1.0 for n in range(29)}

    assert replayed(calls, "cost_optimized", marks).quality is None
    assert (
        replayed(
            calls, "performance_optimized", dict.fromkeys((c.route.turn_id for c in calls), 1.0)
        ).quality
        is None
    )


def test_where_nothing_moves_the_estimate_is_near_the_marks_and_its_interval_holds_them():
    calls = [recorded(n) for n in range(200)]
    marks = {TurnId(f"t{n}"): float(n % 4 != 0) for n in range(200)}

    found = replayed(calls, "cost_optimized", marks).quality

    assert found.recorded == 0.75
    assert found.replayed == pytest.approx(0.75, abs=0.02)
    assert found.low < 0.75 < found.high
    assert found.marks == 200


def test_a_policy_that_avoids_the_worse_one_is_estimated_better():
    good = [recorded(n) for n in range(0, 200, 2)]
    bad = [recorded(n, model=GPT.id) for n in range(1, 200, 2)]
    bad = [
        replace(c, route=replace(recorded(1).route, turn_id=c.route.turn_id, deployment=GPT))
        for c in bad
    ]
    calls = sorted((*good, *bad), key=lambda c: int(c.route.turn_id[1:]))
    marks = {c.route.turn_id: float(c.route.deployment.id == MINI.id) for c in calls}

    found = replayed(calls, "cost_optimized", marks).quality

    assert found.recorded == 0.5
    assert found.low > 0.8


@given(
    st.lists(st.sampled_from(list(STRATEGIES)), min_size=1, max_size=12),
    st.sampled_from(list(STRATEGIES)),
)
def test_every_turn_is_replayed_to_a_candidate_that_no_filter_took_out(strategies, policy):
    calls = [recorded(n, s) for n, s in enumerate(strategies)]

    found = replayed(calls, policy)

    assert len(found.turns) == len(calls)
    for call, turn in zip(calls, found.turns, strict=True):
        assert turn.now in {c.deployment for c in call.route.standing}
        assert turn.was == call.route.deployment.id


def test_what_adaptive_decided_is_replayed_as_it_was():
    call = recorded(1, "cost_optimized")
    other = next(c for c in call.route.candidates if c.deployment != call.route.deployment.id)
    learned = replace(call.route, strategy="adaptive", learning=Learning(other.deployment, 1e-6))

    assert replayed([replace(call, route=learned)], "adaptive").moved == ()
