"""Ranked pairs (Tideman 1987): the clearest comparisons are settled first."""

from __future__ import annotations

from hub.consensus.profile import Count, Profile
from hub.consensus.rules.pairwise import margins
from hub.domain.ids import seeded


def ranked_pairs(profile: Profile) -> Count:
    """Lock wins from the largest margin down unless they close a cycle; the undefeated win.

    Equal margins are taken in an order drawn from the decision's seed. The score is how many
    options one stands above, by locked wins and what follows from them.
    """
    if not profile.cast:
        return Count(dict.fromkeys(profile.options, 0.0), frozenset())
    seed = profile.proposal.seed
    wins = [(margin, pair) for pair, margin in margins(profile).items() if margin > 0]
    wins.sort(key=lambda win: (-win[0], seeded(seed, *win[1])))
    below: dict[str, set[str]] = {option: set() for option in profile.options}
    for _, (over, under) in wins:
        if over not in below[under]:
            for option in profile.options:
                if option == over or over in below[option]:
                    below[option] |= {under} | below[under]
    beaten = set().union(*below.values())
    leaders = frozenset(profile.options) - beaten
    return Count({option: float(len(under)) for option, under in below.items()}, leaders)
