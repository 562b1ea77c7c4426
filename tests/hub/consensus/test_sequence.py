"""Rules that do not ask everybody."""

from __future__ import annotations

from dataclasses import replace

from hub.consensus.electorate import in_both_orders
from hub.consensus.learning.calibration import NOTHING
from hub.consensus.profile import profile_of
from hub.consensus.sequence import cascade_pair, cheapest, next_voters
from hub.consensus.tally import tally
from hub.consensus.weighing import weigh
from hub.domain.decision import Rule, Seat, Verdict
from tests.fakes.calibrations import skilled
from tests.fakes.votes import letter, proposal, vote, votes

SEATS = (
    Seat("v0", "openai/large", "gpt", 50),
    Seat("v1", "openai/small", "gpt", 2),
    Seat("v2", "openai/mini", "gpt", 1),
    Seat("v3", "xai/grok", "grok", 10),
)


def asked_next(of, ballots, asked, marks=NOTHING):
    profile = profile_of(of, ballots)
    return next_voters(profile, weigh(profile, marks), asked)


def test_the_cheapest_come_first_and_unknown_costs_last():
    of = proposal(5, seats=SEATS)

    assert cheapest(of) == ("v2", "v1", "v3", "v0", "v4")
    assert set(cheapest(proposal(3))) == {"v0", "v1", "v2"}


def test_equal_costs_are_asked_in_an_order_drawn_from_the_seed():
    assert len({cheapest(proposal(3, seed=str(n))) for n in range(30)}) == 6


def test_a_cascade_asks_two_families_first_and_the_strongest_only_where_they_differ():
    of = proposal(4, rule=Rule.CASCADE, seats=SEATS)
    marks = skilled([0.95, 0.5, 0.5, 0.5], 60)
    marks = replace(
        marks,
        rows=tuple(
            replace(r, votes=tuple(
                replace(v, deployment=s.deployment) for v, s in zip(r.votes, SEATS, strict=True)
            ))
            for r in marks.rows
        ),
    )  # fmt: skip

    assert cascade_pair(of) == ("v2", "v3")
    assert asked_next(of, (), (), marks) == ("v2", "v3")
    agree = (vote(2, "a"), vote(3, "a"))
    assert asked_next(of, agree, ("v2", "v3"), marks) == ()
    differ = (vote(2, "a"), vote(3, "b", family="grok"))
    assert asked_next(of, differ, ("v2", "v3"), marks) == ("v0",)
    assert asked_next(of, (*differ, vote(0, "b")), ("v2", "v3", "v0"), marks) == ()

    assert letter(of, tally(of, agree, marks).winner) == "a"
    assert letter(of, tally(of, (*differ, vote(0, "c")), marks).winner) == "c"


def test_one_of_the_cheap_pair_that_fails_brings_in_the_strongest():
    of = proposal(4, rule=Rule.CASCADE, seats=SEATS)

    assert asked_next(of, (vote(2, "a"),), ("v2", "v3")) == ("v0",)


def test_a_committee_of_one_family_still_has_a_cheap_pair():
    assert cascade_pair(proposal(3, seats=SEATS[:3])) == ("v2", "v1")
    assert cascade_pair(proposal(1)) == ("v0",)


def test_a_panel_asks_one_after_the_other():
    of = proposal(4, rule=Rule.PANEL, seats=SEATS)

    assert asked_next(of, (), ()) == ("v2",)
    assert asked_next(of, (), ("v2", "v1", "v3")) == ("v0",)
    assert asked_next(of, (), ("v0", "v1", "v2", "v3")) == ()


def test_all_other_rules_ask_everybody_side_by_side():
    assert asked_next(proposal(3), (), ("v1",)) == ("v0", "v2")


def test_a_chair_is_whom_the_proposal_names_else_the_strongest():
    marks = skilled([0.5, 0.95, 0.5], 60)

    assert asked_next(proposal(3, rule=Rule.CHAIR, chair="v2"), (), ()) == ("v2",)
    assert asked_next(proposal(3, "abcd", Rule.CHAIR), (), (), marks) == ("v1",)


def test_a_judge_that_changes_its_mind_with_the_order_abstains():
    same = in_both_orders(vote(0, "a", reason="clear"), vote(0, "a"))
    other = in_both_orders(vote(0, "a"), vote(0, "b"))

    assert (same.choice, same.reason) == (vote(0, "a").choice, "clear")
    assert (other.choice, other.abstain) == (None, True)
    of = proposal(3, rule=Rule.CHAIR, chair="v0")
    assert tally(of, (other,)).verdict is Verdict.NO_CONSENSUS


def test_a_single_agent_that_is_silent_is_followed_by_the_next_best():
    of = proposal(3, "abcd", Rule.SINGLE)
    marks = skilled([0.9, 0.6, 0.3], 60)

    assert letter(of, tally(of, votes("abc"), marks).winner) == "a"
    assert letter(of, tally(of, votes("-bc"), marks).winner) == "b"
