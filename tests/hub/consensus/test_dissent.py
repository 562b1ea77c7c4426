from __future__ import annotations

from hub.consensus.dissent import dissent, flips
from hub.consensus.tally import tally
from hub.domain.decision import Rule
from tests.fakes.calibrations import skilled
from tests.fakes.votes import letter, proposal, rank, vote


def test_the_surest_holder_speaks_for_the_losers_word_for_word():
    of = proposal(5)
    ballots = (
        vote(0, "a"), vote(1, "a"), vote(2, "a"),
        vote(3, "b", confidence=0.4, reason="cheap"),
        vote(4, "b", confidence=0.9, reason="  Fewer  parts!", would_change_my_mind="a benchmark"),
    )  # fmt: skip

    (entry,) = dissent(of, ballots, tally(of, ballots))

    assert letter(of, entry.option) == "b"
    assert (entry.holders, entry.share) == (("v3", "v4"), 0.4)
    assert (entry.argument, entry.argued_by) == ("  Fewer  parts!", "v4")
    assert entry.would_change_my_mind == "a benchmark"


def test_an_argument_is_taken_from_who_gave_one():
    of = proposal(5)
    ballots = (
        vote(0, "a"), vote(1, "a"), vote(2, "a"),
        vote(3, "b", confidence=1.0), vote(4, "b", reason="why not"),
    )  # fmt: skip

    (entry,) = dissent(of, ballots, tally(of, ballots))

    assert (entry.argument, entry.argued_by) == ("why not", "v4")


def test_without_a_winner_every_position_is_kept():
    of = proposal(3)
    ballots = (vote(0, "a", reason="x"), vote(1, "b", reason="y"), vote(2, "c", reason="z"))

    entries = dissent(of, ballots, tally(of, ballots))

    assert sorted(entry.argument for entry in entries) == ["x", "y", "z"]


def test_nobody_dissents_from_a_unanimous_vote():
    of = proposal(2)
    ballots = (vote(0, "a"), vote(1, "a"))

    assert dissent(of, ballots, tally(of, ballots)) == ()


def test_each_change_of_mind_is_recorded_with_its_reason():
    ballots = (
        vote(0, "a"), vote(1, "b"), vote(2, "-"),
        vote(0, "a", round_=2), vote(1, "a", round_=2, reason="convinced"), vote(2, "b", round_=2),
    )  # fmt: skip
    of = proposal(3)

    changed = [
        (f.voter, letter(of, f.before), letter(of, f.after), f.reason) for f in flips(ballots)
    ]

    assert changed == [("v1", "b", "a", "convinced"), ("v2", None, "b", "")]


def test_flips_are_counted_beside_the_losing_option():
    of = proposal(3)
    ballots = (vote(0, "a"), vote(1, "b"), vote(2, "b"), vote(1, "a", round_=2))

    (entry,) = dissent(of, ballots, tally(of, ballots))

    assert (letter(of, entry.option), entry.flips_to, entry.flips_from) == ("b", 0, 1)


def test_a_second_ballot_in_a_round_is_no_change_of_mind():
    assert flips((vote(0, "a"), vote(0, "b"))) == ()


def test_what_the_losers_weighed_and_how_right_they_are_when_so_sure_stands_beside_them():
    of = proposal(3, "abcd", Rule.WEIGHTED)
    ballots = (vote(0, "a", confidence=0.9), vote(1, "b", confidence=0.9), vote(2, "b"))
    marks = skilled([0.95, 0.5, 0.4], 200, confidence=0.9)

    count = tally(of, ballots, marks)
    (entry,) = dissent(of, ballots, count)

    weights, sure = dict(count.weighing.weights), dict(count.weighing.sureness)
    assert (letter(of, count.winner), letter(of, entry.option)) == ("a", "b")
    assert entry.weight == weights["v1"] + weights["v2"]
    assert entry.sureness == (sure["v1"] + sure["v2"]) / 2


def test_a_ranking_dissents_by_its_first_place_and_flips_with_it():
    of = proposal(3, "abc", Rule.BORDA)
    ballots = (
        rank(0, "abc"), rank(1, "acb"), rank(2, "bac"), rank(2, "cab", round_=2), rank(1, "abc", round_=2),
    )  # fmt: skip

    (entry,) = dissent(of, ballots, tally(of, ballots))

    assert (letter(of, entry.option), entry.holders, entry.flips_to) == ("c", ("v2",), 1)
    assert (entry.weight, entry.sureness) == (None, None)
