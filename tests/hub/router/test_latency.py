import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.router.latency import FIRST_TOKEN_PRIOR_S, SPEED_PRIOR, Latency
from tests.hub.router.builders import NOW, SECOND


def test_without_a_measurement_the_priors_speak():
    latency = Latency()

    assert not latency.measured
    assert latency.expected_s(100, 0.0, NOW) == FIRST_TOKEN_PRIOR_S + 100 / SPEED_PRIOR


def test_a_slow_first_token_is_believed_at_once_and_forgiven_later():
    latency = Latency()
    for _ in range(9):
        latency = latency.after(0.5, 1.5, 100, NOW, 100)

    latency = latency.after(8.0, 9.0, 100, NOW, 100)

    assert latency.first_token_s(NOW) == 8.0
    assert latency.first_token_s(NOW + 10 * SECOND) == pytest.approx(0.5 + 7.5 / 2.71828, rel=1e-3)
    assert latency.first_token_s(NOW + 600 * SECOND) == pytest.approx(0.5)


def test_speed_follows_the_calls_in_steps_of_a_fifth():
    latency = Latency().after(1.0, 2.0, 100, NOW, 100).after(1.0, 2.0, 200, NOW, 100)

    assert latency.speed == pytest.approx(120.0)


def test_a_speed_that_fell_is_forgiven_like_a_slow_first_token():
    latency = Latency()
    for _ in range(9):
        latency = latency.after(0.5, 1.5, 100, NOW, 100)

    latency = latency.after(5.0, 15.0, 100, NOW, 100)

    assert latency.tokens_per_s(NOW) == pytest.approx(82)
    assert latency.tokens_per_s(NOW + 10 * SECOND) == pytest.approx(100 - 18 / 2.71828, rel=1e-3)
    assert latency.expected_s(100, 0, NOW + 600 * SECOND) == pytest.approx(1.5)


def test_a_handful_of_tokens_says_nothing_about_speed():
    assert Latency().after(1.0, 1.1, 3, NOW, 100).speed is None


def test_an_answer_in_one_piece_is_split_by_the_known_speed():
    latency = Latency().after(None, 3.0, 100, NOW, 100)

    assert latency.first_token_s(NOW) == pytest.approx(1.0)
    assert latency.expected_s(100, 0.0, NOW) == pytest.approx(3.0)


def test_a_failure_adds_the_time_that_it_lost():
    latency = Latency().after(0.5, 2.5, 100, NOW, 100).lost(30.0, NOW, 100)

    assert latency.first_token_s(NOW) == pytest.approx(30.5)


def test_a_busy_deployment_is_slower():
    latency = Latency().after(1.0, 3.0, 100, NOW, 100)

    assert latency.expected_s(100, 1.0, NOW) == pytest.approx(2 * latency.expected_s(100, 0.0, NOW))


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100), st.integers(0, 5_000)), max_size=40)
)
def test_memory_is_bounded_and_every_figure_stays_in_the_measured_range(calls):
    latency = Latency()
    for first, rest, tokens in calls:
        latency = latency.after(first, first + rest, tokens, NOW, 10)

    assert len(latency.first.samples) <= 10
    if calls:
        kept = [first for first, _, _ in calls]
        assert min(kept) - 1e-9 <= latency.first_token_s(NOW) <= max(kept) + 1e-9


def test_a_long_spell_of_slow_writing_is_doubted_and_one_quick_answer_ends_it():
    latency = Latency()
    for tokens_per_s in [100] * 20 + [5] * 60:
        latency = latency.after(0.5, 0.5 + 100 / tokens_per_s, 100, NOW, 100)
    assert latency.tokens_per_s(NOW + 600 * SECOND) == pytest.approx(5)

    later = NOW + 300 * SECOND
    assert latency.tokens_per_s(later, elsewhere=10) < 10
    assert latency.tokens_per_s(later, elsewhere=500) > 80

    latency = latency.after(0.5, 1.5, 100, later, 100, elsewhere=500)

    assert latency.tokens_per_s(later + 60 * SECOND) == pytest.approx(100, rel=1e-3)
