from __future__ import annotations

from dataclasses import replace

import pytest

from hub.consensus.profile import profile_of
from hub.consensus.rules.approval import approval
from hub.consensus.rules.borda import borda
from hub.consensus.rules.votes import votes as plurality
from hub.domain.decision import Option, Rule
from tests.fakes.elections import profile, winners
from tests.fakes.votes import approve, letter, proposal, rank, votes

TENNESSEE = ["mnck"] * 42 + ["nckm"] * 26 + ["cknm"] * 15 + ["kcnm"] * 17
"""Memphis, Nashville, Chattanooga, Knoxville: the textbook's example."""


def scores(count, of):
    return {letter(of, option): round(score, 6) for option, score in count.scores.items()}


@pytest.mark.parametrize(
    ("rule", "winner"),
    [("borda", "n"), ("runoff", "k"), ("ranked_pairs", "n"), ("schulze", "n")],
)
def test_tennessee_chooses_its_capital_as_the_textbook_says(rule, winner):
    assert winners(rule, TENNESSEE, "mnck") == {winner}


def test_schulzes_own_example_elects_e():
    ballots = (
        ["acbed"] * 5 + ["adecb"] * 5 + ["bedac"] * 8 + ["cabed"] * 3
        + ["caebd"] * 7 + ["cbade"] * 2 + ["dceba"] * 7 + ["ebadc"] * 8
    )  # fmt: skip

    assert winners("schulze", ballots, "abcde") == {"e"}


def test_a_place_is_worth_one_for_the_first_and_nothing_for_the_last():
    of = proposal(1, "abcd")

    assert scores(borda(profile(["abcd"])), of) == {
        "a": 1,
        "b": round(2 / 3, 6),
        "c": round(1 / 3, 6),
        "d": 0,
    }


def test_what_a_ballot_does_not_rank_shares_the_places_left():
    of = proposal(1, "abcd")

    assert scores(borda(profile(["a"])), of) == {
        "a": 1, "b": round(1 / 3, 6), "c": round(1 / 3, 6), "d": round(1 / 3, 6),
    }  # fmt: skip


def test_a_voters_own_draft_is_struck_from_its_ranking_and_places_move_up():
    drafts = tuple(Option(text, (f"v{n}",)) for n, text in enumerate("abc"))
    of = replace(proposal(3, "abc", Rule.BORDA, open=True), options=drafts)

    count = borda(profile_of(of, [rank(0, "abc"), rank(1, "bac"), rank(2, "cab")]))

    assert scores(count, of) == {"a": 1, "b": 0.5, "c": 0}


def test_approval_counts_everybody_who_can_live_with_an_option():
    of = proposal(4, "abc", Rule.APPROVAL)
    ballots = [approve(0, "ab"), approve(1, "b"), rank(2, "ca"), *votes("   b")]

    assert scores(approval(profile_of(of, ballots)), of) == {"a": 1, "b": 3, "c": 1}


def test_one_vote_each_unless_weights_say_otherwise():
    of = proposal(3, "abc")
    ballots = votes("aab")

    assert scores(plurality(profile_of(of, ballots)), of) == {"a": 2, "b": 1, "c": 0}
    weighted = plurality(profile_of(of, ballots), {"v0": 0.5, "v1": 0.25, "v2": 1.0})
    assert scores(weighted, of) == {"a": 0.75, "b": 1, "c": 0}


def test_an_option_nobody_names_never_leads_however_light_the_votes():
    of = proposal(2, "abc")

    count = plurality(profile_of(of, votes("aa")), {"v0": 0.0, "v1": 0.0})

    assert {letter(of, option) for option in count.leaders} == {"a"}


def test_runoff_ties_keep_every_order_in_which_they_can_be_dropped():
    assert winners("runoff", ["abc", "bca", "cab"], "abc") == {"a", "b", "c"}


def test_equal_margins_are_locked_in_an_order_drawn_from_the_seed():
    cycle = ["abc", "bca", "cab"]

    found = {min(winners("ranked_pairs", cycle, "abc", seed=str(n))) for n in range(40)}

    assert all(len(winners("ranked_pairs", cycle, "abc", seed=str(n))) == 1 for n in range(40))
    assert found == {"a", "b", "c"}
