"""Stopping early changes nothing, or says what it costs (CONSENSUS: early stop)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.early_stop import (
    SURE,
    UNASSAILABLE,
    beta,
    enough_samples,
    fewest,
    stagnant,
    stop_reason,
    window_agrees,
)
from hub.consensus.learning.calibration import NOTHING
from hub.consensus.tally import tally
from hub.domain.decision import Rule, Seat
from tests.fakes.calibrations import skilled
from tests.fakes.votes import FAMILIES, approve, proposal, rank, vote, votes

CALIBRATIONS = [NOTHING, skilled([0.9, 0.7, 0.6, 0.5, 0.4], 60), skilled([0.8] * 5, 120, seed=1)]
SEATS = tuple(Seat(f"v{n}", "", FAMILIES[n % 3], cost) for n, cost in enumerate([5, 3, 1, 4, 2]))
BY_LIST = {Rule.BORDA: rank, Rule.RUNOFF: rank, Rule.RANKED_PAIRS: rank, Rule.SCHULZE: rank,
           Rule.APPROVAL: approve}  # fmt: skip
WORDS = {rank: ("abc", "bca", "cb", "a"), approve: ("ab", "c", "abc")}


def possible(rule, voter):
    """Return what a voter may still do: any ballot, abstaining, blocking, not voting."""
    cast = BY_LIST.get(rule, vote)
    ballots = [cast(voter, word) for word in WORDS.get(cast, "abc")]
    if rule is Rule.CONSENT:
        ballots.append(vote(voter, "!", reason="no"))
    return [*ballots, vote(voter, "-"), None]


@pytest.mark.parametrize("rule", Rule)
@given(data=st.data(), calibration=st.sampled_from(CALIBRATIONS), voters=st.integers(3, 5))
def test_what_is_unassailable_is_the_outcome_of_every_completion(rule, data, calibration, voters):
    of = proposal(voters, "abc", rule, seats=SEATS[:voters], seed=data.draw(st.sampled_from("xy")))
    asked = data.draw(st.integers(1, voters - 1))
    order = data.draw(st.permutations(range(voters)))
    first, last = order[:asked], order[asked:]
    cast = [b for n in first if (b := data.draw(st.sampled_from(possible(rule, n)))) is not None]

    reason = stop_reason(of, cast, [f"v{n}" for n in first], calibration)

    if reason == UNASSAILABLE:
        now = tally(of, cast, calibration)
        for rest in product(*(possible(rule, n) for n in last)):
            full = tally(of, [*cast, *(b for b in rest if b is not None)], calibration)
            assert (full.winner, full.verdict) == (now.winner, now.verdict), rest


@pytest.mark.parametrize(
    ("rule", "choices", "stops"),
    [
        (Rule.PLURALITY, "aaa", True),
        (Rule.PLURALITY, "aab", False),
        (Rule.MAJORITY, "aaa", True),
        (Rule.MAJORITY, "aabb", False),
        (Rule.UNANIMITY, "ab", True),
        (Rule.QUALIFIED, "aabb", True),
        (Rule.CONSENT, "aaaa", False),
        (Rule.BORDA, "aaaa", True),
        (Rule.RANKED_PAIRS, "aaa", True),
        (Rule.SCHULZE, "aaa", True),
        (Rule.RUNOFF, "aaa", True),
        (Rule.WEIGHTED, "aaaa", True),
    ],
)
def test_it_stops_as_soon_as_the_rules_own_figure_cannot_be_caught_up(rule, choices, stops):
    of = proposal(5, "abc", rule, seats=SEATS)

    reason = stop_reason(of, votes(choices), [f"v{n}" for n in range(len(choices))])

    assert (reason == UNASSAILABLE) is stops


def test_advice_waits_for_a_second_family():
    of = proposal(5, "abc", Rule.PLURALITY)

    assert stop_reason(of, votes("aaa", family="gpt"), ["v0", "v1", "v2"]) is None
    alike = replace(of, seats=tuple(replace(seat, family="gpt") for seat in SEATS))
    assert stop_reason(alike, votes("aaa", family="gpt"), ["v0", "v1", "v2"]) == UNASSAILABLE


def test_nothing_is_unassailable_while_family_discounts_depend_on_who_still_votes():
    of = proposal(5, "abc", Rule.PLURALITY, seats=SEATS, discount=True)

    assert stop_reason(of, votes("aaaa"), ["v0", "v1", "v2", "v3"]) is None


def test_a_panel_stops_once_it_is_sure_but_never_after_one_ballot():
    of = proposal(5, "abcd", Rule.PANEL, seats=SEATS, sure=0.8)
    marks = skilled([0.9] * 5, 200)

    assert stop_reason(of, votes("a"), ["v0"], marks) is None
    assert stop_reason(of, votes("aa"), ["v0", "v1"], marks) == SURE
    assert stop_reason(of, votes("ab"), ["v0", "v1"], marks) is None


def test_what_a_voter_said_the_round_before_may_still_change():
    of = proposal(5, "abc", Rule.PLURALITY, seats=SEATS)
    before = votes("aaaab")
    again = votes("a", round_=2)

    assert stop_reason(of, (*before, *again), ["v0"]) is None
    again = votes("aaa", round_=2)
    assert stop_reason(of, (*before, *again), ["v0", "v1", "v2"]) == UNASSAILABLE


def test_when_all_were_asked_there_is_nothing_to_stop():
    assert stop_reason(proposal(3), votes("aaa"), ["v0", "v1", "v2"]) is None


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_beta_rule_is_the_integral_that_it_stands_for(first, second):
    steps = 4_000
    density = [
        (x := (n + 0.5) / steps) ** first * (1 - x) ** second for n in range(steps)
    ]  # fmt: skip

    assert beta(first, second) == pytest.approx(sum(density[steps // 2 :]) / sum(density), abs=1e-4)


def test_samples_stop_when_the_lead_would_last():
    assert not enough_samples([])
    assert not enough_samples(["a"] * 3)
    assert enough_samples(["a"] * 4)
    assert not enough_samples(["a", "b"] * 10)


def test_a_window_of_five_alike_ends_sampling():
    assert window_agrees(["b", *"aaaaa"])
    assert not window_agrees(["a"] * 4)
    assert not window_agrees([*"aaaab"])


def test_a_round_that_changes_no_ballot_is_stagnation():
    first, same = votes("aab"), votes("aab", round_=2)

    assert not stagnant(first)
    assert stagnant((*first, *same))
    assert stagnant((*first, *same[:2]))
    assert not stagnant((*first, *votes("aaa", round_=2)))


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        (Rule.MAJORITY, 3, 1),
        (Rule.PLURALITY, 3, 1),
        (Rule.QUALIFIED, 4, 2),
        (Rule.UNANIMITY, 5, 3),
        (Rule.CONSENT, 5, 3),
        (Rule.RANKED_PAIRS, 3, 1),
        (Rule.RUNOFF, 3, 1),
    ],
)
def test_no_more_are_asked_at_once_than_could_settle_it(rule, first, second):
    of = proposal(5, "abc", rule, seats=SEATS)
    make = rank if rule in (Rule.RANKED_PAIRS, Rule.RUNOFF) else vote
    said = [make(n, "abc" if make is rank else "a") for n in range(2)]

    assert fewest(of, (), (), of.eligible) == first
    assert fewest(of, said, ("v0", "v1"), of.eligible[2:]) == second


def test_where_the_lead_is_split_more_have_to_be_asked():
    of = proposal(5, "abc", seats=SEATS)

    assert fewest(of, votes("ab"), ("v0", "v1"), of.eligible[2:]) == 2
