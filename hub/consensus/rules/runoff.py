"""Instant runoff: the option with the fewest first places goes, until one has over half.

Not monotone: a voter who raises the winner can make it lose; the tests keep an example.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

from hub.consensus.profile import Count, Profile, ranking

Ranking = tuple[str, ...]


def runoff(profile: Profile) -> Count:
    """Return who can win, and how many rounds each option lasts at most.

    Where several have the fewest, each of them is dropped in turn and all winners are kept
    ("parallel universes"), so that no order decides.
    """
    ballots = [ranked for ballot in profile.ballots.values() if (ranked := ranking(ballot))]
    lasted = dict.fromkeys(profile.options, 0.0)
    if not ballots:
        return Count(lasted, frozenset())

    @cache
    def winners(left: frozenset[str]) -> frozenset[str]:
        round_ = float(len(profile.options) - len(left) + 1)
        for option in left:
            lasted[option] = max(lasted[option], round_)
        firsts = _firsts(ballots, left)
        live = sum(firsts.values())
        ahead = [option for option in left if firsts[option] * 2 > live]
        if ahead or len(left) == 1:
            return frozenset(ahead or left)
        fewest = min(firsts[option] for option in left)
        last = {option for option in left if firsts[option] == fewest}
        if not fewest and len(last) < len(left):
            return winners(left - last)  # nobody's first: their order changes nothing
        return frozenset().union(*(winners(left - {option}) for option in sorted(last)))

    won = winners(frozenset(profile.options))
    return Count(lasted, won)


def _firsts(ballots: Sequence[Ranking], left: frozenset[str]) -> Counter[str]:
    """Count who is put first among those that are left; ballots without any are no longer live."""
    found = (next((o for o in ranked if o in left), None) for ranked in ballots)
    return Counter(option for option in found if option is not None)
