"""Counts a decision's ballots once more from the record alone, and says what differs.

What people changed in the options is undone and made again, and each ballot is put back to what it was
cast for and moved again.
"""

from __future__ import annotations

from dataclasses import fields

from hub.consensus.dissent import dissent, flips
from hub.consensus.tally import recount
from hub.domain.decision import Decision
from hub.domain.regrouping import ever_on_table, is_borne_out, placed
from hub.domain.thread import REDACTED
from hub.errors import UsageError


def differences(decision: Decision) -> tuple[str, ...]:
    """Return which parts of the record its ballots do not bear out; none: it holds.

    Raises:
        UsageError: It was never counted, or texts were taken out, by which options are known.
    """
    if decision.tally is None:
        raise UsageError(f"Decision {decision.id} has no tally: there is nothing to count again.")
    if any(REDACTED in option.text for option in ever_on_table(decision.proposal)):
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
    if not is_borne_out(decision.proposal):
        found.append("options")
    if placed(decision.proposal, decision.ballots) != decision.ballots:
        found.append("ballots")
    if dissent(decision.proposal, decision.ballots, again) != decision.dissent:
        found.append("dissent")
    if flips(decision.ballots) != decision.flips:
        found.append("flips")
    return tuple(found)
