"""The same ballots counted in other ways."""

from __future__ import annotations

import pytest

from hub.consensus.tally import tally
from hub.consensus.whatif import countable, what_if
from hub.domain.decision import Decision, Rule, Verdict
from hub.errors import UsageError
from tests.fakes.calibrations import skilled
from tests.fakes.votes import approve, letter, proposal, rank, vote, votes


def decision(cast, *, rule=Rule.MAJORITY, voters=3):
    of = proposal(voters, "abc", rule)
    return Decision("d", "t", of, 1, tuple(cast), tally(of, cast), closed_at=2)


def test_each_rule_that_can_count_the_ballots_has_its_say():
    found = what_if(decision(votes("aab")))

    assert len(found.rules) == 9
    a = found.count.winner
    assert letter(proposal(3), a) == "a"
    assert Rule.UNANIMITY not in found.wins(a)
    assert found.wins(None) == (Rule.UNANIMITY, Rule.CONFIDENCE)


def test_whoever_turns_the_outcome_is_pivotal_and_nobody_else():
    assert what_if(decision(votes("aab"))).pivotal == ("v0", "v1")
    assert what_if(decision(votes("aaaab"), voters=5)).pivotal == ()


def test_without_somebody_the_others_are_all_there_are():
    found = what_if(decision(votes("aab")), without=("v2",))

    assert found.count.eligible == 2
    assert (letter(proposal(3), found.count.winner), found.count.verdict) == ("a", Verdict.DECIDED)


def test_rankings_are_counted_by_all_and_approvals_by_approval_alone():
    ranked = decision([rank(n, "abc") for n in range(3)], rule=Rule.BORDA)
    approved = decision([approve(n, "ab") for n in range(3)], rule=Rule.APPROVAL)

    assert len(countable(ranked)) == 13
    assert countable(approved) == (Rule.APPROVAL,)
    assert len(countable(decision((), rule=Rule.AUTO))) == 9


def test_an_override_is_looked_behind():
    of = decision((*votes("aab"), vote("Ada", "b", override=True)))

    assert letter(of.proposal, of.tally.winner) == "b"
    assert letter(of.proposal, what_if(of).count.winner) == "a"


def test_what_is_known_of_a_decision_does_not_speak_for_itself():
    marks = skilled([0.9, 0.5, 0.5], 40)
    of = decision(votes("abb"))
    same = Decision(marks.rows[0].decision, *[getattr(of, f) for f in ("thread_id", "proposal")], 1)

    found = what_if(of, rule=Rule.WEIGHTED, calibration=marks)
    assert found.count.weighing.marks == 40
    again = what_if(
        Decision(same.id, "t", of.proposal, 1, of.ballots), rule=Rule.WEIGHTED, calibration=marks
    )
    assert again.count.weighing.marks == 39


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"without": ("nobody",)}, "had no vote"),
        ({"without": ("v0", "v1", "v2")}, "nobody whose"),
        ({"rule": Rule.SCHULZE}, "cannot be counted by schulze"),
    ],
)
def test_what_means_nothing_is_refused(how, said):
    with pytest.raises(UsageError, match=said):
        what_if(decision(votes("aab")), **how)
