import numpy as np
import pytest

from hub.router.adaptive.bill import billed
from hub.router.features import DIMENSION, PROJECTED

LENGTH = 1 + PROJECTED


def prompts(count):
    rng = np.random.default_rng(0)
    vectors = np.zeros((count, DIMENSION))
    vectors[:, 0] = 1.0
    vectors[:, LENGTH] = rng.normal(0.0, 0.7, count)
    return vectors


def paid(calls, slope=1.0, cost=100.0):
    bill = billed()
    for vector in prompts(calls):
        bill = bill.paying(vector, cost * float(np.exp(slope * vector[LENGTH])), cost)
    return bill


def test_the_first_few_calls_leave_the_expected_cost_as_it_is():
    assert paid(4).factor(prompts(1)[0]) == 1.0
    assert paid(4).factors(prompts(3)).tolist() == [1.0, 1.0, 1.0]


def test_it_learns_which_prompts_cost_more():
    bill = paid(300)
    long, short = prompts(1)[0].copy(), prompts(1)[0].copy()
    long[LENGTH], short[LENGTH] = 1.0, -1.0

    assert 2.0 < bill.factor(long) < np.e
    assert 1 / np.e < bill.factor(short) < 0.6


def test_a_price_that_is_twice_what_was_expected_is_learned_as_a_factor():
    bill = billed()
    for vector in prompts(200):
        bill = bill.paying(vector, 200.0, 100.0)

    assert bill.factors(prompts(20)) == pytest.approx(np.full(20, 2.0), rel=0.02)
    assert bill.mean == pytest.approx(200.0)


def test_free_calls_count_and_say_nothing_about_ratios():
    bill = billed().paying(prompts(1)[0], 0.0, 0.0)

    assert (bill.calls, bill.mean) == (1, 0.0)
    assert bill.factor(prompts(1)[0]) == 1.0


def test_no_correction_is_beyond_twentyfold():
    bill = paid(100, slope=4.0)
    extreme = prompts(1)[0].copy()
    extreme[LENGTH] = 50.0

    assert bill.factor(extreme) == 20.0
    assert bill.factors(extreme[None]).tolist() == [20.0]
