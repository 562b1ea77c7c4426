"""Rules that do not ask everybody: who is asked next, and what their answers come to."""

from __future__ import annotations

from collections.abc import Collection

from hub.consensus.electorate import seat_of
from hub.consensus.profile import Count, Profile, first
from hub.consensus.rules.votes import votes
from hub.domain.decision import Proposal, Rule, Seat, Weighing
from hub.domain.ids import seeded


def cheapest(proposal: Proposal) -> tuple[str, ...]:
    """Return the eligible, cheapest first; unknown costs last, equal ones by a seeded lot."""

    def key(voter: str) -> tuple[bool, int, int]:
        cost = seat_of(proposal, voter).cost
        return cost is None, cost or 0, seeded(proposal.seed, "cheapest", voter)

    return tuple(sorted(proposal.eligible, key=key))


def cascade_pair(proposal: Proposal) -> tuple[str, ...]:
    """Return the two cheapest of different families; just the two cheapest where all are alike."""
    order = cheapest(proposal)
    seats: dict[str, Seat] = {voter: seat_of(proposal, voter) for voter in order}
    strangers = (v for v in order[1:] if seats[v].family != seats[order[0]].family)
    return (*order[:1], *[next(strangers, None) or voter for voter in order[1:2]])


def cascade(profile: Profile, weighing: Weighing) -> Count:
    """Return what the cheap pair agrees on, else what the strongest says that voted."""
    pair = [_said(profile, voter) for voter in cascade_pair(profile.proposal)]
    if pair and pair[0] is not None and len(set(pair)) == 1:
        return Count(votes(profile).scores, frozenset({pair[0]}))
    return single(profile, weighing)


def single(profile: Profile, weighing: Weighing) -> Count:
    """Return what the strongest says of those that voted."""
    said = (_said(profile, voter) for voter in weighing.order)
    answer = next((option for option in said if option is not None), None)
    return Count(votes(profile).scores, frozenset() if answer is None else frozenset({answer}))


def chair_of(proposal: Proposal, weighing: Weighing) -> str | None:
    """Return who judges: whom the proposal names, else the strongest."""
    return proposal.chair or next(iter(weighing.order), None)


def chair(profile: Profile, weighing: Weighing) -> Count:
    """Return what the judge says, whatever the others say."""
    said = _said(profile, chair_of(profile.proposal, weighing) or "")
    return Count(votes(profile).scores, frozenset() if said is None else frozenset({said}))


def next_voters(profile: Profile, weighing: Weighing, asked: Collection[str]) -> tuple[str, ...]:
    """Return whom to ask next, side by side; empty when all that the rule wants were asked.

    Args:
        profile: Ballots so far.
        weighing: What is known of the voters.
        asked: Voters that were asked, those that failed included.
    """
    proposal = profile.proposal
    match weighing.rule or proposal.rule:
        case Rule.CASCADE:
            pair = cascade_pair(proposal)
            said = {_said(profile, voter) for voter in pair}
            agreed = len(said) == 1 and None not in said
            wanted = pair if not set(pair) <= set(asked) else () if agreed else weighing.order[:1]
        case Rule.PANEL:
            wanted = tuple(voter for voter in cheapest(proposal) if voter not in asked)[:1]
        case Rule.CHAIR:
            wanted = (chair_of(proposal, weighing) or "",)
        case Rule.SINGLE if proposal.rule is Rule.SINGLE:  # `auto` says what plurality said, too
            spoken = any(_said(profile, voter) is not None for voter in asked)
            left = tuple(voter for voter in weighing.order if voter not in asked)
            wanted = () if spoken else left[:1]
        case _:
            wanted = proposal.eligible
    return tuple(voter for voter in wanted if voter and voter not in asked)


def _said(profile: Profile, voter: str) -> str | None:
    ballot = profile.ballots.get(voter)
    return None if ballot is None else first(ballot)
