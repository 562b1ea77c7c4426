"""Two model families were seated, and one of them is gone: the person is asked what to do about it.

Failing over keeps every seat filled, and would turn a decision into advice without a word: alike
models make alike mistakes. Where nobody can be asked it goes on, and the record names who was not heard.
"""

from __future__ import annotations

from hub.asking import Asking
from hub.deciding.proposing import seats
from hub.domain.agent import Deployment
from hub.domain.decision import Ballot, Decision, Proposal
from hub.domain.query import RouteOf
from hub.domain.route import FAILED
from hub.domain.seating import agents_ballots, left_with_one
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

    Nobody, unless all ballots came from one family while another was seated, and some of these very
    turns could not reach that one.
    """
    gone = left_with_one(decision.proposal, decision.ballots)
    if not gone or asking.stopped or not asking.parts.outages.can_ask:
        return {}
    cast = agents_ballots(decision.ballots)
    moved = [ballot.voter for ballot in cast if await _was_out(asking.parts, ballot, gone)]
    if not moved or not await _waited(asking, list(gone), cast[0].family or ""):
        return {}
    if not await met_before(asking, decision.proposal):  # it may be gone still
        return {}
    again = {
        name: _of(asking.parts, decision.proposal, name, gone)
        for name in _as_many_as_seated(decision.proposal, moved, gone)
    }
    return {name: deployment for name, deployment in again.items() if deployment is not None}


def _as_many_as_seated(proposal: Proposal, moved: list[str], gone: tuple[str, ...]) -> list[str]:
    """Return as many of the voters as the missing families had seats, their own seats first."""
    seats = {seat.agent for seat in proposal.seats if seat.family in gone}
    return sorted(moved, key=lambda name: (name not in seats, name))[: len(seats)]


async def _waited(asking: Asking, gone: list[str], left: str) -> bool:
    reason = f"{left} serves all seats, and with one model family the outcome is advice."
    return await asking.wait_out(tuple(gone), reason)


async def _was_out(parts: Parts, ballot: Ballot, gone: tuple[str, ...]) -> bool:
    """Tell whether a ballot's turn could not reach a family, rather than not pay for it."""
    turn = ballot.turn_id
    route = None if turn is None else await parts.store.read(RouteOf(turn))
    if route is None:
        return False
    now, state = parts.clock.now(), parts.router.state
    missing = {d.id: d.provider for d in parts.deployments if d.family in gone}
    why = [c for c in route.candidates if c.deployment in missing]
    return bool(why) and all(
        c.removed is not None
        and (FAILED in c.removed or state.refusal(missing[c.deployment], now) is not None)
        for c in why
    )


def _of(parts: Parts, proposal: Proposal, agent: str, gone: tuple[str, ...]) -> Deployment | None:
    """Return a deployment of a missing family that an agent may use, one that was seated first."""
    seated = {seat.deployment for seat in proposal.seats}
    may = parts.personas[agent].deployments
    fitting = [
        d
        for d in parts.deployments
        if d.family in gone and (not may or {d.id, d.provider} & set(may))
    ]
    return min(fitting, key=lambda d: (d.id not in seated, d.id), default=None)
