"""Model families that were seated in a decision, and those that were heard."""

from __future__ import annotations

from collections.abc import Iterable

from hub.domain.decision import Ballot, BallotKind, Proposal


def agents_ballots(ballots: Iterable[Ballot]) -> tuple[Ballot, ...]:
    """Return each agent's ballot of its latest round, by agent; a tie's own ballot is no vote."""
    cast = (b for b in ballots if b.kind is BallotKind.AGENT and not b.casting)
    found = {ballot.voter: ballot for ballot in sorted(cast, key=lambda b: b.round)}
    return tuple(found[name] for name in sorted(found))


def unheard(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[str, ...]:
    """Return the families seated for agents that voted of which no ballot came; others stood in."""
    cast = agents_ballots(ballots)
    voted, heard = {b.voter for b in cast}, {b.family for b in cast}
    seated = {seat.family for seat in proposal.seats if seat.agent in voted}
    return tuple(sorted(family for family in seated - heard if family is not None))


def left_with_one(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[str, ...]:
    """Return the families that are missing where a vote of several became one of a single family."""
    cast = tuple(ballots)
    people = any(b.kind is BallotKind.HUMAN and not b.abstain for b in cast)
    one = len({b.family for b in agents_ballots(cast)}) == 1
    return unheard(proposal, cast) if one and not people else ()
