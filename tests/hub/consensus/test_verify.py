"""A decision is borne out by its record alone, also after a journey through a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.dissent import dissent, flips
from hub.consensus.tally import tally
from hub.consensus.verify import differences
from hub.domain.decision import Decision, Option, Rule, Seat
from hub.domain.decision_record import DecisionRecord
from hub.domain.thread import REDACTED
from hub.errors import UsageError
from hub.exports.decision_record import to_json
from hub.imports.decision_file import read_decisions
from tests.fakes.calibrations import skilled
from tests.fakes.votes import approve, proposal, rank, vote, votes

MARKS = skilled([0.9, 0.7, 0.6, 0.5], 120)
SEATS = tuple(Seat(f"v{n}", "", None, cost) for n, cost in enumerate((5, None, 2, 3)))


@st.composite
def decisions(draw):
    rule = draw(st.sampled_from(Rule))
    of = proposal(4, "abcd", rule, seats=SEATS, discount=draw(st.booleans()))
    cast = []
    for n in range(4):
        words = draw(st.permutations("abcd"))[: draw(st.integers(1, 4))]
        made = {
            Rule.APPROVAL: approve,
            **dict.fromkeys((Rule.BORDA, Rule.RUNOFF, Rule.RANKED_PAIRS, Rule.SCHULZE), rank),
        }.get(rule, lambda n, words, **more: vote(n, words[0], **more))
        confidence = draw(st.none() | st.floats(0, 1))
        cast.append(made(n, "".join(words), reason="because", confidence=confidence))
    if draw(st.booleans()):
        cast.append(vote("Ada", "b", round_=2, override=True, reason="so"))
    if draw(st.booleans()):
        cast.append(replace(vote(9, "c"), casting=True))
    count = tally(of, cast, draw(st.sampled_from((MARKS, skilled([0.6] * 4, 0)))))
    return Decision(
        "d", "t", of, 1, tuple(cast), count, dissent(of, cast, count), flips(cast), "all", 2
    )


@given(decisions())
def test_every_rule_is_counted_again_from_a_file_to_the_same_tally(decision):
    (read,) = read_decisions(to_json(DecisionRecord(decision)).encode())

    assert read == decision
    assert differences(read) == ()


def decided() -> Decision:
    of, cast = proposal(3), votes("aab", reason="because")
    count = tally(of, cast)
    return Decision("d", "t", of, 1, cast, count, dissent(of, cast, count), (), "all", 2)


def test_what_was_changed_is_named():
    of = decided()
    (dissenter,) = of.dissent

    forged = replace(of, dissent=(replace(dissenter, argument="I agree."),))
    assert differences(forged) == ("dissent",)
    bought = replace(of, ballots=(*of.ballots[:2], vote(2, "a", reason="because")))
    assert "scores" in differences(bought)
    assert "dissent" in differences(bought)
    assert "verdict" in differences(replace(of, ballots=()))


@pytest.mark.parametrize(
    "decision",
    [
        replace(decided(), tally=None),
        replace(decided(), proposal=replace(proposal(3), options=(Option(REDACTED),))),
    ],
    ids=["open", "redacted"],
)
def test_what_cannot_be_counted_again_is_said_to_be_so(decision):
    with pytest.raises(UsageError):
        differences(decision)


def test_a_ballot_is_not_moved_where_nobody_changed_the_options():
    of = proposal(3, "ab", Rule.PLURALITY)
    cast = votes("aab")
    was = cast[0].choice
    moved = (replace(cast[0], choice=cast[2].choice, as_cast=(was,)), *cast[1:])
    count = tally(of, moved)
    forged = Decision(
        "d1",
        "t1",
        of,
        opened_at=1,
        ballots=moved,
        tally=count,
        dissent=dissent(of, moved, count),
        flips=flips(moved),
        closed_at=2,
    )

    assert differences(forged) == ("ballots",)
