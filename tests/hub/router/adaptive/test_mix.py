import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.router.adaptive.mix import best_mix, hull

FIGURES = st.lists(
    st.tuples(st.integers(0, 1_000), st.integers(1, 100_000)), min_size=1, max_size=6
)


@given(FIGURES, st.integers(0, 120_000))
def test_no_other_lottery_of_two_at_the_same_cost_is_better(figures, rate):
    means, costs = [q / 1_000 for q, _ in figures], [float(c) for _, c in figures]

    mix = best_mix(means, costs, rate)

    value = (1 - mix.share) * means[mix.low] + mix.share * means[mix.high]
    assert 0 <= mix.share < 1
    if rate < min(costs):
        assert costs[mix.low] == min(costs)
        return
    assert (1 - mix.share) * costs[mix.low] + mix.share * costs[mix.high] <= rate + 1e-6
    for i, low in enumerate(costs):
        for j, high in enumerate(costs):
            if low <= rate < high:
                share = (rate - low) / (high - low)
                assert value >= (1 - share) * means[i] + share * means[j] - 1e-9
            if low <= rate:
                assert value >= means[i] - 1e-9


def test_the_hull_leaves_out_what_a_lottery_of_others_beats():
    assert hull([0.6, 0.65, 0.9, 0.8], [1.0, 5.0, 6.0, 9.0]) == [0, 2]


def test_at_a_rate_between_two_the_dearer_is_drawn_for_what_is_left():
    mix = best_mix([0.6, 0.8], [100.0, 300.0], 150.0)

    assert (mix.low, mix.high, mix.share) == (0, 1, pytest.approx(0.25))
