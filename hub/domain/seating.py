"""Seats that another model family served than the one that was expected there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.decision import Ballot, BallotKind, Proposal


@dataclass(frozen=True, slots=True)
class StandIn:
    """A ballot that another family cast in an agent's seat."""

    ballot: Ballot
    seated: str
    """Family that was expected."""
    served: str
    """Family that voted."""


def stand_ins(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[StandIn, ...]:
    """Return the seats whose latest ballot is another family's, by agent."""
    families = {seat.agent: seat.family for seat in proposal.seats}
    found = []
    for ballot in _latest(ballots):
        seated, served = families.get(ballot.voter), ballot.family
        if seated is not None and served is not None and seated != served:
            found.append(StandIn(ballot, seated, served))
    return tuple(found)


def left_with_one(proposal: Proposal, ballots: Iterable[Ballot]) -> tuple[StandIn, ...]:
    """Return the stand-ins where they alone make a vote of two families one of a single one."""
    cast = tuple(ballots)
    agents = {ballot.voter: ballot.family for ballot in _latest(cast)}
    people = any(b.kind is BallotKind.HUMAN and not b.abstain for b in cast)
    seated = {seat.family for seat in proposal.seats if seat.agent in agents} - {None}
    lost = len(seated) > 1 and len(set(agents.values())) == 1 and not people
    return stand_ins(proposal, cast) if lost else ()


def _latest(ballots: Iterable[Ballot]) -> tuple[Ballot, ...]:
    """Return each agent's ballot of its latest round, by agent; a tie's own ballot is no vote."""
    cast = (b for b in ballots if b.kind is BallotKind.AGENT and not b.casting)
    found = {ballot.voter: ballot for ballot in sorted(cast, key=lambda b: b.round)}
    return tuple(found[name] for name in sorted(found))
