"""One turn, a straight line; the only caller of `Agent.reply` (ARCHITECTURE: One turn).

Reserve and record before anything is sent, book after (STORAGE: Money that survives a crash). The
transport repeats what cannot have cost anything; failing over, and the one re-send of a call whose
outcome is unknown, happen here, each as a call of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace

from hub import calls
from hub.calls import Attempt, Loss, Parts
from hub.config import failpoint
from hub.consensus.ballot import BallotError, parse_ballot
from hub.consensus.labels import labels_for
from hub.domain.change import BeginTurn, EndTurn, NextCall
from hub.domain.decision import Ballot
from hub.domain.event import (
    Delta,
    MessagePosted,
    RouteChosen,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.query import (
    DecisionByRef,
    TurnById,
)
from hub.domain.thread import Message
from hub.domain.turn import Part, PartRole, Purpose, Reply, Turn, TurnState, View
from hub.domain.usage import Booking, HoldState
from hub.errors import (
    BadRequestError,
    ContentFilterError,
    GitBridgeError,
    PartitionBusyError,
    ProviderError,
    RoutingError,
    SendOutcome,
    TurnError,
)
from hub.ledger.tokens import estimate_tokens
from hub.threads import message_from

POLL_S = 0.2
"""Seconds between looks at a thread in which another program's turn runs."""
PATIENCE_S = 30.0
"""Longest Retry-After that is waited for when no other deployment is left (ROUTER: filters)."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a turn ended, for whoever waits for it."""

    turn: Turn
    message: Message | None = None
    ballot: Ballot | None = None
    error: GitBridgeError | None = None


async def run_turn(parts: Parts, turn: Turn) -> Finished:
    """Run one queued turn to its end: a message, a ballot, or a recorded failure."""
    run = _Run(parts, turn)
    try:
        failpoint("turn.before_a")
        await run.reserve(await calls.view_of(parts, turn))
        failpoint("turn.after_a")
        reply = await run.converse()
        failpoint("turn.after_reply")
        await run.settle(reply)
        failpoint("turn.after_b")
    except GitBridgeError as error:
        return await run.fail(error)
    except asyncio.CancelledError:
        return await run.cancel()
    return run.finished


