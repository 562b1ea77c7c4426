from __future__ import annotations

from dataclasses import replace

import pytest

from hub.consensus.tally import recount, tally
from hub.domain.decision import Rule, TieStep, Verdict
from hub.domain.ids import seeded
from tests.fakes.votes import approve, letter, proposal, rank, vote, votes

DECIDED, NONE, ADVISORY = Verdict.DECIDED, Verdict.NO_CONSENSUS, Verdict.ADVISORY


@pytest.mark.parametrize(
    ("rule", "choices", "winner"),
    [
        (Rule.PLURALITY, "aabcd", "a"),
        (Rule.MAJORITY, "aaabc", "a"),
        (Rule.MAJORITY, "aabbc", None),
        (Rule.MAJORITY, "aabb", None),
        (Rule.MAJORITY, "aa--", None),
        (Rule.MAJORITY, "aaa-", "a"),
        (Rule.QUALIFIED, "aab", "a"),
        (Rule.QUALIFIED, "aaabb", None),
        (Rule.QUALIFIED, "aaaab", "a"),
        (Rule.UNANIMITY, "aaa", "a"),
        (Rule.UNANIMITY, "aa-", None),
        (Rule.UNANIMITY, "aa ", None),
        (Rule.CONSENT, "aab", "a"),
        (Rule.CONSENT, "aa-", "a"),
        (Rule.AUTO, "aab", "a"),
        (Rule.AUTO, "abc", None),
    ],
)
def test_each_rule_names_its_winner(rule, choices, winner):
    of = proposal(len(choices), "abcd", rule)

    count = tally(of, votes(choices))

    assert letter(of, count.winner) == winner
    assert count.verdict is (DECIDED if winner else NONE)


def test_a_threshold_of_three_quarters_needs_three_of_four():
    of = proposal(4, rule=Rule.QUALIFIED, threshold=0.75)

    assert tally(of, votes("aaab")).winner
    assert tally(of, votes("aabb")).winner is None


def test_one_block_with_a_reason_withholds_consent():
    of = proposal(3, rule=Rule.CONSENT)

    count = tally(of, (*votes("aa"), vote(2, "!", reason="it leaks")))

    assert count.verdict is NONE
    assert "v2 blocks: it leaks" in count.reason


def test_a_block_without_a_reason_does_not_count():
    of = proposal(3, rule=Rule.CONSENT)

    count = tally(of, votes("aa!"))

    assert count.verdict is DECIDED
    assert count.absent == ("v2",)


def test_auto_is_majority_and_says_that_it_is_uncalibrated():
    count = tally(proposal(rule=Rule.AUTO), votes("aab"))

    assert count.rule is Rule.MAJORITY
    assert count.notes == ("uncalibrated",)


def test_the_count_is_complete():
    of = proposal(5, "abc")

    count = tally(of, votes("aab- "))

    assert (count.eligible, count.cast, count.abstained, count.absent) == (5, 3, 1, ("v4",))
    assert [(letter(of, s.option), s.votes) for s in count.scores] == [("a", 2), ("b", 1), ("c", 0)]
    assert sum(score.share for score in count.scores) == pytest.approx(1)
    assert (count.margin, count.quorum) == (1, 3)


def test_too_few_ballots_decide_nothing_even_when_they_agree():
    count = tally(proposal(5, rule=Rule.PLURALITY), votes("aa   "))

    assert (count.verdict, count.winner) == (NONE, None)
    assert count.reason == "2 of 5 voted, and 3 are needed."


def test_an_abstention_is_no_ballot_for_the_quorum():
    assert tally(proposal(4, rule=Rule.PLURALITY), votes("a---")).verdict is NONE


def test_two_voters_can_decide():
    assert tally(proposal(2), votes("aa")).verdict is DECIDED


def test_five_voters_with_five_answers_do_not_agree():
    count = tally(proposal(5, "abcde"), votes("abcde"))

    assert count.verdict is NONE
    assert "5 options were level at 1 of 5 votes" in count.reason


def test_voters_of_one_model_family_only_advise_and_the_reason_says_why():
    of = proposal(3)

    count = tally(of, votes("aaa", family="smollm"))

    assert (count.verdict, letter(of, count.winner)) == (ADVISORY, "a")
    assert "one model family (smollm)" in count.reason
    assert "your own vote" in count.reason


def test_unknown_models_are_not_two_families():
    assert tally(proposal(3), votes("aaa", family=None)).verdict is ADVISORY


def test_the_person_is_a_family_and_a_voter_without_being_asked():
    of = proposal(2)

    count = tally(of, (*votes("aa", family="gpt"), vote("you", "a")))

    assert (count.verdict, count.eligible) == (DECIDED, 3)
    assert count.families == ("gpt", "human")


def test_a_stranger_and_an_unknown_option_do_not_count():
    of = proposal(3)

    count = tally(of, (*votes("ab"), vote(2, "x"), vote(7, "a")))

    assert (count.cast, count.absent, count.margin) == (2, ("v2",), 0)


