"""Two model families were seated, and one of them is gone: the person is asked what to do about it.

Failing over keeps every seat filled, and would turn a decision into advice without a word: alike
models make alike mistakes. Where nobody can be asked it goes on, and the record shows who stood in.
"""

from __future__ import annotations

from hub.asking import Asking
from hub.deciding.proposing import seats
from hub.domain.agent import Deployment
from hub.domain.decision import Decision, Proposal
from hub.domain.query import RouteOf
from hub.domain.seating import StandIn, left_with_one
from hub.router.filters import OVER_BUDGET
from hub.serving.calls import Parts


async def met_before(asking: Asking, proposal: Proposal) -> bool:
    """Ask before any ballot is, where all seats would go to one family now.

    Returns:
        False where the person would rather go on so, or stop; True: no family is missing, or none
        any more since they had it waited for.
    """
    while asking.parts.outages.can_ask and not asking.stopped:
        left = {seat.family for seat in seats(asking.parts, asking.ask, proposal.eligible)}
        gone = {seat.family for seat in proposal.seats} - left - {None}
        if len(left) != 1 or None in left or not gone:
            return True
        if not await _waited(asking, sorted(filter(None, gone)), next(filter(None, left))):
            return False
    return not asking.stopped


async def met_after(asking: Asking, decision: Decision) -> dict[str, Deployment]:
    """Return who is to vote again, once an outage has been waited for, and what serves them.

    Nobody, unless all ballots came from one family while another was seated, and its provider
    failed in these very turns.
    """
    found = left_with_one(decision.proposal, decision.ballots)
    if not found or asking.stopped or not asking.parts.outages.can_ask:
        return {}
    if not all([await _was_out(asking.parts, one) for one in found]):
        return {}
    gone = sorted({one.seated for one in found})
    if not await _waited(asking, gone, found[0].served):
        return {}
    if not await met_before(asking, decision.proposal):  # it may be gone still
        return {}
    seated = {seat.agent: seat.deployment for seat in decision.proposal.seats}
    known = {d.id: d for d in asking.parts.deployments}
    again = {one.ballot.voter: known.get(seated[one.ballot.voter]) for one in found}
    return {name: deployment for name, deployment in again.items() if deployment is not None}


async def _waited(asking: Asking, gone: list[str], left: str) -> bool:
    reason = f"{left} serves all seats, and with one model family the outcome is advice."
    return await asking.wait_out(tuple(gone), reason)


async def _was_out(parts: Parts, one: StandIn) -> bool:
    """Tell whether what was seated could not be reached, rather than not be paid for."""
    turn = one.ballot.turn_id
    route = None if turn is None else await parts.store.read(RouteOf(turn))
    if route is None:
        return False
    seated = {d.id for d in parts.deployments if d.family == one.seated}
    why = [c.removed for c in route.candidates if c.deployment in seated]
    return bool(why) and all(r is not None and not r.startswith(OVER_BUDGET) for r in why)