class _Run:
    """One run of a turn: the calls made so far and what came of them."""

    def __init__(self, parts: Parts, turn: Turn) -> None:
        self.turn = turn
        self._parts = parts
        self._attempt: Attempt | None = None
        self._lost: Loss | None = None
        """End of the attempt's call, once it is known and not yet written."""
        self._message: Message | None = None
        self._ballot: Ballot | None = None
        self._partial: list[str] = []
        self._failed: list[tuple[str, str]] = []
        self._resent = False
        self._waited = False
        self._calling = False

    @property
    def finished(self) -> Finished:
        """How the turn ended, when it ended well."""
        return Finished(self.turn, self._message, self._ballot)

    async def reserve(self, view: View) -> None:
        """Choose the route, hold the money, record what will be sent (tx A)."""
        attempt = await calls.plan(self._parts, self.turn, view)
        try:
            while self._attempt is None:
                try:
                    await _unbroken(self._begin(attempt))
                except PartitionBusyError:
                    await self._parts.clock.sleep(POLL_S)
        except BaseException:
            if self._attempt is None:
                calls.give_back(self._parts, self.turn, attempt)
            raise

    async def _begin(self, attempt: Attempt) -> None:
        view = attempt.view
        self.turn = await self._parts.store.commit(
            BeginTurn(
                self.turn.id,
                view.persona,
                calls.sent_record(view),
                attempt.route,
                attempt.call,
                attempt.holds,
            )
        )
        self._attempt, self._calling = attempt, True
        self._parts.bus.publish(
            TurnChanged(self.turn), RouteChosen(self.turn.thread_id, attempt.route)
        )
        await calls.warn(self._parts, self.turn)

    async def converse(self) -> Reply:
        """Call until a usable answer is there: fail over, re-send once, repair a ballot once."""
        repaired = False
        while True:
            try:
                reply = await self._call()
            except ProviderError as error:
                self._observe(error=error)
                await self._recover(error)
                continue
            self._observe(reply=reply)
            if self.turn.order.purpose is not Purpose.BALLOT:
                return self._spoken(reply)
            try:
                self._ballot = await self._read_ballot(reply, repaired=repaired)
            except BallotError as error:
                self._lost = calls.wasted(self._current(), reply, self._parts.clock.now())
                if repaired:
                    name = self.turn.order.agent
                    raise TurnError(f"{name} cast no valid ballot. {error}") from None
                repaired = True
                await self._ask_again(reply, error)
                continue
            return reply

    async def settle(self, reply: Reply) -> None:
        """Write message or ballot, booking and end of the turn as one (tx B), then tell."""
        await _unbroken(self._settle(reply))

    async def _settle(self, reply: Reply) -> None:
        message = None
        if self._ballot is None:
            names = tuple(self._parts.personas)
            message = message_from(self.turn, reply, names, self._parts.clock.now())
        call = calls.answered(self._current(), reply, self._parts.clock.now())
        booking = self._parts.ledger.booking(self.turn, call, reply.usage)
        self._message = await self._parts.store.commit(
            EndTurn(
                self.turn.id,
                self.turn.fence,
                TurnState.DONE,
                call=call,
                booking=booking,
                message=message,
                ballot=self._ballot,
                decision_id=self.turn.order.decision_id,
            )
        )
        self.turn = await self._parts.store.read(TurnById(self.turn.id))
        if self._message is not None:
            self._parts.bus.publish(MessagePosted(self._message))
        self._parts.bus.publish(UsageRecorded(booking), TurnChanged(self.turn))

    async def fail(self, error: GitBridgeError) -> Finished:
        """End the turn without a result; what was or may have been spent is kept."""
        self._release()
        lost = isinstance(error, ProviderError) and error.outcome is SendOutcome.UNKNOWN
        unknown = lost and not self._partial
        await self._close(TurnState.UNKNOWN if unknown else TurnState.FAILED, error)
        self._parts.bus.publish(TurnFailed(self.turn, str(error)))
        return Finished(self.turn, error=error)

    async def cancel(self) -> Finished:
        """End the turn because the person, or the end of the program, wants it so."""
        if self.turn.state.ended:
            return self.finished
        self._release()
        error = TurnError(f"{self.turn.order.agent} was stopped before it had finished.")
        await self._close(TurnState.CANCELLED, error)
        return Finished(self.turn, error=error)

    def _spoken(self, reply: Reply) -> Reply:
        """Return a reply that can be posted: one without words is paid for, and no message."""
        if reply.text.strip():
            return reply
        self._lost = calls.wasted(self._current(), reply, self._parts.clock.now())
        raise TurnError(f"{self.turn.order.agent} called a tool; agents here have none. Ask again.")

    async def _call(self) -> Reply:
        """Make the one network call of the current attempt."""
        attempt = self._current()
        self._partial.clear()
        agent = self._parts.agents[attempt.call.provider]
        return await agent.reply(attempt.view, self._on_delta)

    def _on_delta(self, text: str) -> None:
        self._partial.append(text)
        turn = self.turn
        if turn.order.purpose is not Purpose.BALLOT:
            self._parts.bus.publish(Delta(turn.thread_id, turn.id, turn.order.agent, text))

    def _current(self) -> Attempt:
        assert self._attempt is not None  # noqa: S101  converse() comes after reserve()
        return self._attempt

    async def _recover(self, error: ProviderError) -> None:
        """Open the next call after a failed one, or raise the error where nothing may follow."""
        attempt = self._current()
        now = self._parts.clock.now()
        self._lost = calls.loss(attempt, error, "".join(self._partial), now)
        unknown = error.outcome is SendOutcome.UNKNOWN
        final = error.visible or isinstance(error, BadRequestError | ContentFilterError)
        if final or (unknown and self._resent):
            raise error
        self._resent = self._resent or unknown
        kind = type(error).__name__.removesuffix("Error")
        self._failed.append((attempt.route.deployment.id, f"failed in this turn: {kind}"))
        failed = tuple(self._failed)
        try:
            following = await calls.plan(
                self._parts, self.turn, attempt.view, after=attempt, failed=failed
            )
        except RoutingError:
            following = await self._same_again(error)
        await self._next(following)

    async def _same_again(self, error: ProviderError) -> Attempt:
        """Ask the only deployment once more: after its Retry-After, or for the one re-send."""
        attempt = self._current()
        wait = error.retry_after_s or 0.0
        once = error.outcome is SendOutcome.UNKNOWN or (wait and not self._waited)
        if not once or wait > PATIENCE_S:
            raise error
        self._waited = True
        if wait:
            await self._parts.clock.sleep(wait)
        return await calls.again(self._parts, self.turn, attempt, attempt.view)

    async def _next(self, following: Attempt) -> None:
        """Close the call that ended and open the next one in one transaction."""
        before = self._attempt
        try:
            await _unbroken(self._swap(following))
        except BaseException:
            if self._attempt is before:
                calls.give_back(self._parts, self.turn, following)
            raise

    async def _swap(self, following: Attempt) -> None:
        lost = self._lost
        assert lost is not None  # noqa: S101  only a call that ended is followed by another
        booking = self._booking(lost)
        await self._parts.store.commit(
            NextCall(
                fence=self.turn.fence,
                previous=lost.call,
                previous_holds=lost.holds,
                route=following.route,
                call=following.call,
                holds=following.holds,
                booking=booking,
            )
        )
        self._attempt, self._lost, self._calling = following, None, True
        if booking is not None:
            self._parts.bus.publish(UsageRecorded(booking))
        self._parts.bus.publish(RouteChosen(self.turn.thread_id, following.route))

    async def _read_ballot(self, reply: Reply, *, repaired: bool) -> Ballot:
        """Return the ballot in a reply, under the labels that this voter was shown."""
        order = self.turn.order
        decision = await self._parts.store.read(DecisionByRef(order.decision_id or ""))
        labels = labels_for(decision.proposal, order.agent)
        ballot = parse_ballot(
            reply.text,
            labels,
            voter=order.agent,
            round=order.round,
            rule=decision.proposal.rule,
        )
        family = self._current().route.deployment.family
        return replace(ballot, family=family, repaired=repaired, turn_id=self.turn.id)

    async def _ask_again(self, reply: Reply, problem: BallotError) -> None:
        """Send the one repair call for a ballot, carrying what was wrong with it."""
        attempt = self._current()
        repair = (
            Part(PartRole.ASSISTANT, reply.text[:2_000] or "(nothing)"),
            Part(PartRole.USER, f"{problem} Answer again, with the JSON object alone."),
        )
        extra = sum(estimate_tokens(part.text) for part in repair)
        view = replace(
            attempt.view,
            parts=(*attempt.view.parts, *repair),
            prompt_tokens=attempt.view.prompt_tokens + extra,
        )
        await self._next(await calls.again(self._parts, self.turn, attempt, view))

    async def _close(self, state: TurnState, error: GitBridgeError) -> None:
        """Write the end of a turn that has no result."""
        partial = "".join(self._partial)
        lost = self._lost
        if lost is None and self._attempt is not None:
            lost = calls.loss(self._attempt, error, partial, self._parts.clock.now())
        booking = self._booking(lost) if lost else None
        await self._parts.store.commit(
            EndTurn(
                self.turn.id,
                self.turn.fence,
                state,
                call=lost.call if lost else None,
                holds=lost.holds if lost else HoldState.RELEASED,
                booking=booking,
                partial=partial,
                error=str(error),
            )
        )
        self.turn = await self._parts.store.read(TurnById(self.turn.id))
        if booking is not None:
            self._parts.bus.publish(UsageRecorded(booking))
        self._parts.bus.publish(TurnChanged(self.turn))

    def _booking(self, lost: Loss) -> Booking | None:
        if lost.usage is None:
            return None
        return self._parts.ledger.booking(self.turn, lost.call, lost.usage)

    def _release(self) -> None:
        """Give back the place of a call that ended without saying anything of its deployment."""
        if self._calling:
            self._calling = False
            self._parts.router.released(self._current().route.deployment.id)

    def _observe(self, reply: Reply | None = None, error: ProviderError | None = None) -> None:
        """Tell the router how the call went."""
        self._calling = False
        fact = calls.fact(self._current(), self.turn, self._parts.clock.now(), reply, error)
        self._parts.router.observe(fact, error)


async def _unbroken(work: Coroutine[None, None, None]) -> None:
    """Finish a write although the turn is cancelled meanwhile: memory and journal must agree."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
