import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.route import Pacing
from hub.router.adaptive.pace import affordable, bank, picks, rate, spending, worth


def test_a_stream_on_its_budget_goes_on_at_the_budget():
    assert rate(Pacing(100.0, 50, 5_000.0)) == 100.0


def test_what_was_saved_is_spent_over_150_turns_and_debt_is_paid_back():
    assert rate(Pacing(100.0, 50, 2_000.0)) == 120.0
    assert rate(Pacing(100.0, 50, 8_000.0)) == 80.0
    assert rate(Pacing(100.0, 0, 1e9)) == 0.0


def test_the_bank_starts_three_turns_ahead():
    assert bank(Pacing(100.0)) == 300.0


def test_the_cheapest_is_always_affordable_and_a_dear_one_only_when_saved_for():
    costs = [50.0, 90.0, 1_000.0]

    assert affordable(costs, Pacing(100.0)) == [True, True, False]
    assert affordable(costs, Pacing(100.0, 30, 1_000.0)) == [True, True, True]
    assert affordable(costs, Pacing(100.0, 30, 6_000.0)) == [True, False, False]
    assert affordable(costs, None) == [True, True, True]


@given(st.integers(0, 1_000), st.floats(60.0, 1_500.0))
def test_the_price_of_money_keeps_the_mean_cost_within_the_rate(seed, per_turn):
    rng = np.random.default_rng(seed)
    qualities = np.column_stack([rng.normal(0.6, 0.1, 200), rng.normal(0.75, 0.1, 200)])
    costs = np.column_stack([rng.lognormal(4, 0.2, 200), rng.lognormal(7, 0.4, 200)])
    doubts = np.full((200, 2), 0.02)
    found = worth(9, [0.6, 0.75], costs.mean(0).tolist(), qualities, doubts, costs)

    low, high, share, price = found.at(per_turn)

    spent = sum(
        part
        * costs[np.arange(200), picks(qualities, doubts, costs, drawn, np.array([price]))[0]].mean()
        for drawn, part in ((low, 1 - share), (high, share))
    )
    assert spent <= max(per_turn, costs[:, 0].mean()) * 1.15


def test_dearer_money_never_buys_more():
    rng = np.random.default_rng(3)
    qualities, costs = rng.random((100, 3)), rng.lognormal(5, 1, (100, 3))

    curve = spending(qualities, np.full((100, 3), 0.01), costs, 1)

    assert (np.diff(curve) <= 1e-9).all()


def test_without_doubt_and_price_the_best_quality_is_picked_and_with_doubt_the_drawn_one_stays():
    qualities, costs = np.array([[0.6, 0.61]]), np.array([[1.0, 1.0]])

    sure = picks(qualities, np.zeros((1, 2)), costs, 0, np.zeros(1))
    unsure = picks(qualities, np.full((1, 2), 0.1), costs, 0, np.zeros(1))

    assert (sure.tolist(), unsure.tolist()) == ([[1]], [[0]])


def test_a_rate_below_the_cheapest_prices_money_so_high_that_only_that_is_bought():
    qualities, costs = np.full((50, 2), 0.7), np.tile([100.0, 1_000.0], (50, 1))
    found = worth(9, [0.6, 0.9], [100.0, 1_000.0], qualities, qualities * 0, costs)

    low, _, share, price = found.at(10.0)

    assert (low, share) == (0, 0.0)
    assert price > 1.0
    assert found.at(1e9)[3] == pytest.approx(0.0)
