"""One voter, one option: plurality and all rules that only ask how many, or how much, it takes."""

from __future__ import annotations

from collections.abc import Mapping

from hub.consensus.profile import Count, Profile, first, top


def votes(profile: Profile, weights: Mapping[str, float] | None = None) -> Count:
    """Add up the ballots for each option.

    Args:
        profile: Ballots; a ranking counts for its first option.
        weights: By voter, zero or more; None: one each.
    """
    scores = dict.fromkeys(profile.options, 0.0)
    named = set()
    for voter, ballot in profile.ballots.items():
        option = first(ballot)
        if option is not None:
            scores[option] += 1.0 if weights is None else weights[voter]
            named.add(option)
    return Count(scores, top(scores, named))
