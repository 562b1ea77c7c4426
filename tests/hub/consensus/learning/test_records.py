from __future__ import annotations

from dataclasses import replace
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.learning.calibration import Calibration
from hub.consensus.learning.confidence import most, sureness, weight
from hub.consensus.learning.kinship import effective, kinship
from hub.consensus.learning.records import Record, grade, log_odds, record_of, strongest
from hub.domain.decision import Seat
from tests.fakes.calibrations import calibration

V0, V1 = Seat("v0"), Seat("v1")


def served_by(deployment, choices):
    """Return decisions of v0 alone, on one deployment."""
    rows = calibration(*choices).rows
    return tuple(
        replace(row, votes=(replace(row.votes[0], deployment=deployment),)) for row in rows
    )


def test_the_chance_of_being_right_follows_the_formula():
    of = calibration(*["a"] * 60, *["b"] * 20, category="law")
    record = record_of(of, V0)

    overall = 61 / 82
    assert record.accuracy() == pytest.approx(overall)
    assert record.accuracy("law") == pytest.approx((60 + 50 * overall) / 130)
    assert record.accuracy("art") == pytest.approx(overall)


def test_a_mark_fades_with_each_that_follows():
    of = Calibration(calibration("a", "b", "b").rows, fading=0.5)

    record = record_of(of, V0)

    assert (record.right, record.marked, record.ballots) == (0.25, 1.75, 3)


def test_an_agent_that_changed_its_model_keeps_ten_marks():
    of = Calibration(served_by("old", "a" * 80 + "b" * 20), fading=1.0)

    record = record_of(of, Seat("v0", "new"))

    assert (record.right, record.marked) == pytest.approx((8, 10))
    few = Calibration(served_by("old", "aab"), fading=1.0)
    assert record_of(few, Seat("v0", "new")).marked == pytest.approx(3)


def test_log_odds_are_those_of_the_paper_and_never_negative():
    assert log_odds(0.8, 2) == pytest.approx(log(4))
    assert log_odds(0.5, 6) == pytest.approx(log(5))
    assert log_odds(0.1, 2) == 0


@given(st.floats(0.01, 0.99), st.integers(2, 30))
def test_a_weight_is_zero_or_more(p, k):
    assert log_odds(p, k) >= 0


def test_the_strongest_is_who_was_right_most_often_then_the_dearer_then_a_lot():
    marks = calibration("ab", "ab", "aa")
    assert [s.agent for s in strongest(marks, (V1, V0), "", "s")] == ["v0", "v1"]

    cheap, dear = Seat("x", cost=1), Seat("y", cost=9)
    assert strongest(Calibration(), (cheap, dear), "", "s")[0] == dear

    first = {strongest(Calibration(), (V0, V1), "", str(n))[0].agent for n in range(20)}
    assert first == {"v0", "v1"}
    assert strongest(Calibration(), (V0, V1), "", "s") == strongest(
        Calibration(), (V1, V0), "", "s"
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(None, 0.1), (0, 0.1), (0.6, 0.1), (0.61, 0.3), (0.8, 0.5), (0.9, 0.8), (0.99, 0.8), (1, 1)],
)
def test_until_there_are_30_marks_confidence_weighs_by_reconciles_map(stated, expected):
    assert weight(calibration("a"), V0, stated, 4) == expected


def test_from_30_marks_on_confidence_weighs_what_it_proved_to_be_worth():
    of = calibration(*["b"] * 40, confidence=0.95)

    assert weight(of, V0, 0.95, 2) == 0
    assert sureness(record_of(of, V0), 0.95) == pytest.approx(10 * (1 / 42) / 50)
    assert sureness(Record(), 0.95) is None


@given(st.floats(0, 1) | st.none(), st.integers(0, 60))
def test_no_ballot_weighs_more_than_the_most(stated, marks):
    of = calibration(*["a"] * marks, confidence=0.7)

    assert weight(of, V0, stated, 4) <= most(of, V0, 4)


@given(st.floats(0, 1))
def test_unanimity_has_a_grade_of_its_own(strength):
    assert 0 <= grade(strength) <= 9 or strength > 0.99
    assert grade(1.0) == 10


def test_a_family_that_makes_the_same_mistakes_counts_as_fewer_voters():
    """v0 and v3 are of one family, v1 and v2 of two others; all are wrong each time."""
    alike = calibration(*["bcdb"] * 20, *["bbcb"] * 20)

    rho = kinship(alike)

    strangers = 40 / 200
    assert rho == {"gpt": pytest.approx((1 - strangers) / (1 - strangers))}
    assert effective(["gpt", "gpt", "grok"], rho) == 2
    assert effective(["gpt", "gpt", "grok"], {"gpt": 0.5}) == pytest.approx(1 + 2 / 1.5)


def test_what_is_not_known_of_a_family_stays_unknown():
    assert kinship(calibration("bb", "bb")) == {}
    assert effective(["gpt", "gpt"], {}) is None
    assert effective([None, "gpt"], {}) is None
    assert effective(["gpt", "grok"], {}) == 2
