"""What would have come of the same ballots without somebody, or under another rule."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from hub.consensus.labels import APPROVALS, CHOICE, RANKING, form_of
from hub.consensus.learning.calibration import NOTHING, Calibration
from hub.consensus.tally import tally
from hub.domain.decision import Ballot, BallotKind, Decision, Rule, Tally
from hub.domain.regrouping import as_cast, as_it_was, placed
from hub.errors import UsageError

_OF_CHOICES = (
    *(Rule.PLURALITY, Rule.MAJORITY, Rule.QUALIFIED, Rule.UNANIMITY, Rule.CONSENT),
    *(Rule.WEIGHTED, Rule.STACKED, Rule.CONFIDENCE, Rule.SINGLE),
)
_OF_RANKINGS = (Rule.BORDA, Rule.RUNOFF, Rule.RANKED_PAIRS, Rule.SCHULZE)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One decision counted in other ways; nothing of it is kept."""

    count: Tally
    """As it was asked for: without somebody, under another rule, or neither."""
    rules: tuple[Tally, ...]
    """The same ballots under every rule that can count them."""
    pivotal: tuple[str, ...]
    """Voters without any one of whom the outcome would be another."""
    as_merged: Tally | None = None
    """The same ballots on the options as the hub merged them; None: nobody changed those."""

    def wins(self, option: str | None) -> tuple[Rule, ...]:
        """Return the rules under which an option wins; None: under which nothing does."""
        return tuple(tally.rule for tally in self.rules if tally.winner == option)


def what_if(
    decision: Decision,
    *,
    without: Collection[str] = (),
    rule: Rule | None = None,
    calibration: Calibration = NOTHING,
) -> WhatIf:
    """Count a decision's ballots in other ways.

    Args:
        decision: With its ballots; whether it is closed does not matter.
        without: Voters that are taken to have had no vote.
        rule: Instead of the decision's own.
        calibration: What is known of the voters; a mark on this very decision is left out.

    Raises:
        UsageError: One of them is no voter, nobody is left, or the rule needs other ballots.
    """
    voters = {*decision.proposal.eligible, *(b.voter for b in decision.ballots)}
    if strangers := sorted(set(without) - voters):
        raise UsageError(f"{strangers[0]} had no vote here. Voters: {', '.join(sorted(voters))}.")
    if not voters - set(without):
        raise UsageError("Without all of them there is nobody whose ballots could be counted.")
    known = unmarked(calibration, decision)
    left = _without(decision, without)
    if rule is not None and rule not in countable(left):
        raise UsageError(
            f"These ballots cannot be counted by {rule.value}, which asks for another kind. "
            f"Rules that can: {', '.join(r.value for r in countable(left))}."
        )
    count = _count(left, rule or decision.proposal.rule, known)
    whole = _count(left, left.proposal.rule, known)
    return WhatIf(
        count=count,
        rules=tuple(_count(left, other, known) for other in countable(left)),
        pivotal=tuple(_pivotal(left, whole, known)),
        as_merged=_as_merged(left, known),
    )


def _as_merged(decision: Decision, known: Calibration) -> Tally | None:
    """Count without what people changed in the options."""
    if not decision.proposal.regroupings:
        return None
    proposal = as_it_was(decision.proposal)
    ballots = placed(proposal, map(as_cast, decision.ballots))
    return _count(replace(decision, proposal=proposal, ballots=ballots), proposal.rule, known)


def countable(decision: Decision) -> tuple[Rule, ...]:
    """Return the rules that can count a decision's ballots, its own among them."""
    forms = {_form(b) for b in decision.ballots} - {None} or {form_of(decision.proposal.rule)}
    own = (decision.proposal.rule,)
    if forms == {APPROVALS}:
        return tuple(dict.fromkeys((Rule.APPROVAL, *own)))
    first = _OF_CHOICES if CHOICE in forms or RANKING in forms else ()
    ranked = _OF_RANKINGS if forms == {RANKING} else ()
    return tuple(rule for rule in dict.fromkeys((*first, *ranked, *own)) if rule is not Rule.AUTO)


def unmarked(calibration: Calibration, decision: Decision) -> Calibration:
    """Return what is known without this decision: its own mark must not speak for itself."""
    rows = tuple(row for row in calibration.rows if row.decision != decision.id)
    return replace(calibration, rows=rows) if len(rows) < len(calibration.rows) else calibration


def _form(ballot: Ballot) -> str | None:
    """Return how an agent's ballot says what it is for; a person may always choose one."""
    if ballot.kind is BallotKind.HUMAN or ballot.casting:
        return None
    if ballot.ranking:
        return RANKING
    return APPROVALS if ballot.approvals else CHOICE if ballot.choice is not None else None


def _without(decision: Decision, gone: Collection[str]) -> Decision:
    if not gone:
        return decision
    proposal = decision.proposal
    return replace(
        decision,
        proposal=replace(
            proposal,
            eligible=tuple(name for name in proposal.eligible if name not in gone),
            seats=tuple(seat for seat in proposal.seats if seat.agent not in gone),
        ),
        ballots=tuple(ballot for ballot in decision.ballots if ballot.voter not in gone),
    )


def _count(decision: Decision, rule: Rule, known: Calibration) -> Tally:
    ballots = [ballot for ballot in decision.ballots if not ballot.override]
    return tally(replace(decision.proposal, rule=rule), ballots, known)


def _pivotal(decision: Decision, whole: Tally, known: Calibration) -> Iterator[str]:
    voters = dict.fromkeys((*decision.proposal.eligible, *(b.voter for b in decision.ballots)))
    for voter in voters:
        if len(voters) > 1:
            other = _count(_without(decision, (voter,)), decision.proposal.rule, known)
            if (other.winner, other.verdict) != (whole.winner, whole.verdict):
                yield voter
