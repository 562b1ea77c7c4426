"""Counts a decision's ballots once more from the record alone, and says what differs."""

from __future__ import annotations

from dataclasses import fields

from hub.consensus.dissent import dissent, flips
from hub.consensus.tally import recount
from hub.domain.decision import Decision
from hub.domain.thread import REDACTED
from hub.errors import UsageError


def differences(decision: Decision) -> tuple[str, ...]:
    """Return which parts of the record its ballots do not bear out; none: it holds.

    Raises:
        UsageError: It was never counted, or texts were taken out, by which options are known.
    """
    if decision.tally is None:
        raise UsageError(f"Decision {decision.id} has no tally: there is nothing to count again.")
    if any(REDACTED in option.text for option in decision.proposal.options):
        raise UsageError(
            f"Texts were taken out of decision {decision.id}: it cannot be counted again."
        )
    try:
        again = recount(decision.proposal, decision.ballots, decision.tally.weighing)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise UsageError(
            f"Decision {decision.id} contradicts itself: what its count weighed does not fit its "
            "voters, so it cannot be counted again."
        ) from error
    found = [
        field.name
        for field in fields(again)
        if getattr(again, field.name) != getattr(decision.tally, field.name)
    ]
    if dissent(decision.proposal, decision.ballots, again) != decision.dissent:
        found.append("dissent")
    if flips(decision.ballots) != decision.flips:
        found.append("flips")
    return tuple(found)
