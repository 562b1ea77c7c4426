"""What holds for every vote (CONSENSUS: proof)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.dissent import dissent, flips
from hub.consensus.tally import tally
from hub.domain.decision import Rule, Verdict
from tests.fakes.votes import proposal, vote, votes

RULES = st.sampled_from(Rule)
PLAIN = {Rule.PLURALITY, Rule.MAJORITY, Rule.QUALIFIED, Rule.UNANIMITY, Rule.CONSENT, Rule.APPROVAL}


@st.composite
def elections(draw, choices="abcd-", rounds=2):
    voters = draw(st.integers(1, 7))
    of = proposal(voters, draw(st.sampled_from(["ab", "abcd"])), draw(RULES), seed=draw(st.text()))
    letters = [c for c in choices if c in "-! " or c in {o.text for o in of.options}]
    ballots = [
        vote(n, draw(st.sampled_from(letters)), round_=number, reason="because")
        for number in range(1, draw(st.integers(1, rounds)) + 1)
        for n in range(voters)
        if draw(st.booleans()) or number == 1
    ]
    return of, tuple(ballots)


@given(elections(choices="abcd-!"), st.randoms())
def test_the_order_of_voters_options_and_ballots_changes_nothing(election, random):
    of, ballots = election
    shuffled = replace(
        of,
        options=tuple(random.sample(of.options, len(of.options))),
        eligible=tuple(random.sample(of.eligible, len(of.eligible))),
    )
    mixed = tuple(random.sample(ballots, len(ballots)))

    count = tally(of, ballots)

    assert tally(shuffled, mixed) == count
    assert dissent(shuffled, mixed, count) == dissent(of, ballots, count)
    assert flips(mixed) == flips(ballots)


@given(st.integers(1, 9), RULES, st.sampled_from("abc"))
def test_what_all_agree_on_wins_under_every_rule(voters, rule, choice):
    of = proposal(voters, "abc", rule)

    count = tally(of, votes(choice * voters))

    assert count.winner == votes(choice)[0].choice
    assert count.verdict is not Verdict.NO_CONSENSUS


@given(elections(choices="abcd-", rounds=1))
def test_an_abstention_weighs_as_much_as_nobody(election):
    of, ballots = election
    silent = tuple(ballot for ballot in ballots if not ballot.abstain)

    with_them, without = tally(of, ballots), tally(of, silent)

    same = {"absent": without.absent, "weighing": without.weighing}
    assert replace(with_them, abstained=0, **same) == without


@given(elections())
def test_every_tie_ends_with_an_option_that_was_level(election):
    of, ballots = election

    count = tally(of, ballots)

    if count.winner is not None:
        assert count.winner == count.scores[0].option
        assert count.winner in count.leaders
        assert bool(count.tie_steps) == (len(count.leaders) > 1)


@given(elections(), st.sampled_from("abz"), st.integers(0, 9))
def test_a_duplicate_a_stranger_or_an_unknown_option_changes_nothing(election, choice, voter):
    of, ballots = election
    latest = max(ballot.round for ballot in ballots)
    again = tuple(replace(b, choice=of.options[0].id, abstain=False) for b in ballots)
    strange = (vote(voter + 100, choice), vote(voter, "z", round_=latest + 1))

    assert tally(of, (*ballots, *again, *strange)) == tally(of, ballots)


@given(elections(rounds=1), st.data())
def test_one_more_vote_never_hurts_the_winner(election, data):
    of, ballots = election
    winner = tally(of, ballots).winner
    if winner is None:
        return
    moved = data.draw(st.sampled_from(ballots))

    better = tuple(replace(b, choice=winner, abstain=False) if b is moved else b for b in ballots)

    assert tally(of, better).winner == winner


@given(elections())
def test_shares_add_up_and_every_voter_is_accounted_for(election):
    of, ballots = election

    count = tally(of, ballots)

    assert count.cast + count.abstained + len(count.absent) == count.eligible
    if count.rule in PLAIN:
        assert sum(score.votes for score in count.scores) == count.cast
    assert abs(sum(score.share for score in count.scores) - (count.cast > 0)) < 1e-9
