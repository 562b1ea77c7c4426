"""A count with everything that its verdict depends on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from hub.consensus.count import count, posteriors, rule_of
from hub.consensus.profile import Count, Profile, first
from hub.consensus.ties import broken
from hub.domain.decision import Ballot, Rule, TieStep, Weighing
from hub.domain.text import one_line

TWO_THIRDS = 2 / 3
POSTERIOR = 0.5
"""From which on rules decide that add up log-odds."""
FAMILIES_NEEDED = 2
_QUORUMS = {Rule.CASCADE: 2, Rule.PANEL: 2, Rule.CHAIR: 1}
"""Ballots that rules need which do not ask everybody."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A count with everything that its verdict depends on."""

    profile: Profile
    weighing: Weighing
    found: Count
    posteriors: Mapping[str, float]
    leader: str | None
    """The one option that is ahead once ties are broken; None: nobody is, or the person is asked."""
    tie_steps: tuple[str, ...]
    """What was tried, in order; empty without a tie."""

    @property
    def rule(self) -> Rule:
        """The rule that counts."""
        return rule_of(self.profile, self.weighing)

    @property
    def quorum(self) -> int:
        """Ballots that must be cast."""
        if self.profile.proposal.quorum is not None:
            return self.profile.proposal.quorum
        voters = len(self.profile.voters)
        if self.profile.proposal.rule is Rule.SINGLE:  # chosen by `auto`, all are asked
            return min(voters, 1)
        return min(voters, _QUORUMS.get(self.rule, ceil(voters / 2)))

    @property
    def by_lot(self) -> bool:
        """True where nothing but a lot told the leader from another."""
        return bool(self.tie_steps) and self.tie_steps[-1].startswith(TieStep.LOT.value)

    @property
    def score(self) -> float:
        """The leader's figure; 0 where nobody leads."""
        return self.found.scores[self.leader] if self.leader else 0.0

    @property
    def agreed(self) -> bool:
        """True where every ballot that was cast puts the same option first."""
        return len({first(ballot) for ballot in self.profile.cast}) == 1

    def text(self, option_id: str) -> str:
        """Return an option as a sentence quotes it."""
        text = next(o.text for o in self.profile.proposal.options if o.id == option_id)
        return f"“{one_line(text, 80)}”"


def standing_of(profile: Profile, weighing: Weighing, ballots: Collection[Ballot]) -> Standing:
    """Count, and break a tie; `ballots` may hold one more that was cast for it."""
    found = count(profile, weighing)
    leader, steps = broken(profile, weighing, found.leaders, ballots)
    return Standing(profile, weighing, found, posteriors(profile, weighing, found), leader, steps)


def needed(rule: Rule, voters: int, threshold: float | None) -> int:
    """Return the votes that the first option needs, of all who may vote."""
    match rule:
        case Rule.MAJORITY:
            return voters // 2 + 1
        case Rule.QUALIFIED:
            # Rounded first: 2/3 of 3 is 2, whatever the binary fraction says.
            share = TWO_THIRDS if threshold is None else threshold
            return max(1, ceil(round(share * voters, 9)))
        case Rule.APPROVAL if threshold is not None:
            return int(round(threshold * voters, 9)) + 1
        case Rule.UNANIMITY:
            return voters
        case _:
            return 1
