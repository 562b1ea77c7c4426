"""What is put to the vote: the question's own words first, then the configuration's."""

from __future__ import annotations

from typing import get_args

import pytest

from hub.config import ConsensusSettings
from hub.deciding.proposing import check, proposal_of
from hub.domain.ask import Ask, Mode
from hub.domain.decision import AnswerKind, Rule, TieStep
from hub.errors import UsageError

NAMES = ("proposer", "critic")
ASK = Ask("Which?", Mode.DECIDE, options=("a", "b"))


def proposal(ask=ASK, **rules):
    return proposal_of(ask, NAMES, ConsensusSettings(**rules), 1_000_000)


def test_every_rule_can_be_configured():
    annotation = ConsensusSettings.model_fields["rule"].annotation

    assert set(get_args(annotation)) == {rule.value for rule in Rule}


def test_the_configuration_says_what_the_question_does_not():
    rules = {"rule": "borda", "quorum": 2, "threshold": 0.75, "sure": 0.9, "stop_early": True}
    found = proposal(**rules, discount=True, ties="person", chair="critic")

    assert (found.rule, found.quorum, found.threshold) == (Rule.BORDA, 2, 0.75)
    assert (found.sure, found.stop_early, found.discount) == (0.9, True, True)
    assert (found.tie_chain[-1], found.chair) == (TieStep.PERSON, "critic")
    assert TieStep.LOT not in found.tie_chain


def test_the_question_goes_before_the_configuration():
    ask = Ask(
        "Which?", Mode.DECIDE, options=("a", "b"), rule=Rule.CHAIR, chair="proposer", quorum=1,
        threshold=0.6, timeout_s=2, budget=5, category="law", review_at=9, supersedes="d",
    )  # fmt: skip
    found = proposal(ask, rule="borda", quorum=2, threshold=0.75, chair="critic")

    assert (found.rule, found.quorum, found.threshold) == (Rule.CHAIR, 1, 0.6)
    assert (found.chair, found.budget, found.category) == ("proposer", 5, "law")
    assert (found.deadline, found.review_at, found.supersedes) == (3_000_000, 9, "d")


def test_a_configured_chair_who_is_not_asked_gives_way_to_the_best():
    assert proposal(rule="chair", chair="somebody else").chair is None


@pytest.mark.parametrize(
    ("rule", "rounds"), [("majority", 1), ("cascade", 0), ("panel", 0), ("chair", 0), ("single", 0)]
)
def test_nobody_drafts_who_need_not_vote(rule, rounds):
    assert proposal(rule=rule).rounds == rounds
    assert proposal(Ask("What?", Mode.DECIDE), rule=rule).rounds == 1


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (Ask("Q", Mode.DECIDE, options=("a", "b"), rounds=4), "3 at most"),
        (Ask("Q", Mode.DECIDE, rounds=0), "at least one round"),
        (Ask("Q", Mode.DECIDE, options=("a", "b"), threshold=1.5), "no share of votes"),
        (Ask("Q", Mode.DECIDE, options=("1", "2"), kind=AnswerKind.NUMBER), "no kind"),
        (Ask("Q", Mode.DECIDE, options=("a", "b"), chair="x"), "none of those asked"),
    ],
)
def test_what_cannot_come_to_anything_is_refused(ask, said):
    with pytest.raises(UsageError, match=f"(?i){said}"):
        check(ask, NAMES)
