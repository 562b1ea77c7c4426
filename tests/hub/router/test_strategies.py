import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import Weights
from hub.errors import UsageError
from hub.router.choose import choose
from hub.router.observe import begin, observe
from hub.router.strategies import STRATEGIES, Standing, strategy_of
from tests.hub.router.builders import (
    ALL,
    GPT,
    GROK,
    LOCAL,
    MINI,
    NOW,
    after,
    deployment,
    fact,
    request,
    state,
)

UNPRICED = deployment("ollama/qwen3:8b", None)


def winner(seen, deployments=ALL, **changes):
    return choose(request(**changes), deployments, seen, NOW).deployment


def test_cost_optimized_takes_the_cheapest():
    assert winner(state("cost_optimized")) == MINI


def test_cost_optimized_counts_a_call_that_fails_as_paid_again():
    twin = deployment("azure/gpt-4o-mini", MINI.price)
    seen = after(state("cost_optimized"), MINI.id, "+-+-+-")

    assert winner(seen, (MINI, twin)) == twin


def test_performance_optimized_takes_the_fastest_for_this_length_of_answer():
    seen = state("performance_optimized")
    for _ in range(30):
        quick_start = fact(GPT.id, first_token_s=0.1, latency_s=20.1, completion_tokens=400)
        quick_flow = fact(GROK.id, first_token_s=2.0, latency_s=4.0, completion_tokens=400)
        seen = observe(observe(seen, quick_start), quick_flow)

    assert winner(seen, (GPT, GROK)) == GROK
    assert winner(seen, (GPT, GROK), max_output=16) == GPT


def test_availability_optimized_takes_the_one_that_works_most_often():
    seen = after(after(state("availability_optimized"), GPT.id, "+" * 20), GROK.id, "+++-")

    assert winner(seen) == GPT


def test_availability_optimized_takes_the_idlest_among_equals():
    seen = begin(state("availability_optimized"), MINI.id)

    assert winner(seen) == GROK


def test_hybrid_weighs_cost_speed_and_availability():
    standings = [
        Standing(GPT, 999, 2_000, 1.0, True, 1.0, 0.0),
        Standing(MINI, 99, 200, 2.0, True, 0.5, 0.0),
    ]

    scores = strategy_of("hybrid")(standings, state())

    assert scores == pytest.approx([0.4 * 0.1 + 0.3 + 0.3, 0.4 + 0.3 * 0.5 + 0.3 * 0.5])


def test_hybrid_divides_by_the_sum_of_its_weights():
    weights = Weights(cost=4, performance=3, availability=3)
    doubled = choose(request(), ALL, state(weights=weights), NOW)

    plain = choose(request(), ALL, state(), NOW)

    assert [c.score for c in doubled.candidates] == [c.score for c in plain.candidates]


def test_weights_change_who_wins():
    seen = state(weights=Weights(cost=0, performance=1, availability=0))
    seen = observe(seen, fact(GPT.id, first_token_s=0.1, latency_s=1.0, completion_tokens=400))

    assert winner(seen) == GPT


def test_round_robin_goes_on_after_the_last_that_was_used_and_comes_round():
    seen = state("round_robin")
    used = []
    for _ in range(4):
        chosen = winner(seen)
        seen = begin(seen, chosen.id)
        used.append(chosen.id)

    assert used == [GROK.id, GPT.id, MINI.id, GROK.id]


def test_round_robin_does_not_advance_by_choosing_alone():
    seen = state("round_robin")

    assert winner(seen) == winner(seen)


@pytest.mark.parametrize("name", ["cost_optimized", "hybrid", "adaptive"])
def test_an_unknown_price_is_the_last_choice_not_a_free_one(name):
    seen = after(state(name), UNPRICED.id, "+" * 50)

    route = choose(request(), (*ALL, UNPRICED), seen, NOW)

    assert route.candidates[-1].deployment == UNPRICED.id
    assert route.candidates[-1].cost is None


def test_where_no_price_is_known_hybrid_weighs_the_rest():
    other = deployment("lab/phi-4", None)
    seen = after(after(state(), UNPRICED.id, "++++"), other.id, "++--")

    assert winner(seen, (other, UNPRICED)) == UNPRICED


def test_a_free_deployment_beats_a_priced_one_on_cost():
    home = deployment("ollama/qwen3:8b", LOCAL.price)

    assert winner(state("cost_optimized"), (*ALL, home)) == home


@pytest.mark.parametrize("name", sorted(STRATEGIES))
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(0, 10**9),
            st.floats(0.01, 600),
            st.floats(0.02, 1),
            st.floats(0, 50),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_score_lies_between_nought_and_one(name, figures):
    standings = [
        Standing(deployment(f"p{i}/m"), cost, cost, seconds, True, available, load)
        for i, (cost, seconds, available, load) in enumerate(figures)
    ]

    scores = strategy_of(name)(standings, state(name))

    assert all(-1e-3 <= score <= 1 + 1e-9 for score in scores)


def test_an_unknown_strategy_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"no strategy 'fastest'.*cost_optimized.*adaptive"):
        strategy_of("fastest")
