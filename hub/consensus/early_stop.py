"""When no more ballots are asked for (CONSENSUS: early stop); each reason is recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from math import comb

from hub.consensus.electorate import seat_of
from hub.consensus.labels import form_of
from hub.consensus.learning.calibration import NOTHING, Calibration
from hub.consensus.profile import Profile, profile_of
from hub.consensus.settled import settled
from hub.consensus.standing import standing_of
from hub.consensus.weighing import weigh
from hub.domain.decision import Ballot, BallotKind, Proposal, Rule, Weighing

UNASSAILABLE = "unassailable: no ballot to come can change the outcome"
SURE = "posterior: the panel is sure enough"
BETA = "beta: the lead in the samples would last"
BUDGET = "budget"
ENOUGH = "enough: the rule asks nobody else"
STAGNATION = "stagnation: a round changed no ballot"


def stop_reason(
    proposal: Proposal,
    ballots: Collection[Ballot],
    asked: Collection[str],
    calibration: Calibration = NOTHING,
) -> str | None:
    """Return why nobody else needs to be asked in this round, or None.

    Args:
        proposal: Options, voters and rule.
        ballots: All that were cast so far.
        asked: Voters whose turn in this round has ended, with a ballot or without; what the others
            said in a round before may still change, and does not count.
        calibration: As the tally will use it.
    """
    final = [b for b in ballots if b.voter in asked or b.kind is BallotKind.HUMAN]
    profile = profile_of(proposal, final)
    pending = tuple(voter for voter in proposal.eligible if voter not in asked)
    if not pending:
        return None
    weighing = weigh(profile, calibration)
    if settled(profile, weighing, pending):
        return UNASSAILABLE
    return SURE if proposal.rule is Rule.PANEL and _sure(profile, weighing) else None


def fewest(
    proposal: Proposal,
    ballots: Collection[Ballot],
    asked: Collection[str],
    voters: Sequence[str],
    calibration: Calibration = NOTHING,
) -> int:
    """Return how many of the voters to ask side by side: the fewest that could settle it.

    They are taken to agree with whoever leads, which is the quickest way to a settled outcome; all
    of them where not even that would do.

    Args:
        proposal: Options, voters and rule.
        ballots: All that were cast so far.
        asked: Voters whose turn in this round has ended.
        voters: Whom to ask next, in order.
        calibration: As the tally will use it.
    """
    final = [b for b in ballots if b.voter in asked or b.kind is BallotKind.HUMAN]
    profile = profile_of(proposal, final)
    leader = standing_of(profile, weigh(profile, calibration), ()).leader
    wanted = next((o for o in proposal.options if o.id == leader), proposal.options[0]).id
    others = tuple(option.id for option in proposal.options if option.id != wanted)
    supposed = list(ballots)
    for number, voter in enumerate(voters, start=1):
        seat = seat_of(proposal, voter)
        agreeing = Ballot(voter, 10**6, None, family=seat.family, deployment=seat.deployment)
        match form_of(proposal.rule):
            case "ranking":
                agreeing = replace(agreeing, ranking=(wanted, *others))
            case "approvals":
                agreeing = replace(agreeing, approvals=(wanted,))
            case _:
                agreeing = replace(agreeing, choice=wanted)
        supposed.append(agreeing)
        if stop_reason(proposal, supposed, {*asked, *voters[:number]}, calibration):
            return number
    return len(voters)


def _sure(profile: Profile, weighing: Weighing) -> bool:
    """True for a panel of a quorum whose leader's posterior is high enough."""
    of = standing_of(profile, weighing, ())
    if of.leader is None or len(profile.cast) < of.quorum:
        return False
    return of.posteriors[of.leader] >= profile.proposal.sure


def beta(first: int, second: int) -> float:
    """Return the chance that the first answer stays ahead, given its count and the runner-up's.

    P(p > 1/2) for p ~ Beta(a + 1, b + 1). Source: Aggarwal et al., "Let's Sample Step by Step",
    2023, arXiv 2305.11860 (Adaptive-Consistency).
    """
    n = first + second + 1
    return float(sum(comb(n, j) for j in range(first + 1)) / 2**n)


def enough_samples(answers: Sequence[str], *, sure: float = 0.95) -> bool:
    """True when one agent's repeated answers need no other sample, by the Beta rule."""
    counts = sorted((answers.count(answer) for answer in set(answers)), reverse=True)
    first, second = (*counts, 0, 0)[:2]
    return bool(counts) and beta(first, second) >= sure


def window_agrees(answers: Sequence[str], window: int = 5) -> bool:
    """True when the last few answers are alike (ESC; Li et al. 2024, arXiv 2401.10480)."""
    last = answers[-window:]
    return len(last) == window and len(set(last)) == 1


def stagnant(ballots: Collection[Ballot]) -> bool:
    """True when the last round changed no ballot of the one before."""
    ballots = [ballot for ballot in ballots if not ballot.casting]
    rounds = sorted({ballot.round for ballot in ballots})
    for before, after in list(pairwise(rounds))[-1:]:
        old, new = _said(ballots, before), _said(ballots, after)
        return all(old.get(voter) == said for voter, said in new.items())
    return False


def _said(ballots: Collection[Ballot], number: int) -> dict[str, tuple[object, ...]]:
    return {
        b.voter: (b.choice, b.ranking, frozenset(b.approvals), b.abstain, b.block)
        for b in ballots
        if b.round == number
    }
