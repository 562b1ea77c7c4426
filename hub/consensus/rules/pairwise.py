"""Two options at a time: who prefers which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

from hub.consensus.profile import Profile, ranking
from hub.domain.decision import Ballot

Margins = Mapping[tuple[str, str], int]


def margins(profile: Profile) -> dict[tuple[str, str], int]:
    """Return ballots that prefer a to b minus those that prefer b to a, for each ordered pair."""
    found: dict[tuple[str, str], int] = {}
    places = [
        (_place(ballot, profile.options), profile.unrankable.get(voter, frozenset()))
        for voter, ballot in profile.ballots.items()
        if not ballot.abstain and not ballot.block
    ]
    for a, b in combinations(profile.options, 2):
        margin = 0
        for place, unseen in places:
            if a not in unseen and b not in unseen:
                margin += (place[a] < place[b]) - (place[b] < place[a])
        found[a, b], found[b, a] = margin, -margin
    return found


def condorcet(margin: Margins, among: Iterable[str]) -> str | None:
    """Return the option that beats each of the others, or None."""
    names = tuple(among)
    for a in names:
        if all(margin[a, b] > 0 for b in names if b != a):
            return a
    return None


def _place(ballot: Ballot, options: tuple[str, ...]) -> dict[str, int]:
    """Return each option's place; what is not ranked, or not approved of, stands level behind."""
    place = dict.fromkeys(options, len(options))
    place.update((option, number) for number, option in enumerate(ranking(ballot)))
    place.update((option, 0) for option in ballot.approvals)
    return place
