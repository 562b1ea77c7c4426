from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.router.usual import NEVER

SECONDS = st.floats(0.001, 100)


def after(samples, window=100, trust=1.0):
    usual = NEVER
    for sample in samples:
        usual = usual.after(sample, window, trust)
    return usual


@given(st.lists(SECONDS, min_size=1, max_size=40), st.integers(1, 12))
def test_it_is_the_median_of_the_newest_samples(samples, window):
    usual = after(samples, window)

    assert usual.samples == tuple(samples[-window:])
    assert usual.ordered == tuple(sorted(samples[-window:]))
    assert usual.median == median(samples[-window:])


@given(st.lists(SECONDS, min_size=1, max_size=40), st.floats(0, 1))
def test_what_is_expected_lies_between_the_best_and_the_median(samples, trust):
    usual = after(samples, 10)

    assert usual.best <= usual.expected(trust) + 1e-9 <= usual.median + 2e-9
    assert usual.expected(1.0) == usual.median
    assert usual.expected(0.0) == pytest.approx(usual.best)


def test_a_second_look_that_finds_it_well_forgets_the_spell():
    usual = after([0.5] * 20 + [5.0] * 60)

    assert usual.median == 5.0
    assert usual.after(0.6, 100, trust=0.1).samples == (0.6,)


def test_a_second_look_that_finds_it_as_slow_forgets_nothing():
    usual = after([0.5] * 20 + [5.0] * 60)

    assert len(usual.after(4.8, 100, trust=0.1).samples) == 81


def test_without_a_spell_a_long_pause_forgets_nothing():
    usual = after([0.5, 0.6, 0.7])

    assert usual.after(0.5, 100, trust=0.01).samples == (0.5, 0.6, 0.7, 0.5)


def test_one_that_stays_slow_is_given_up_in_the_end():
    usual = after([0.5] * 3 + [5.0] * 2_500)

    assert usual.best == 5.0
