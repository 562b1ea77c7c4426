"""The ballots that count, as rules look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hub.consensus.electorate import counted, electorate, family, hidden_from
from hub.domain.decision import Ballot, Proposal

OPEN_OPTIONS = 6
"""Options that an open question is taken to have: more could have been thought of."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One proposal's valid ballots, in an order that depends on nothing but names."""

    proposal: Proposal
    options: tuple[str, ...]
    """Option ids, sorted."""
    voters: tuple[str, ...]
    """All who may vote, sorted."""
    ballots: Mapping[str, Ballot]
    """By voter, sorted; abstentions and blocks too."""
    unrankable: Mapping[str, frozenset[str]]
    """By voter, option ids that it was not shown."""

    @property
    def k(self) -> int:
        """Options that an answer could have been, those nobody thought of included."""
        known = len(self.options)
        return max(OPEN_OPTIONS, known) if self.proposal.open else max(2, known)

    @property
    def cast(self) -> tuple[Ballot, ...]:
        """Ballots that are no abstention."""
        return tuple(ballot for ballot in self.ballots.values() if not ballot.abstain)

    @property
    def families(self) -> tuple[str, ...]:
        """Model families among the ballots that were cast."""
        found = {family(ballot) for ballot in self.cast}
        return tuple(sorted(name for name in found if name is not None))


@dataclass(frozen=True, slots=True)
class Count:
    """What a rule makes of a profile."""

    scores: Mapping[str, float]
    """By option id, more is better: the rule's own figure."""
    leaders: frozenset[str]
    """Options that the rule leaves level at the top; empty where no ballot names any."""


def profile_of(proposal: Proposal, ballots: Iterable[Ballot]) -> Profile:
    """Return what rules look at."""
    valid = counted(proposal, ballots)
    voters = tuple(sorted(electorate(proposal, valid.values())))
    return Profile(
        proposal=proposal,
        options=tuple(sorted({option.id for option in proposal.options})),
        voters=voters,
        ballots={name: valid[name] for name in voters if name in valid},
        unrankable={name: hidden_from(proposal, name) for name in voters} if proposal.open else {},
    )


def first(ballot: Ballot) -> str | None:
    """Return the one option that a ballot puts first; None where it names none, or several."""
    return ballot.first


def ranking(ballot: Ballot) -> tuple[str, ...]:
    """Return the options that a ballot puts in order, best first; a choice ranks one."""
    return ballot.ranking or (() if ballot.choice is None else (ballot.choice,))


def top(scores: Mapping[str, float], among: Iterable[str]) -> frozenset[str]:
    """Return the options with the highest score; alike to 1e-9, for sums are floats."""
    names = tuple(among)
    best = max((scores[name] for name in names), default=0.0)
    return frozenset(name for name in names if scores[name] >= best - 1e-9 * max(1.0, abs(best)))
