import numpy as np
import pytest

from hub.router.adaptive.drift import CALM
from tests.hub.router.adaptive.worlds import World, lived, taught

STEADY = World(cheap=(0.6, 0.6), dear=(0.9, 0.9))
SWAPPED = World(cheap=(0.9, 0.9), dear=(0.6, 0.6))


def after(errors):
    drift, noticed = CALM, None
    for turn, error in enumerate(errors):
        drift = drift.after(float(error), 100)
        if drift.alarm and noticed is None:
            noticed = turn
    return noticed


@pytest.mark.parametrize("seed", range(20))
def test_chance_alone_raises_no_alarm_in_a_thousand_marks(seed):
    assert after(np.random.default_rng(seed).normal(0.0, 1.0, 1_000)) is None


@pytest.mark.parametrize("shift", [-0.8, 0.8])
@pytest.mark.parametrize("seed", range(5))
def test_a_lasting_change_either_way_is_noticed_within_80_marks(seed, shift):
    assert after(np.random.default_rng(seed).normal(shift, 1.0, 200)) < 80


def test_one_wild_error_is_not_a_change():
    assert after([1_000.0, *([0.0] * 50)]) is None


def test_errors_before_30_marks_say_more_about_the_prior():
    assert CALM.after(3.0, 29) == CALM


def test_a_stationary_stream_raises_no_alarm():
    learned, _, _ = lived(STEADY, taught(STEADY, 200), 800, budget=550.0)

    assert learned.alarms == 0


def test_when_two_change_places_it_is_noticed_and_the_better_one_is_found():
    before = taught(STEADY, 300)

    learned, _, _ = lived(SWAPPED, before, 300, budget=1_000.0)
    _, late, _ = lived(SWAPPED, learned, 300, budget=1_000.0, seed=2)

    assert learned.alarms >= 1
    assert late > 0.85
