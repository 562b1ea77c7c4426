"""Borda: each place in a ranking is worth something."""

from __future__ import annotations

from hub.consensus.profile import Count, Profile, ranking, top


def borda(profile: Profile) -> Count:
    """Average what each option's places are worth, over the ballots that may rank it.

    Place r of m is worth (m - r)/(m - 1): the first 1, the last 0. What a ballot does not rank
    shares the mean of the places that are left; a voter's own draft is no part of its ballot.
    """
    worth: dict[str, list[float]] = {option: [] for option in profile.options}
    for voter, ballot in profile.ballots.items():
        ranked = ranking(ballot)
        if not ranked:
            continue
        rankable = [o for o in profile.options if o not in profile.unrankable.get(voter, ())]
        for option, value in _places(ranked, rankable).items():
            worth[option].append(value)
    scores = {o: sum(values) / len(values) if values else 0.0 for o, values in worth.items()}
    return Count(scores, top(scores, (o for o, values in worth.items() if values)))


def _places(ranked: tuple[str, ...], rankable: list[str]) -> dict[str, float]:
    """Return what a ballot gives each option, 0..1."""
    most = len(set(rankable) | set(ranked))
    if most == 1:
        return dict.fromkeys(ranked, 1.0)
    rest = [option for option in rankable if option not in ranked]
    shared = (len(rest) - 1) / 2 / (most - 1)
    given = {option: (most - place) / (most - 1) for place, option in enumerate(ranked, 1)}
    return given | dict.fromkeys(rest, shared)
