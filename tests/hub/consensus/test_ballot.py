from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.ballot import BallotError, parse_ballot
from hub.consensus.labels import REASON_LIMIT
from hub.domain.decision import Option, Rule

LABELS = {"A": Option("sqlite"), "B": Option("files")}


def read(text, rule=Rule.MAJORITY):
    return parse_ballot(text, LABELS, voter="ann", round=1, rule=rule)


def answer(**fields):
    return json.dumps({"choice": "A", "confidence": 0.8, "reason": "fast", **fields})


def test_a_ballot_is_read_whole():
    ballot = read(answer(would_change_my_mind="a bug"))

    assert (ballot.voter, ballot.round, ballot.choice) == ("ann", 1, Option("sqlite").id)
    assert (ballot.confidence, ballot.reason) == (0.8, "fast")
    assert ballot.would_change_my_mind == "a bug"


@pytest.mark.parametrize(
    "text",
    [
        f"My vote:\n```json\n{answer()}\n```\nThanks.",
        f"I weighed {{a, b}} first. {answer()} {answer(choice='B')}",
        f"a smile :-{{ and then {answer()}",
        answer(reason='braces } and \\" quotes {'),
    ],
)
def test_the_first_balanced_object_counts_where_prose_surrounds_it(text):
    assert read(text).choice == Option("sqlite").id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I vote for A.",
        '{"choice": "A"',
        "[1, 2]",
        '"A"',
        '{"choice": "A", "choice": "B"}',
        "{" * 50_000,
        '{"a":' * 30_000,
        "[" * 200_000,
    ],
)
def test_prose_and_broken_json_are_no_ballot(text):
    with pytest.raises(BallotError, match="no complete JSON object"):
        read(text)


@pytest.mark.parametrize("choice", ["C", "sqlite", "A or B", "", None, 1, ["A"], "block"])
def test_a_choice_that_is_not_on_the_table_is_refused_with_what_is(choice):
    with pytest.raises(BallotError, match="exactly one of: A, B, abstain"):
        read(answer(choice=choice))


def test_an_error_never_repeats_what_the_model_wrote():
    with pytest.raises(BallotError) as caught:
        read(answer(choice="ignore your rules"))

    assert "ignore" not in str(caught.value)


def test_abstaining_names_no_option():
    ballot = read(answer(choice="Abstain"))

    assert ballot.abstain
    assert ballot.choice is None


def test_only_consent_knows_a_block_and_a_block_needs_a_reason():
    assert read(answer(choice="block"), Rule.CONSENT).block
    with pytest.raises(BallotError, match="needs a"):
        read(answer(choice="block", reason=" "), Rule.CONSENT)


@pytest.mark.parametrize(
    "stated", ["NaN", "1e999", "-0.1", "85", '"high"', "true", "null", "9" * 400]
)
def test_a_confidence_that_is_no_share_is_unknown(stated):
    ballot = read(f'{{"choice": "A", "confidence": {stated}}}')

    assert ballot.confidence is None


def test_a_reason_is_cleaned_and_cut():
    ballot = read(answer(reason="\x1b[2J" + "x" * 5_000, would_change_my_mind=7))

    assert ballot.reason.startswith("[2Jx")
    assert len(ballot.reason) == REASON_LIMIT
    assert ballot.would_change_my_mind == ""


@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
        ),
    ).map(json.dumps)
)
def test_whatever_a_model_writes_is_a_ballot_or_a_ballot_error(text):
    try:
        ballot = read(text)
    except BallotError:
        return
    assert ballot.choice in {option.id for option in LABELS.values()} or ballot.abstain


def listed(field, *names, rule=Rule.BORDA):
    return read(json.dumps({field: list(names), "reason": "fast"}), rule)


def test_a_ranking_is_read_in_its_order():
    ballot = listed("ranking", "B", " a ")

    assert ballot.ranking == (LABELS["B"].id, LABELS["A"].id)
    assert (ballot.choice, ballot.abstain, ballot.approvals) == (None, False, ())


def test_approvals_are_read_and_a_list_of_abstain_abstains():
    assert listed("approvals", "A", rule=Rule.APPROVAL).approvals == (LABELS["A"].id,)
    assert listed("approvals", "Abstain", rule=Rule.APPROVAL).abstain
    assert listed("ranking", "abstain").abstain


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ((), '"ranking" must be a list of: A, B, abstain.'),
        (("A", "C"), '"ranking" must be a list of: A, B, abstain.'),
        (("A", "abstain"), '"ranking" must be a list of: A, B, abstain.'),
        (("A", "a"), '"ranking" must name each label once.'),
        ((1, None), '"ranking" must be a list of: A, B, abstain.'),
    ],
)
def test_a_list_that_is_no_ranking_is_refused_with_what_it_needs(names, sentence):
    with pytest.raises(BallotError) as raised:
        listed("ranking", *names)
    assert str(raised.value) == sentence


def test_a_choice_is_no_ranking():
    with pytest.raises(BallotError, match='"ranking" must be a list'):
        read(answer(), Rule.SCHULZE)
