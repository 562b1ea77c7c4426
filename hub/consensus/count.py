"""Which code counts for which rule."""

from __future__ import annotations

from collections import Counter
from math import exp

from hub.consensus.profile import Count, Profile, first
from hub.consensus.rules.approval import approval
from hub.consensus.rules.borda import borda
from hub.consensus.rules.ranked_pairs import ranked_pairs
from hub.consensus.rules.runoff import runoff
from hub.consensus.rules.schulze import schulze
from hub.consensus.rules.votes import votes
from hub.consensus.sequence import cascade, chair, single
from hub.consensus.weighing import BY_ODDS
from hub.domain.decision import Rule, Weighing

_BY_PROFILE = {
    Rule.APPROVAL: approval,
    Rule.BORDA: borda,
    Rule.RUNOFF: runoff,
    Rule.RANKED_PAIRS: ranked_pairs,
    Rule.SCHULZE: schulze,
}
_BY_SEQUENCE = {Rule.CASCADE: cascade, Rule.CHAIR: chair, Rule.SINGLE: single}


def rule_of(profile: Profile, weighing: Weighing) -> Rule:
    """Return the rule that counts: `auto` is replaced by what it chose."""
    if profile.proposal.rule is Rule.AUTO:
        return weighing.rule or Rule.MAJORITY
    return profile.proposal.rule


def count(profile: Profile, weighing: Weighing) -> Count:
    """Return scores and leaders under the proposal's rule."""
    rule = rule_of(profile, weighing)
    if rule in _BY_PROFILE:
        return _BY_PROFILE[rule](profile)
    if rule in _BY_SEQUENCE:
        return _BY_SEQUENCE[rule](profile, weighing)
    return votes(profile, dict(weighing.weights) or None)


def strength(profile: Profile, weighing: Weighing, found: Count, leader: str) -> float:
    """Return how clearly an option leads, 0..1, which past decisions turn into a chance.

    The posterior among the options that were named, under rules without weights the share of the
    votes.
    """
    named = Counter(first(ballot) for ballot in profile.cast)
    if rule_of(profile, weighing) in BY_ODDS:
        rest = (exp(found.scores[o] - found.scores[leader]) for o in named if o is not None)
        return 1 / max(1.0, sum(rest))
    return named[leader] / max(1, named.total() - named[None])


def posteriors(profile: Profile, weighing: Weighing, found: Count) -> dict[str, float]:
    """Return exp(V)/sum over k options; those that nobody thought of have V = 0.

    Empty under rules without weights.
    """
    if rule_of(profile, weighing) not in BY_ODDS:
        return {}
    most = max(found.scores.values(), default=0.0)
    raw = {option: exp(score - most) for option, score in found.scores.items()}
    total = sum(raw.values()) + (profile.k - len(raw)) * exp(-most)
    return {option: round(value / total, 9) for option, value in raw.items()}
