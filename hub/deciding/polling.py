"""One round of ballots: who is asked, in which order, and when nobody else need be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

from hub.asking import Asking
from hub.consensus.answers import vote_in
from hub.consensus.early_stop import ENOUGH, fewest, stop_reason
from hub.consensus.labels import ballot_schema, labels_for, offering
from hub.consensus.learning.calibration import Calibration
from hub.consensus.profile import profile_of
from hub.consensus.sequence import cascade_pair, cheapest, next_voters
from hub.consensus.tally import tally
from hub.consensus.weighing import weigh
from hub.deciding.calibrating import Calibrations
from hub.deciding.headroom import means_for
from hub.deciding.wording import ballot_words
from hub.domain.agent import Deployment
from hub.domain.change import CastBallot
from hub.domain.decision import Ballot, BallotKind, Decision, Proposal, Rule, Tally
from hub.domain.event import BallotCast, BallotMissing
from hub.domain.query import DecisionByRef, RouteOf
from hub.domain.regrouping import as_cast, placed
from hub.domain.text import one_line
from hub.domain.thread import Message
from hub.domain.turn import Purpose, TurnOrder
from hub.serving.finished import Finished

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Polled:
    """What a round of ballots came to."""

    decision: Decision
    """As the journal holds it, with ballots that people cast meanwhile."""
    count: Tally
    stopped: str = ""
    """Why not everybody was asked; empty where nothing ended the round early."""


class Poll:
    """The votes on one decision."""

    def __init__(self, asking: Asking, calibrations: Calibrations) -> None:
        self._asking = asking
        self._parts = asking.parts
        self._calibrations = calibrations

    async def round(self, decision: Decision, number: int) -> Polled:
        """Collect one ballot from each voter whom the rule wants to hear; count what is there.

        Each ballot counts the moment it is committed. A person's override ends the round.
        """
        asked: set[str] = set()
        while True:
            decision, calibration = await self._now(decision)
            voters, stopped = await self._next(decision, number, asked, calibration)
            orders = [self._order(decision, agent, number) for agent in voters]
            orders = [] if stopped else await self._paid_for(decision.proposal, orders)
            if not orders:
                count = await self.count(decision, number)
                return Polled(decision, count, stopped)
            told = [b for b in decision.ballots if b.round < number or b.voter in asked]
            async for finished in self._asking.turns(orders):
                await self._tell(decision, finished, told)
            asked |= {order.agent for order in orders}

    async def once_more(
        self, decision: Decision, agents: Mapping[str, Deployment], number: int
    ) -> Polled:
        """Ask some voters again, each served by what was seated: other families stood in for that."""
        orders = [
            replace(self._order(decision, agent, number), provider=by.provider, model=by.model)
            for agent, by in agents.items()
        ]
        orders = await self._paid_for(decision.proposal, orders)
        async for finished in self._asking.turns(orders):
            await self._tell(decision, finished, list(decision.ballots))
        decision, _ = await self._now(decision)
        return Polled(decision, await self.count(decision, number))

    async def by_posts(
        self, decision: Decision, number: int, posts: Mapping[str, Message]
    ) -> Polled:
        """Cast the vote that each agent's post is, unless that was done before; count."""
        store = self._parts.store
        decision, _ = await self._now(decision)
        proposal = decision.proposal
        taken = {ballot.turn_id for ballot in decision.ballots}
        told = list(decision.ballots)
        for voter, message in posts.items():
            if message.turn_id in taken:
                continue
            ballot = vote_in(message.body, voter, number, proposal.options, proposal.kind)
            route = await store.read(RouteOf(message.turn_id)) if message.turn_id else None
            if ballot is None or route is None:
                reason = "its post holds no answer on a line of its own"
                missing = BallotMissing(decision.thread_id, decision.id, voter, reason)
                self._parts.bus.publish(missing)
                continue
            served = route.deployment
            ballot = replace(
                ballot,
                turn_id=message.turn_id,
                family=served.family,
                deployment=served.id,
            )
            await store.commit(CastBallot(decision.id, ballot))
            await self._tell_cast(decision, ballot, told)
        decision, _ = await self._now(decision)
        return Polled(decision, await self.count(decision, number))

    async def count(self, decision: Decision, number: int) -> Tally:
        """Count the ballots up to a round; a program that is gone may have been in a later one."""
        _, calibration = await self._now(decision)
        ballots = [
            b
            for b in decision.ballots
            if b.round <= number or b.kind is BallotKind.HUMAN or b.casting or self._asking.stopped
        ]
        return await _aside(calibration, tally, decision.proposal, ballots, calibration)

    async def again(self, polled: Polled) -> Polled:
        """Count once more, with what has come since."""
        decision, _ = await self._now(polled.decision)
        last = max((ballot.round for ballot in decision.ballots), default=1)
        return replace(polled, decision=decision, count=await self.count(decision, last))

    async def break_tie(self, polled: Polled, agent: str, by: Deployment, number: int) -> Polled:
        """Ask one agent once more, served by another model, to choose among options that are level."""
        decision, _ = await self._now(polled.decision)
        order = self._order(decision, agent, number, tied=polled.count.leaders)
        order = replace(order, provider=by.provider, model=by.model)
        orders = await self._paid_for(decision.proposal, [order])
        async for finished in self._asking.turns(orders):
            await self._tell(decision, finished, list(decision.ballots))
        decision, _ = await self._now(decision)
        return replace(polled, decision=decision, count=await self.count(decision, number))

    async def _now(self, decision: Decision) -> tuple[Decision, Calibration]:
        """Return the decision as it stands, and what is known of its voters."""
        stored = await self._parts.store.read(DecisionByRef(decision.id))
        return stored, await self._calibrations.current(stored.proposal.rule)

    async def _next(
        self, decision: Decision, number: int, asked: set[str], calibration: Calibration
    ) -> tuple[tuple[str, ...], str]:
        """Return whom to ask now, side by side, and why nobody else is asked."""
        proposal = decision.proposal
        if any(ballot.override for ballot in decision.ballots):
            return (), "person"
        ballots = [b for b in decision.ballots if b.round <= number]
        profile = profile_of(proposal, [b for b in ballots if b.voter in asked])
        weighing = await _aside(calibration, weigh, profile, calibration)
        voters = next_voters(profile, weighing, asked)
        if not voters:
            return (), ENOUGH if asked < set(proposal.eligible) else ""
        if not (proposal.stop_early or proposal.rule is Rule.PANEL):
            return voters, ""
        known = (proposal, ballots, asked)
        if asked and (why := await _aside(calibration, stop_reason, *known, calibration)):
            return (), why
        if proposal.stop_early:
            # Two families first: until then one more ballot could make a decision of advice.
            cheap = tuple(voter for voter in _frugal(proposal) if voter in voters)
            wanted = await _aside(calibration, fewest, *known, cheap, calibration)
            voters = cheap[:wanted]
        return voters, ""

    async def _paid_for(self, proposal: Proposal, orders: list[TurnOrder]) -> list[TurnOrder]:
        """Return those that budgets pay for now: two families first, then as many as there can be.

        Where they pay for none, the question is asked no more.
        """
        if self._asking.stopped:
            return orders
        frugal = _frugal(proposal)
        means = await means_for(self._asking, sorted(orders, key=lambda o: frugal.index(o.agent)))
        if means.refused is not None and not means.orders:
            self._asking.spent(means.refused)
        return [order for order in orders if order in means.orders]

    def _order(
        self, decision: Decision, agent: str, number: int, tied: tuple[str, ...] = ()
    ) -> TurnOrder:
        offered = offering(decision.proposal, tied)
        labels = labels_for(offered, agent, number)
        return replace(
            self._asking.order(agent, Purpose.BALLOT, self._asking.question.id),
            blind=True,
            committee=True,
            round=number,
            decision_id=decision.id,
            schema=ballot_schema(offered, labels),
            options=tuple(option.id for option in offered.options),
            regroupings=len(decision.proposal.regroupings),
            casting=bool(tied),
            instruction=ballot_words(decision, labels, agent, casting=bool(tied)),
        )

    async def _tell(self, decision: Decision, finished: Finished, told: list[Ballot]) -> None:
        """Tell a ballot with the count so far, which it joins, or why there is none."""
        bus, agent = self._parts.bus, finished.turn.order.agent
        if finished.ballot is None:
            reason = one_line(str(finished.error or "no ballot"), 200)
            bus.publish(BallotMissing(decision.thread_id, decision.id, agent, reason))
            return
        await self._tell_cast(decision, finished.ballot, told)

    async def _tell_cast(self, decision: Decision, ballot: Ballot, told: list[Ballot]) -> None:
        told.append(ballot)
        stored, known = await self._now(decision)
        so_far = placed(stored.proposal, map(as_cast, told))
        count = await _aside(known, tally, stored.proposal, so_far, known)
        self._parts.bus.publish(BallotCast(decision.thread_id, decision.id, so_far[-1], count))


def _frugal(proposal: Proposal) -> tuple[str, ...]:
    """Return the voters, two of different families first, then the cheapest."""
    return tuple(dict.fromkeys((*cascade_pair(proposal), *cheapest(proposal))))


async def _aside(known: Calibration, work: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Work beside the loop where many marks make it long: nobody else has to wait for that."""
    return await asyncio.to_thread(work, *args, **more) if known.rows else work(*args, **more)