def test_the_latest_round_counts_and_within_it_the_first_ballot():
    of = proposal(3)
    cast = (*votes("abb"), vote(1, "a", round_=2), vote(1, "c", round_=2))

    count = tally(of, cast)

    assert letter(of, count.winner) == "a"
    assert count.cast == 3


def test_a_tie_goes_to_the_lot_and_the_steps_are_recorded():
    of = proposal(2, "ab", Rule.PLURALITY)

    count = tally(of, votes("ab"))

    lot = min(of.options, key=lambda option: seeded("seed", option.id))
    assert count.winner == lot.id
    assert [step.partition(":")[0] for step in count.tie_steps] == [
        "weights", "Condorcet", "confidence", "one more ballot", "lot",
    ]  # fmt: skip
    assert "lot" in count.reason


def test_one_more_independent_ballot_decides_between_the_tied():
    of = proposal(2, "abc", Rule.PLURALITY)
    more = replace(vote(7, "b"), casting=True)

    count = tally(of, (*votes("ab"), more))

    assert letter(of, count.winner) == "b"
    assert count.tie_steps[-1] == "one more ballot: v7 chose “b”"
    assert (count.eligible, count.cast) == (2, 2)


def test_a_tie_can_be_left_to_the_person():
    of = proposal(2, "ab", Rule.PLURALITY, tie_chain=(TieStep.CONDORCET, TieStep.PERSON))

    count = tally(of, votes("ab"))

    assert (count.verdict, count.winner) == (NONE, None)
    assert count.reason == "2 options are level, and the tie is left to the person."
    assert len(count.leaders) == 2


def test_rankings_break_a_tie_of_first_places():
    of = proposal(4, "abc", Rule.RUNOFF)
    ranked = ("abc", "bca", "abc", "bac")
    count = tally(replace(of, rule=Rule.PLURALITY), [rank(n, r) for n, r in enumerate(ranked)])

    assert count.tie_steps[1] == "Condorcet: none of them beats each of the others"

    ranked = ("abc", "bca", "abc", "bac", "cab")
    of = proposal(5, "abc", Rule.PLURALITY)
    count = tally(of, [rank(n, r) for n, r in enumerate(ranked)])

    assert letter(of, count.winner) == "a"
    assert count.tie_steps[-1] == "Condorcet: “a” beats each of the others"


def test_a_persons_override_closes_the_decision_beside_the_tally():
    of = proposal(3)
    said = replace(vote("you", "b", reason="legal wants it"), override=True)

    count = tally(of, (*votes("aaa"), said))

    assert (count.verdict, letter(of, count.winner), count.override) == (DECIDED, "b", "you")
    assert letter(of, count.scores[0].option) == "a"
    assert (count.eligible, count.cast, count.families) == (3, 3, ("gpt", "grok", "llama"))
    assert "The count alone: decided. “a” got 3 of 3 votes." in count.reason


def test_the_chair_decides_alone_and_only_advises():
    of = proposal(3, rule=Rule.CHAIR, chair="v2")

    count = tally(of, votes("aab"))

    assert (count.verdict, letter(of, count.winner)) == (ADVISORY, "b")
    assert "dictatorial" in count.reason


def test_approval_takes_what_most_can_live_with():
    of = proposal(3, rule=Rule.APPROVAL)

    count = tally(of, [approve(0, "ab"), approve(1, "bc"), approve(2, "c")])

    assert sorted(letter(of, leader) for leader in count.leaders) == ["b", "c"]
    assert tally(replace(of, threshold=0.5), [approve(0, "ab"), approve(1, "c")]).winner is None


def test_who_beats_whom_is_recorded_where_ballots_rank():
    of = proposal(3, rule=Rule.SCHULZE)

    count = tally(of, [rank(0, "abc"), rank(1, "acb"), rank(2, "bca")])

    beaten = [(letter(of, m.over), letter(of, m.under), m.votes) for m in count.margins]
    assert sorted(beaten) == [("a", "b", 1), ("a", "c", 1), ("b", "c", 1)]


def test_effective_voters_are_unknown_until_it_is_known_how_alike_a_family_errs():
    assert tally(proposal(3), votes("aab")).effective == 3
    assert tally(proposal(3), votes("aab", family="gpt")).effective is None


def test_a_recount_needs_no_calibration():
    of = proposal(3, rule=Rule.WEIGHTED)
    ballots = votes("aab")

    count = tally(of, ballots)

    assert recount(of, ballots, count.weighing) == count


def test_without_a_tie_no_step_is_recorded():
    assert tally(proposal(3), votes("aab")).tie_steps == ()


def test_no_ballot_at_all_is_no_consensus():
    assert tally(proposal(3, quorum=0), ()).reason == "Nobody voted for an option."


def test_a_ballot_that_says_two_things_at_once_does_not_count():
    of = proposal(3)

    count = tally(of, (*votes("aa"), replace(vote(2, "b"), abstain=True)))

    assert (count.cast, count.abstained, count.absent) == (2, 0, ("v2",))
