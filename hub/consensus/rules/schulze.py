"""Schulze: chains of comparisons, as strong as their weakest link (Schulze 2011)."""

from __future__ import annotations

from itertools import permutations

from hub.consensus.profile import Count, Profile
from hub.consensus.rules.pairwise import margins


def schulze(profile: Profile) -> Count:
    """Return who is beaten by no stronger chain; the score is how many options one is level with
    or above.
    """  # noqa: D205  one sentence
    options = profile.options
    if not profile.cast:
        return Count(dict.fromkeys(options, 0.0), frozenset())
    path = {pair: max(0, margin) for pair, margin in margins(profile).items()}
    for via, a, b in permutations(options, 3):
        path[a, b] = max(path[a, b], min(path[a, via], path[via, b]))
    scores = {a: float(sum(path[a, b] >= path[b, a] for b in options if b != a)) for a in options}
    return Count(scores, frozenset(a for a in options if scores[a] == len(options) - 1))
