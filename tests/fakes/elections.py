"""Random elections on rankings, for laws that hold for every one."""

from __future__ import annotations

from itertools import permutations

from hypothesis import strategies as st

from hub.consensus.profile import profile_of
from hub.consensus.rules.borda import borda
from hub.consensus.rules.pairwise import margins
from hub.consensus.rules.ranked_pairs import ranked_pairs
from hub.consensus.rules.runoff import runoff
from hub.consensus.rules.schulze import schulze
from hub.domain.decision import Option, Rule
from tests.fakes.votes import letter, proposal, rank

RULES = {"borda": borda, "runoff": runoff, "ranked_pairs": ranked_pairs, "schulze": schulze}
LETTERS = "abcd"


def profile(rankings, options=LETTERS, seed="seed"):
    """Return a profile of full or cut rankings, written as words."""
    of = proposal(len(rankings), options, Rule.BORDA, seed=seed)
    return profile_of(of, [rank(n, word) for n, word in enumerate(rankings) if word])


def winners(rule, rankings, options=LETTERS, seed="seed"):
    """Return the letters that a rule leaves at the top."""
    of = proposal(1, options)
    return {letter(of, o) for o in RULES[rule](profile(rankings, options, seed)).leaders}


def beats(rankings, options=LETTERS):
    """Return margins by pairs of letters."""
    ids = {Option(name).id: name for name in options}
    found = margins(profile(rankings, options))
    return {(ids[a], ids[b]): margin for (a, b), margin in found.items()}


def crowds(options=LETTERS):
    """Draw different rankings held by 1, 2, 4, ... voters: hardly a comparison equals another."""
    words = ["".join(order) for order in permutations(options)]
    many = min(7, len(words))
    return st.lists(st.sampled_from(words), min_size=many, max_size=many, unique=True).map(
        lambda groups: [word for n, word in enumerate(groups) for _ in range(2**n)]
    )


def distinct(margin):
    """Tell whether no two comparisons are equal, and none is undecided."""
    sizes = [abs(value) for (a, b), value in margin.items() if a < b]
    return 0 not in sizes and len(set(sizes)) == len(sizes)


def full_rankings(options=LETTERS, voters=7):
    """Draw full rankings of a few voters."""
    words = ["".join(order) for order in permutations(options)]
    return st.lists(st.sampled_from(words), min_size=1, max_size=voters)
