"""When a call is late, and who may be asked beside it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.limits import RateLimits
from hub.domain.route import HEDGE
from hub.router.choose import choose
from hub.router.hedging import LEAST_SAMPLES, hedged, late_after_s, second
from hub.router.observe import begin, observe, resend
from tests.hub.router.builders import (
    GPT,
    GROK,
    MINI,
    NOW,
    SECOND,
    after,
    deployment,
    fact,
    price,
    request,
    state,
)

HALF = deployment("other/half", price(1.25, 5))
OVER_HALF = deployment("other/over-half", price(1.26, 5.1))
UNPRICED = deployment("other/unpriced")
SECONDS = st.floats(0.01, 60.0)


def seen(name, *seconds, start=None):
    """Return the state after answers whose first token took so long."""
    start = start or state("performance_optimized")
    for first in seconds:
        start = observe(start, fact(name, first_token_s=first, latency_s=first + 1.0))
    return start


def routed(*others, known=None, asked=None):
    """Return the route of a call to GPT-4o, the quickest, with these after it, and the state."""
    known = known or seen(GPT.id, *[0.1] * LEAST_SAMPLES)
    route = choose(asked or request(), (GPT, *others), known, NOW)
    assert route.deployment == GPT
    return route, known


def asked_beside(*others, known=None, ask=None, **changes):
    ask = ask or request(**changes)
    route, known = routed(*others, known=known, asked=ask)
    return second(route, ask, known, NOW)


@given(st.lists(SECONDS, min_size=LEAST_SAMPLES, max_size=150))
def test_a_call_is_late_after_the_time_within_which_nine_of_ten_have_begun(seconds):
    route, known = routed(GROK, known=seen(GPT.id, *[0.001] * 100))
    known = seen(GPT.id, *seconds, start=state())

    late = late_after_s(route, known)

    window = seconds[-100:]
    assert late in window
    assert sum(s <= late for s in window) >= 0.9 * len(window)
    assert sum(s < late for s in window) < 0.9 * len(window)


@given(st.lists(SECONDS, max_size=LEAST_SAMPLES - 1))
def test_too_few_answers_say_nothing(seconds):
    route, _ = routed(GROK)

    assert late_after_s(route, seen(GPT.id, *seconds)) is None


def test_a_call_that_nobody_stands_beside_is_never_late():
    alone, known = routed()

    assert alone.chain == ()
    assert late_after_s(alone, known) is None


def test_failures_are_no_answers():
    route, _ = routed(GROK)

    assert late_after_s(route, after(state(), GPT.id, "-" * 40)) is None


def test_an_answer_in_one_piece_is_silent_to_its_end():
    route, _ = routed(GROK)
    known = state()
    for _ in range(LEAST_SAMPLES):
        known = observe(known, fact(GPT.id, first_token_s=None, latency_s=4.5))

    assert late_after_s(route, known) == 4.5


@given(
    prices=st.lists(
        st.none() | st.tuples(st.integers(0, 5), st.integers(0, 20)), min_size=1, max_size=4
    ),
    seed=st.integers(0, 5),
)
def test_nobody_is_asked_who_costs_more_than_half_or_an_unknown_amount(prices, seed):
    others = tuple(
        deployment(f"p{n}/model", None if cost is None else price(*cost))
        for n, cost in enumerate(prices)
    )
    known = seen(GPT.id, *[0.1] * 30)
    for other in others:
        known = seen(other.id, 0.5, start=known)
    route = choose(request(turn_id=f"t{seed}"), (GPT, *others), known, NOW)

    found = second(route, request(), known, NOW)

    costs = {c.deployment: c.cost for c in route.candidates}
    passes = [
        d
        for d in route.chain
        if costs[d.id] is not None
        and route.chosen.cost is not None
        and 2 * costs[d.id] <= route.chosen.cost
    ]
    assert found.deployment == (passes[0] if passes else None)
    assert set(found.passed_over) == {
        d.id for d in route.chain[: route.chain.index(passes[0]) if passes else None]
    }


def test_the_gate_is_half_the_price():
    assert asked_beside(HALF).deployment == HALF
    assert asked_beside(OVER_HALF).passed_over == {
        OVER_HALF.id: "costs more than half as much as the first"
    }
    assert "not known" in asked_beside(UNPRICED).passed_over[UNPRICED.id]


def test_what_never_answered_is_expected_to_write_as_much_as_the_first():
    short = state("performance_optimized")
    for _ in range(60):
        done = fact(GPT.id, first_token_s=0.1, latency_s=1.0, completion_tokens=10)
        short = observe(short, done)

    assert asked_beside(HALF, known=short).deployment == HALF
    assert asked_beside(OVER_HALF, known=short).deployment is None
    wordy = observe(short, fact(HALF.id, completion_tokens=4_000, latency_s=400.0))
    assert asked_beside(HALF, known=wordy).deployment is None


def test_what_is_free_may_stand_in_for_what_is_free():
    here, there = deployment("a/m", price(0, 0)), deployment("b/m", price(0, 0))
    known = seen(here.id, *[0.1] * 30)
    route = choose(request(), (here, there), known, NOW)

    assert second(route, request(), known, NOW).deployment == there


def test_a_committee_keeps_its_families():
    assert asked_beside(GROK, committee=True).deployment is None
    assert asked_beside(GROK, MINI, committee=True).deployment == MINI
    assert asked_beside(GROK, MINI).deployment == GROK


def test_a_provider_that_fails_rests_or_is_tried_out_is_not_asked():
    known = seen(GPT.id, *[0.1] * 30)
    broken = after(known, GROK.id, "-" * 5)
    ask = request()
    route, _ = routed(GROK, known=known)

    assert "5 calls in a row failed" in second(route, ask, broken, NOW).passed_over[GROK.id]
    later = NOW + 20 * SECOND
    assert second(route, ask, broken, later).passed_over == {GROK.id: "is being tried out again"}


def test_a_provider_without_room_is_not_asked():
    route, known = routed(GROK)
    full = known
    for _ in range(4):
        full = begin(full, GROK.id)

    assert "takes 4 calls at once" in second(route, request(), full, NOW).passed_over[GROK.id]
    waiting = request(ahead={"grok": (4, 4_000)})
    assert "4 turns come first" in second(route, waiting, known, NOW).passed_over[GROK.id]


def test_a_rate_limit_without_room_is_kept_to():
    route, known = routed(GROK)
    told = RateLimits(at=NOW, requests=10, requests_left=0, requests_per_s=1.0)
    limited = observe(known, fact(GROK.id, limits=told))

    assert "rate limit" in second(route, request(), limited, NOW).passed_over[GROK.id]


def test_the_retry_budget_bounds_hedges():
    route, known = routed(GROK)
    sent = 0
    while second(route, request(), known, NOW).deployment:
        known = resend(known, "grok", NOW)
        sent += 1

    assert sent == 10
    assert "too many repeats" in second(route, request(), known, NOW).passed_over[GROK.id]


def test_the_route_of_a_hedge_explains_itself():
    quick = seen(OVER_HALF.id, 0.2, start=seen(GPT.id, *[0.1] * 30))
    route, known = routed(OVER_HALF, GROK, known=quick)
    found = second(route, request(), known, NOW)

    hedge = hedged(route, found, 2.345)

    assert (hedge.strategy, hedge.deployment, hedge.propensity) == (HEDGE, GROK, 1.0)
    assert hedge.chosen.deployment == GROK.id
    assert hedge.standing == (hedge.chosen,)
    assert {c.deployment: c.removed for c in hedge.candidates[1:]} == {
        GPT.id: "has said nothing for 2.35 s",
        OVER_HALF.id: "costs more than half as much as the first",
    }
    assert hedge.reason == (
        "openai/gpt-4o has said nothing for 2.35 s, longer than 9 of 10 of its answers: "
        "grok/grok-4.3 is asked too, and whichever speaks first is heard."
    )
    assert not hedge.fallback
    assert hedge.confidence == 1.0


@given(waited_s=st.floats(0.0, 100.0), outcomes=st.text("+-", max_size=20))
def test_a_call_that_was_overtaken_changes_nothing_but_how_slow_its_deployment_looks(
    waited_s, outcomes
):
    known = begin(after(state(), GPT.id, outcomes), GPT.id, 500, NOW)

    over = observe(known, fact(GPT.id, ok=False, latency_s=waited_s, overtaken=True))

    before, now = known.figures_of(GPT.id), over.figures_of(GPT.id)
    assert (before.inflight, now.inflight) == (1, 0)
    assert now.outcomes == before.outcomes
    assert now.buckets == before.buckets
    assert over.breakers == known.breakers
    assert over.concurrency == known.concurrency
    assert over.resends == known.resends
    slower = now.latency.first_token_s(NOW) - before.latency.first_token_s(NOW)
    assert slower >= 0 or not before.latency.measured


def test_the_time_to_wait_does_not_shrink_as_slow_calls_are_overtaken():
    draw = random.Random(1)  # noqa: S311  a replay
    route, _ = routed(GROK)
    known = seen(GPT.id, *[draw.expovariate(1.0) for _ in range(100)])
    waits = []
    for _ in range(1_000):
        late, took = late_after_s(route, known), draw.expovariate(1.0)
        waits.append(late)
        if took <= late:
            known = seen(GPT.id, took, start=known)
        else:
            stopped = fact(GPT.id, ok=False, latency_s=late + 0.05, overtaken=True)
            known = observe(known, stopped)

    share = sum(wait > 1.6 for wait in waits) / len(waits)  # 2.3 s is the true one

    assert share > 0.95
    assert waits[-1] == pytest.approx(2.3, rel=0.35)
