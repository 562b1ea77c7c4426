import numpy as np
import pytest

from hub.domain.turn import Purpose
from hub.router.adaptive.saturation import Tally, saturated, task_of
from hub.router.features import features


def tally(values):
    found = Tally()
    for value in values:
        found = found.after(value)
    return found


def test_a_tally_has_the_mean_and_variance_of_its_marks():
    values = np.random.default_rng(0).random(120).tolist()

    found = tally(values)

    assert (found.marks, found.mean) == (120, pytest.approx(np.mean(values)))
    assert found.variance == pytest.approx(np.var(values))


def test_a_replaced_mark_is_as_if_it_had_never_been():
    corrected = tally([0.0, 1.0, 0.5, 1.0]).corrected(1.0, was=0.0)

    assert corrected.mean == pytest.approx(tally([1.0, 1.0, 0.5, 1.0]).mean)
    assert corrected.variance == pytest.approx(tally([1.0, 1.0, 0.5, 1.0]).variance)


def test_a_tally_looks_back_on_300_marks():
    assert tally([0.5] * 1_000).marks == 300


def test_all_perfect_is_saturated_and_49_marks_are_too_few():
    assert saturated([tally([1.0] * 50), tally([1.0] * 50)], [1.0, 2.0])
    assert not saturated([tally([1.0] * 49), tally([1.0] * 50)], [1.0, 2.0])


def test_a_better_dear_one_keeps_quality_in_the_choice():
    cheap, dear = tally([1.0, 0.0] * 50), tally([1.0] * 100)

    assert not saturated([cheap, dear], [1.0, 2.0])
    assert saturated([cheap, dear], [2.0, 1.0])


def test_doubt_about_a_small_lead_is_no_saturation():
    cheap, dear = tally([1.0, 0.0] * 30), tally([0.0, 1.0] * 30)

    assert not saturated([cheap, dear], [1.0, 2.0]) or cheap.mean >= dear.mean


def test_one_alone_is_not_saturated():
    assert not saturated([tally([1.0] * 100)], [1.0])


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("def f(x): return x", "reply code"),
        ("Pick:\n(A) one (B) two", "reply options"),
        ("Solve $x^2 = 4$", "reply maths"),
        ("Who was Ada?", "reply other"),
    ],
)
def test_the_task_is_told_by_the_features(text, task):
    assert task_of(features(text), Purpose.REPLY) == task
