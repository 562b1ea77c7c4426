"""Whether ballots to come can still change the outcome: a bound for each rule, never a guess.

A bound may say no where the answer is yes; it never says yes where any completion, abstentions and
absence included, would end otherwise. People who have not voted are not waited for.
"""

from __future__ import annotations

from collections.abc import Collection
from math import exp

from hub.consensus.electorate import seat_of
from hub.consensus.profile import Profile, first, ranking
from hub.consensus.rules.pairwise import margins
from hub.consensus.sequence import cascade_pair, chair_of
from hub.consensus.standing import FAMILIES_NEEDED, POSTERIOR, Standing, needed, standing_of
from hub.consensus.verdict import failure
from hub.consensus.weighing import BY_ODDS
from hub.domain.decision import Rule, Weighing

_EPSILON = 1e-9
_COUNTED = frozenset({Rule.MAJORITY, Rule.QUALIFIED, Rule.UNANIMITY})
"""Rules that can be out of reach before all have voted."""


def settled(profile: Profile, weighing: Weighing, pending: Collection[str]) -> bool:
    """True when winner and verdict are the same however the pending voters vote, or if they do not.

    Args:
        profile: Ballots so far.
        weighing: With weights of the pending voters, the most that theirs can come to.
        pending: Voters who may still cast a ballot.
    """
    if profile.proposal.discount:  # one more ballot changes what the others weigh
        return False
    of = standing_of(profile, weighing, ())
    if of.rule in _COUNTED and _out_of_reach(of, len(pending)):
        return True
    if failure(of) is not None or len(of.found.leaders) > 1 or of.leader is None:
        return False
    return _families_stay(profile, pending) and _stays_ahead(of, of.leader, pending)


def _out_of_reach(of: Standing, pending: int) -> bool:
    voters, threshold = len(of.profile.voters), of.profile.proposal.threshold
    most = max(of.found.scores.values(), default=0.0)
    return most + pending + _EPSILON < needed(of.rule, voters, threshold)


def _families_stay(profile: Profile, pending: Collection[str]) -> bool:
    """True when no ballot to come can turn advice into a decision."""
    families = set(profile.families)
    to_come = {seat_of(profile.proposal, voter).family for voter in pending}
    return len(families) >= FAMILIES_NEEDED or to_come <= families


def _stays_ahead(of: Standing, leader: str, pending: Collection[str]) -> bool:
    match of.rule:
        case Rule.CONSENT:
            return False  # anybody may still block
        case Rule.BORDA:
            return _by_sums(of, leader, len(pending))
        case Rule.RANKED_PAIRS | Rule.SCHULZE:
            margin = margins(of.profile)
            others = (option for option in of.profile.options if option != leader)
            return all(margin[leader, option] > len(pending) for option in others)
        case Rule.RUNOFF:
            firsts = [ranked[0] for b in of.profile.cast if (ranked := ranking(b))]
            return firsts.count(leader) * 2 > len(firsts) + len(pending)
        case Rule.CASCADE | Rule.SINGLE | Rule.CHAIR:
            return _has_spoken(of, pending)
        case _:
            return _by_weight(of, leader, pending)


def _by_sums(of: Standing, leader: str, pending: int) -> bool:
    """Borda: sums of places, at most 1 per ballot to come; only where all rank the same options."""
    if any(of.profile.unrankable.values()):
        return False
    ballots = sum(bool(ranking(ballot)) for ballot in of.profile.cast)
    rest = [score for option, score in of.found.scores.items() if option != leader]
    return (of.score - max(rest, default=0.0)) * ballots > pending + _EPSILON


def _has_spoken(of: Standing, pending: Collection[str]) -> bool:
    """True when those have voted, or can vote no more, whose word the rule takes."""
    if of.rule is Rule.CHAIR:
        return chair_of(of.profile.proposal, of.weighing) not in pending
    said = {voter: first(ballot) for voter, ballot in of.profile.ballots.items()}
    if of.rule is Rule.CASCADE:
        pair = cascade_pair(of.profile.proposal)
        if set(pair) & set(pending):
            return False
        if len({said.get(voter) for voter in pair}) == 1 and said.get(pair[0]) is not None:
            return True
    speaker = next(voter for voter in of.weighing.order if said.get(voter) is not None)
    before = of.weighing.order[: of.weighing.order.index(speaker)]
    return not set(before) & set(pending)


def _by_weight(of: Standing, leader: str, pending: Collection[str]) -> bool:
    """True when all weight to come, given to the runner-up, leaves the leader ahead and sure."""
    weights = dict(of.weighing.weights)
    to_come = sum(weights.get(voter, 1.0) for voter in pending)
    rest = sorted((s for o, s in of.found.scores.items() if o != leader), reverse=True) or [0.0]
    if of.score - rest[0] <= to_come + _EPSILON:
        return False
    if of.rule not in BY_ODDS:
        return True
    rivals = exp(rest[0] + to_come) + sum(map(exp, rest[1:]))
    rivals += max(0, of.profile.k - len(of.profile.options))
    wanted = of.profile.proposal.threshold or POSTERIOR
    return exp(of.score) >= (wanted + _EPSILON) * (exp(of.score) + rivals)
