from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.learning.calibration import (
    MOST_ROWS,
    NOTHING,
    Calibration,
    Recorded,
    Voted,
    learn,
    observe,
    remembered,
)
from hub.consensus.learning.records import record_of
from hub.consensus.tally import tally
from hub.domain.decision import Decision, Option, Rule, Seat
from hub.domain.mark import Mark
from hub.errors import UsageError
from tests.fakes.calibrations import calibration, row
from tests.fakes.votes import proposal, vote, votes

TEXTS = st.text(max_size=5)
VOTES = st.builds(
    Voted, TEXTS, TEXTS, st.none() | TEXTS, st.none() | TEXTS, st.none() | st.floats(0, 1)
)
ROWS = st.builds(
    Recorded, TEXTS, TEXTS, st.integers(2, 30), st.lists(VOTES, max_size=3).map(tuple),
    st.none() | TEXTS, st.none() | TEXTS,
)  # fmt: skip


def decided(choices="aab", id_="d", **more):
    of = proposal(len(choices), "abc", Rule.PLURALITY, **more)
    ballots = votes(choices)
    return Decision(id_, "t", of, 0, ballots, tally(of, ballots))


def marks(of, voter):
    record = record_of(replace(of, fading=1.0), Seat(voter))
    return record.right, record.marked


@given(st.lists(ROWS, max_size=4).map(tuple), st.floats(0.5, 1))
def test_a_calibration_survives_json_to_the_byte(rows, fading):
    of = Calibration(rows, fading)

    again = Calibration.from_json(of.to_json())

    assert again == of
    assert (hash(again), again.id, again.to_json()) == (hash(of), of.id, of.to_json())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rows":[[1]],"fading":1}', '{"rows":7}', "nul"])
def test_anything_else_is_no_calibration_and_says_so(text):
    with pytest.raises(UsageError, match="no calibration"):
        Calibration.from_json(text)


def test_marked_right_every_ballot_learns():
    of = learn(NOTHING, decided("aab-"), Mark(right=True))

    assert [marks(of, f"v{n}") for n in range(4)] == [(1, 1), (1, 1), (0, 1), (0, 0)]


def test_marked_wrong_with_the_right_option_every_ballot_learns():
    for answer in ("b", Option("b").id):
        of = learn(NOTHING, decided("aab"), Mark(right=False, answer=answer))

        assert [marks(of, f"v{n}") for n in range(3)] == [(0, 1), (0, 1), (1, 1)]


def test_marked_wrong_without_it_only_the_winners_voters_learn():
    of = learn(NOTHING, decided("aab"), Mark(right=False))

    assert [marks(of, f"v{n}") for n in range(3)] == [(0, 1), (0, 1), (0, 0)]
    assert of.marked == ()


def test_an_answer_that_was_no_option_means_that_everybody_was_wrong():
    of = learn(NOTHING, decided("aab"), Mark(right=False, answer="something else"))

    assert [marks(of, f"v{n}") for n in range(3)] == [(0, 1)] * 3
    assert len(of.marked) == 1


def test_a_decision_marked_again_takes_back_what_it_taught():
    of = learn(NOTHING, decided("aab"), Mark(right=True))

    assert learn(of, decided("aab"), Mark(right=False)) == learn(
        NOTHING, decided("aab"), Mark(right=False)
    )


def test_without_a_winner_the_mark_must_name_the_answer():
    undecided = replace(decided("aab"), tally=None)

    with pytest.raises(UsageError, match="say what the right answer is"):
        learn(NOTHING, undecided, Mark(right=True))
    assert marks(learn(NOTHING, undecided, Mark(right=False, answer="b")), "v2") == (1, 1)


def test_people_are_not_marked_and_the_served_model_is():
    of = proposal(2, "ab", Rule.PLURALITY, seats=(Seat("v0", "openai/x"), Seat("v1", "xai/y")))
    ballots = (vote(0, "a"), vote(1, "a", deployment="local/z"), vote("you", "b"))

    taught = learn(
        NOTHING, Decision("d", "t", of, 0, ballots, tally(of, ballots)), Mark(right=True)
    )

    assert [(v.agent, v.deployment) for v in taught.rows[0].votes] == [
        ("v0", "openai/x"), ("v1", "local/z"),
    ]  # fmt: skip


def test_a_decision_nobody_marked_is_remembered_once_and_teaches_nobody():
    of = observe(observe(NOTHING, decided()), decided("bbb"))

    assert len(of.rows) == 1
    assert marks(of, "v0") == (0, 0)
    assert len(learn(of, decided(), Mark(right=True)).rows) == 1


def test_old_decisions_go_when_there_are_too_many():
    of = remembered(NOTHING, (row(n, "a") for n in range(MOST_ROWS + 5)))

    assert (len(of.rows), of.rows[0].decision) == (MOST_ROWS, "d5")


def test_nothing_has_no_id_and_equal_ones_the_same():
    assert NOTHING.id == ""
    assert calibration("ab").id == calibration("ab").id != calibration("ba").id
