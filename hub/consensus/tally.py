"""Counts ballots: the same ballots always give the same outcome, in whatever order they stand.

Source of rules, quorum and ties: CONSENSUS, section 4.
"""

from __future__ import annotations

from collections.abc import Collection

from hub.consensus.count import strength
from hub.consensus.electorate import family
from hub.consensus.learning.calibration import NOTHING, Calibration
from hub.consensus.learning.kinship import effective
from hub.consensus.learning.records import grade
from hub.consensus.profile import Profile, profile_of
from hub.consensus.rules.approval import approval
from hub.consensus.rules.pairwise import margins
from hub.consensus.rules.votes import votes
from hub.consensus.standing import Standing, standing_of
from hub.consensus.verdict import failure, verdict
from hub.consensus.weighing import weigh
from hub.domain.decision import (
    Ballot,
    BallotKind,
    Margin,
    Proposal,
    Rule,
    Score,
    Tally,
    Verdict,
    Weighing,
)


def tally(
    proposal: Proposal, ballots: Collection[Ballot], calibration: Calibration = NOTHING
) -> Tally:
    """Count the ballots of all rounds; the latest one of each voter counts.

    Args:
        proposal: Options, voters and rule.
        ballots: As cast, in order; invalid ones are passed over and their voters are absent.
        calibration: What marked decisions taught.

    Returns:
        The count with its verdict. A winner is named when the rule is met, unless the quorum is
        missed; it is only advice when fewer than two model families stand behind the ballots.
    """
    profile = profile_of(proposal, ballots)
    return _counted(profile, ballots, weigh(profile, calibration))


def recount(proposal: Proposal, ballots: Collection[Ballot], weighing: Weighing) -> Tally:
    """Count again with what a tally says it weighed, without the calibration behind it."""
    return _counted(profile_of(proposal, ballots), ballots, weighing)


def _counted(profile: Profile, ballots: Collection[Ballot], weighing: Weighing) -> Tally:
    standing = standing_of(profile, weighing, ballots)
    leader, leaders = standing.leader, standing.found.leaders
    failed = failure(standing)
    winner = leader if failed is None else None
    worth, reason = Verdict.NO_CONSENSUS, failed or ""
    if winner is not None:
        worth, reason = verdict(standing, winner)
    winner, worth, reason, person = _overridden(profile, ballots, winner, worth, reason)
    scores = _scores(standing)
    first_, second = ([score.votes for score in scores] + [0.0, 0.0])[:2]
    return Tally(
        rule=standing.rule,
        scores=scores,
        eligible=len(profile.voters),
        cast=len(profile.cast),
        abstained=len(profile.ballots) - len(profile.cast),
        absent=tuple(voter for voter in profile.voters if voter not in profile.ballots),
        quorum=standing.quorum,
        families=profile.families,
        margin=first_ - second,
        verdict=worth,
        winner=winner,
        reason=reason,
        tie_steps=standing.tie_steps if winner is not None or leader is None else (),
        notes=weighing.notes,
        leaders=tuple(sorted(leaders)),
        posterior=scores[0].posterior if scores else None,
        chance=_chance(standing),
        effective=effective(map(family, profile.cast), dict(weighing.kinship)),
        margins=_margins(profile),
        weighing=weighing,
        override=person,
    )


def _scores(of: Standing) -> tuple[Score, ...]:
    """Return every option's figures, the leader first, then by score, then by id."""
    profile, found = of.profile, of.found
    if of.rule is Rule.APPROVAL:
        named = approval(profile).scores
    else:
        named = votes(profile, dict(of.weighing.weights) or None).scores
    total = sum(named.values())
    order = sorted(
        profile.options,
        key=lambda o: (o != of.leader, o not in found.leaders, -found.scores[o], o),
    )
    return tuple(
        Score(o, found.scores[o], named[o] / total if total else 0.0, of.posteriors.get(o))
        for o in order
    )


def _chance(of: Standing) -> float | None:
    """Return how often a leader as strong as this one was right."""
    if of.leader is None or not of.weighing.chances:
        return None
    return of.weighing.chances[grade(strength(of.profile, of.weighing, of.found, of.leader))]


def _margins(profile: Profile) -> tuple[Margin, ...]:
    """Return who beats whom where ballots rank or approve; largest first, then by id."""
    if not any(ballot.ranking or ballot.approvals for ballot in profile.cast):
        return ()
    found = ((over, under, n) for (over, under), n in margins(profile).items() if n > 0)
    return tuple(
        Margin(over, under, n) for over, under, n in sorted(found, key=lambda m: (-m[2], *m[:2]))
    )


def _overridden(
    profile: Profile,
    ballots: Collection[Ballot],
    winner: str | None,
    worth: Verdict,
    reason: str,
) -> tuple[str | None, Verdict, str, str | None]:
    """Let a person's override stand in front of the count; the last one counts."""
    found = [
        ballot
        for ballot in ballots
        if ballot.override and ballot.kind is BallotKind.HUMAN and ballot.choice in profile.options
    ]
    if not found:
        return winner, worth, reason, None
    last = max(found, key=lambda ballot: ballot.round)
    said = f"{last.voter} decided, whatever the count. The count alone: {worth.value}. {reason}"
    if not profile.voters:
        said = f"{last.voter} decided; nobody else was asked."
    return last.choice, Verdict.DECIDED, said, last.voter
