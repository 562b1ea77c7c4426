"""What holds for rankings (CONSENSUS: proof), and the one place where it does not."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.fakes.elections import LETTERS, beats, crowds, distinct, full_rankings, winners

CONDORCET = ["ranked_pairs", "schulze"]
NO_LOSER = ["ranked_pairs", "schulze", "borda", "runoff"]
CLONEPROOF = ["ranked_pairs", "schulze", "runoff"]


def rivals(name):
    return [other for other in LETTERS if other != name]


@pytest.mark.parametrize("rule", CONDORCET)
@given(rankings=full_rankings())
def test_who_beats_all_others_wins(rule, rankings):
    margin = beats(rankings)
    best = [a for a in LETTERS if all(margin[a, b] > 0 for b in rivals(a))]
    assume(best)

    assert winners(rule, rankings) == set(best)


@pytest.mark.parametrize("rule", NO_LOSER)
@given(rankings=full_rankings())
def test_who_loses_to_all_others_never_wins(rule, rankings):
    margin = beats(rankings)
    worst = {a for a in LETTERS if all(margin[a, b] < 0 for b in rivals(a))}

    assert winners(rule, rankings) & worst == set()


@pytest.mark.parametrize("rule", CLONEPROOF)
@given(rankings=crowds(options="abc"), random=st.randoms())
def test_a_clone_changes_nothing(rule, rankings, random):
    cloned = [word.replace("c", random.choice(["cd", "dc"])) for word in rankings]
    assume(distinct(beats(rankings, "abc")))

    before, after = winners(rule, rankings, "abc"), winners(rule, cloned)

    assert {"c" if name == "d" else name for name in after} == before


@pytest.mark.parametrize("rule", ["borda", "ranked_pairs", "schulze"])
@given(rankings=full_rankings(), data=st.data())
def test_a_voter_who_raises_the_winner_does_not_make_it_lose(rule, rankings, data):
    (winner, *others) = sorted(winners(rule, rankings))
    assume(not others)
    voter = data.draw(st.integers(0, len(rankings) - 1))
    place = rankings[voter].index(winner)
    higher = data.draw(st.integers(0, place))
    rest = rankings[voter].replace(winner, "")
    raised = [*rankings]
    raised[voter] = rest[:higher] + winner + rest[higher:]

    assert winner in winners(rule, raised)


def test_runoff_is_not_monotone_and_this_is_the_example():
    before = ["abc"] * 6 + ["cab"] * 5 + ["bca"] * 4 + ["bac"] * 2
    after = ["abc"] * 6 + ["cab"] * 5 + ["bca"] * 4 + ["abc"] * 2

    assert winners("runoff", before, "abc") == {"a"}
    assert winners("runoff", after, "abc") == {"c"}


@pytest.mark.parametrize("rule", NO_LOSER)
@given(rankings=crowds(), order=st.permutations(LETTERS), random=st.randoms())
def test_names_of_options_and_order_of_voters_decide_nothing(rule, rankings, order, random):
    assume(rule != "ranked_pairs" or distinct(beats(rankings)))
    renamed = str.maketrans(LETTERS, "".join(order))
    mixed = random.sample([word.translate(renamed) for word in rankings], len(rankings))

    found = winners(rule, mixed)

    assert found == {name.translate(renamed) for name in winners(rule, rankings)}
