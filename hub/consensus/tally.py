"""Counts ballots: the same ballots always give the same outcome, in whatever order they stand.

Source of rules, quorum and ties: CONSENSUS, section 4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from hub.consensus.electorate import counted, electorate, family
from hub.domain.decision import Ballot, Proposal, Rule, Score, Tally, Verdict
from hub.domain.ids import seeded
from hub.domain.text import one_line

TWO_THIRDS = 2 / 3
_FAMILIES_NEEDED = 2
_TIE_STEPS = (
    "Condorcet: these ballots name one option each, so no tied option beats another",
    "lot: the lowest sha256 of decision and option",
)


@dataclass(frozen=True, slots=True)
class _Count:
    """The figures that rules look at."""

    proposal: Proposal
    ballots: Mapping[str, Ballot]
    voters: tuple[str, ...]
    scores: tuple[Score, ...]

    @property
    def cast(self) -> int:
        """Ballots that are no abstention."""
        return sum(not ballot.abstain for ballot in self.ballots.values())

    @property
    def quorum(self) -> int:
        """Ballots that must be cast."""
        if self.proposal.quorum is not None:
            return self.proposal.quorum
        return ceil(len(self.voters) / 2)

    @property
    def blocks(self) -> list[Ballot]:
        """Ballots that block, by voter."""
        return [self.ballots[name] for name in sorted(self.ballots) if self.ballots[name].block]

    @property
    def families(self) -> tuple[str, ...]:
        """Model families among the ballots that were cast."""
        found = {family(ballot) for ballot in self.ballots.values() if not ballot.abstain}
        return tuple(sorted(name for name in found if name is not None))

    def text(self, option_id: str) -> str:
        """Return an option as a sentence quotes it."""
        text = next(o.text for o in self.proposal.options if o.id == option_id)
        return f"“{one_line(text, 80)}”"


def tally(proposal: Proposal, ballots: Collection[Ballot]) -> Tally:
    """Count the ballots of all rounds; the latest one of each voter counts.

    Args:
        proposal: Options, voters and rule.
        ballots: As cast, in order; invalid ones are passed over and their voters are absent.

    Returns:
        The count with its verdict. A winner is named when the rule is met, unless the quorum is
        missed; it is only advice when fewer than two model families stand behind the ballots.
    """
    rule = Rule.MAJORITY if proposal.rule is Rule.AUTO else proposal.rule
    count = _count(proposal, ballots)
    leader, tie_steps = _leader(count)
    failure = _failure(count, rule, leader)
    winner = leader if failure is None else None
    verdict, reason = Verdict.NO_CONSENSUS, failure or ""
    if winner is not None:
        verdict, reason = _verdict(count, winner, by_lot=bool(tie_steps))
    votes = [score.votes for score in count.scores]
    return Tally(
        rule=rule,
        scores=count.scores,
        eligible=len(count.voters),
        cast=count.cast,
        abstained=sum(ballot.abstain for ballot in count.ballots.values()),
        absent=tuple(sorted(set(count.voters) - set(count.ballots))),
        quorum=count.quorum,
        families=count.families,
        margin=(votes[0] if votes else 0.0) - (votes[1] if len(votes) > 1 else 0.0),
        verdict=verdict,
        winner=winner,
        reason=reason,
        tie_steps=tie_steps if winner is not None else (),
        notes=("uncalibrated",) if proposal.rule is Rule.AUTO else (),
    )


def _count(proposal: Proposal, ballots: Collection[Ballot]) -> _Count:
    valid = counted(proposal, ballots)
    votes = Counter(ballot.choice for ballot in valid.values() if ballot.choice is not None)
    total = votes.total()
    ids = {option.id for option in proposal.options}
    scores = [Score(id_, float(votes[id_]), votes[id_] / total if total else 0.0) for id_ in ids]
    scores.sort(key=lambda score: (-score.votes, score.option))
    return _Count(proposal, valid, electorate(proposal, valid.values()), tuple(scores))


def _leader(count: _Count) -> tuple[str | None, tuple[str, ...]]:
    """Return the option with the most votes and how a tie was broken; never by list order."""
    most = count.scores[0].votes if count.scores else 0.0
    if not most:
        return None, ()
    tied = [score.option for score in count.scores if score.votes == most]
    if len(tied) == 1:
        return tied[0], ()
    return min(tied, key=lambda id_: seeded(count.proposal.seed, id_)), _TIE_STEPS


def _failure(count: _Count, rule: Rule, leader: str | None) -> str | None:
    """Return why nothing is decided, or None when quorum and rule are met."""
    if count.cast < count.quorum:
        return f"{count.cast} of {len(count.voters)} voted, and {count.quorum} are needed."
    if rule is Rule.CONSENT and count.blocks:
        said = " ".join(f"{b.voter} blocks: {one_line(b.reason, 160)}" for b in count.blocks)
        return f"Consent was withheld. {said}"
    if leader is None:
        return "Nobody voted for an option."
    votes, voters = count.scores[0].votes, len(count.voters)
    needed = _needed(rule, voters, count.proposal.threshold)
    if votes < needed:
        level = sum(score.votes == votes for score in count.scores)
        led = f"{level} options were level at" if level > 1 else f"{count.text(leader)} led with"
        return f"{led} {votes:g} of {voters} votes; {rule.value} needs {needed}."
    return None


def _needed(rule: Rule, voters: int, threshold: float | None) -> int:
    """Return the votes that the first option needs, of all who may vote."""
    match rule:
        case Rule.AUTO | Rule.MAJORITY:
            return voters // 2 + 1
        case Rule.QUALIFIED:
            # Rounded first: 2/3 of 3 is 2, whatever the binary fraction says.
            share = TWO_THIRDS if threshold is None else threshold
            return max(1, ceil(round(share * voters, 9)))
        case Rule.UNANIMITY:
            return voters
        case Rule.PLURALITY | Rule.CONSENT:
            return 1


def _verdict(count: _Count, winner: str, *, by_lot: bool) -> tuple[Verdict, str]:
    """Return what a winner is worth, and the sentence that says so."""
    votes = count.scores[0].votes
    won = f"{count.text(winner)} got {votes:g} of {len(count.voters)} votes"
    won += (
        ", level with another; a lot drawn from the decision's seed settled it." if by_lot else "."
    )
    if len(count.families) >= _FAMILIES_NEEDED:
        return Verdict.DECIDED, won
    served = f"one model family ({count.families[0]})" if count.families else "unknown models"
    return Verdict.ADVISORY, (
        f"{won} It is advice: all ballots came from {served}, and alike models make alike "
        "mistakes. With a second provider, or your own vote, it can be decided."
    )
