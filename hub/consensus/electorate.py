"""Who may vote, and which of the ballots that were cast count."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.decision import Ballot, BallotKind, Proposal, Rule

HUMAN_FAMILY = "human"
"""A person's ballot is a mind apart from every model."""


def electorate(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[str, ...]:
    """Return the names of the voters: the eligible agents, and each person who cast a ballot."""
    people = sorted({b.voter for b in ballots if b.kind is BallotKind.HUMAN})
    return tuple(dict.fromkeys((*proposal.eligible, *people)))


def counted(proposal: Proposal, ballots: Iterable[Ballot]) -> dict[str, Ballot]:
    """Return the ballot that counts for each voter: the valid one of its latest round.

    Within a round the first one counts, since a ballot never changes once cast. Ballots by
    strangers, for unknown options, or that say two things at once do not count.
    """
    eligible = set(proposal.eligible)
    options = {option.id for option in proposal.options}
    found: dict[str, Ballot] = {}
    for ballot in ballots:
        may_vote = ballot.voter in eligible or ballot.kind is BallotKind.HUMAN
        if not may_vote or not _is_valid(ballot, options, proposal.rule):
            continue
        before = found.get(ballot.voter)
        if before is None or ballot.round > before.round:
            found[ballot.voter] = ballot
    return found


def family(ballot: Ballot) -> str | None:
    """Return whose mistakes this ballot shares; None where nobody knows the model."""
    return HUMAN_FAMILY if ballot.kind is BallotKind.HUMAN else ballot.family


def _is_valid(ballot: Ballot, options: set[str], rule: Rule) -> bool:
    said = (ballot.choice is not None) + ballot.abstain + ballot.block
    if said != 1:
        return False
    if ballot.block:
        return rule is Rule.CONSENT and bool(ballot.reason.strip())
    return ballot.abstain or ballot.choice in options
