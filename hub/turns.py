"""One turn, a straight line; the only caller of `Agent.reply` (ARCHITECTURE: One turn).

Reserve and record before anything is sent, book after (STORAGE: Money that survives a crash). The
transport repeats what cannot have cost anything; failing over, and the one re-send of a call whose
outcome is unknown, happen here, each as a call of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from hub.config import failpoint
from hub.consensus.ballot import BallotError
from hub.domain.change import Closed, EndTurn, NextCall
from hub.domain.decision import Ballot
from hub.domain.event import (
    Delta,
    MessagePosted,
    RouteChosen,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.query import TurnById
from hub.domain.thread import Message
from hub.domain.turn import Purpose, Reply, Turn, TurnState
from hub.domain.usage import Booking, HoldState
from hub.engine.unbroken import to_its_end, unbroken
from hub.errors import (
    GitBridgeError,
    PartitionBusyError,
    ProviderError,
    RoutingError,
    TurnError,
)
from hub.ledger.purse import HeldBackError
from hub.ledger.tokens import estimate_tokens
from hub.ports import OnDelta
from hub.serving import attempts, calls
from hub.serving.attempts import Attempt, CallEnd
from hub.serving.balloting import read_ballot
from hub.serving.calls import Parts
from hub.serving.claiming import Begun, claim
from hub.serving.failover import Failover
from hub.serving.finished import Finished, OnlyCall, broken_off
from hub.serving.hedging import Race
from hub.serving.patience import Patience
from hub.threads import message_from
from hub.views import repair_view

POLL_S = 0.2
"""Seconds between looks at a thread in which another program's turn runs."""


async def run_turn(
    parts: Parts, turn: Turn, ending: Callable[[], bool], begun: Begun | None = None
) -> Finished:
    """Run one turn to its end; back into line where `ending` tells that the program ends.

    Args:
        parts: What turns work with.
        turn: It, as it was queued.
        ending: Tells whether this program is about to end.
        begun: Given where it has begun together with its question.
    """
    run = _Run(parts, turn)
    try:
        await run.reserve(begun)
        failpoint("turn.after_a")
        reply = await run.converse()
        failpoint("turn.after_reply")
        await unbroken(run.settle(reply))
        failpoint("turn.after_b")
    except GitBridgeError as error:
        return await to_its_end(run.fail(error))
    except asyncio.CancelledError:
        return await to_its_end(run.cancel(ending=ending()))
    except Exception as error:
        await to_its_end(run.fail(broken_off(turn, error)))
        raise
    finally:
        parts.purse.let_go(turn.id)
        parts.router.line.leave(turn.id)
    return run.finished


async def give_up(parts: Parts, begun: Begun, *, ending: bool) -> Finished:
    """End a turn that has begun and sent nothing; where the program ends it is back in line."""
    run = _Run(parts, begun.turn)
    await run.reserve(begun)
    try:
        return await run.cancel(ending=ending)
    finally:
        parts.purse.let_go(begun.turn.id)


class _Run:
    """One run of a turn: the calls made so far and what came of them."""

    def __init__(self, parts: Parts, turn: Turn) -> None:
        self.turn = turn
        self._parts = parts
        self._attempt: Attempt | None = None
        self._end: CallEnd | None = None
        """End of the attempt's call, once it is known and not yet written."""
        self._message: Message | None = None
        self._ballot: Ballot | None = None
        self._only: OnlyCall | None = None
        self._partial: list[str] = []
        self._beside: CallEnd | None = None
        """End of a call that ran beside it, until it is written with it."""
        line, slots = parts.router.line, parts.slots
        self._patience = Patience(turn, parts.bus, parts.clock, line, slots)
        self._failover = Failover(parts, turn, self._patience)
        self._calling = False
        """True while the router counts a call of ours as under way."""
        self._sent = False
        """True once the current call may have reached its provider."""

    @property
    def finished(self) -> Finished:
        """How the turn ended, when it ended well."""
        return Finished(self.turn, self._message, self._ballot, only=self._only)

    async def reserve(self, begun: Begun | None) -> None:
        """Choose the route, hold the money, record what will be sent (tx A).

        What has to wait is read, routed and reserved anew afterwards.
        """
        if begun is not None:
            self._take(begun)
            return
        self._failover.resent = await calls.lost_before(self._parts, self.turn)
        while self._attempt is None:
            try:
                await claim(self._parts, self.turn, self._take)
            except PartitionBusyError:
                await self._patience.aside(self._parts.clock.sleep(POLL_S))
            except HeldBackError:
                await self._patience.aside(self._parts.purse.changed())
            except RoutingError as error:
                await self._patience.rest(error)

    def _take(self, begun: Begun) -> None:
        self.turn, self._attempt, self._calling = begun.turn, begun.attempt, True

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
            name = self.turn.order.agent
            if self.turn.order.purpose is not Purpose.BALLOT:
                if reply.text.strip():
                    return reply
                raise TurnError(f"{name} called a tool; agents here have none. Ask again.")
            try:
                ballot = await read_ballot(self._parts, self.turn, reply, self._current())
            except BallotError as error:
                if repaired:
                    raise TurnError(f"{name} cast no valid ballot. {error}") from None
                repaired = True
                await self._ask_again(reply, error)
                continue
            self._ballot = replace(ballot, repaired=repaired) if ballot else None
            return reply

    async def settle(self, reply: Reply) -> None:
        """Write message or ballot, booking and end of the turn as one (tx B), then tell."""
        paid, beside = self._ended(), self._closed_beside()
        booking = self._booking(paid)
        message = None
        if self.turn.order.purpose is not Purpose.BALLOT:
            names = tuple(self._parts.personas)
            message = message_from(self.turn, reply, names, self._parts.clock.now())
        self._message = await self._parts.store.commit(
            EndTurn(
                self.turn.id,
                self.turn.fence,
                TurnState.DONE,
                call=paid.call,
                booking=booking,
                message=message,
                ballot=self._ballot,
                decision_id=self.turn.order.decision_id,
                partial="" if message or self._ballot else reply.text,
                beside=beside,
            )
        )
        if booking and booking.cost.total is not None and not booking.usage.estimated:
            attempt = self._current()
            self._parts.router.memory.paid(attempt.request, attempt.route, booking.cost.total)
        if self._message is not None:
            self._parts.bus.publish(MessagePosted(self._message))
        if booking and beside is None and (self.turn.fence, paid.call.n) == (1, 1):
            self._only = OnlyCall(paid.call, paid.attempt.route, booking)
        await self._tell_end(booking, beside)
        if self.turn.state is not TurnState.DONE:
            raise TurnError(f"The turn of {self.turn.order.agent} was taken over meanwhile.")

    async def fail(self, error: GitBridgeError) -> Finished:
        """End the turn without a result; what was or may have been spent is kept."""
        lost = isinstance(error, ProviderError) and self._end
        unknown = lost and lost.holds is HoldState.UNSETTLED
        await self._close(TurnState.UNKNOWN if unknown else TurnState.FAILED, error)
        self._parts.bus.publish(TurnFailed(self.turn, str(error)))
        return Finished(self.turn, error=error)

    async def cancel(self, *, ending: bool) -> Finished:
        """End the turn as the person wants it; put it back in line where the program ends.

        One that was re-sent already is not sent a third time.
        """
        if self.turn.state.ended:
            return self.finished
        error = TurnError(f"{self.turn.order.agent} was stopped before it had finished.")
        in_line = TurnState.UNKNOWN if self._failover.resent and self._sent else TurnState.QUEUED
        await self._close(in_line if ending else TurnState.CANCELLED, error)
        return Finished(self.turn, error=error)

    async def _call(self) -> Reply:
        """Make the network call of the current attempt, and one beside it where that is late."""
        attempt = self._current()
        self._partial.clear()
        self._sent = True
        first = attempt.call.n == 1 and not self._failover.resent
        if not (attempt.view.persona.hedge and first):
            return await self._ask(attempt, self._on_delta)
        race = Race(self._parts, self.turn, attempt, self._ask, self._on_delta)
        try:
            return await race.run()
        finally:
            self._attempt, self._beside = race.attempt, race.beside
            if self._beside is not None and race.failure is not None:
                self._failover.note(self._beside.attempt, race.failure)

    async def _ask(self, attempt: Attempt, on_delta: OnDelta) -> Reply:
        agent = self._parts.agents[attempt.call.provider]
        return await agent.reply(attempt.view, on_delta)

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
        await self._next(await self._failover.after(error, self._over()))

    async def _next(self, following: Attempt) -> None:
        """Close the call that ended and open the next one in one transaction."""
        try:
            await unbroken(self._swap(following))
        finally:
            if self._attempt is not following:
                calls.give_back(self._parts, self.turn, following)

    async def _swap(self, following: Attempt) -> None:
        ended = self._ended()
        booking, beside = self._booking(ended), self._closed_beside()
        await self._parts.store.commit(
            NextCall(
                fence=self.turn.fence,
                previous=ended.call,
                previous_holds=ended.holds,
                route=following.route,
                call=following.call,
                holds=following.holds,
                booking=booking,
                sent=attempts.sent_record(following.view),
                beside=beside,
            )
        )
        self._attempt, self._end, self._beside = following, None, None
        self._calling, self._sent = True, False
        self._tell_costs(booking, beside)
        self._parts.bus.publish(RouteChosen(self.turn.thread_id, following.route))

    async def _ask_again(self, reply: Reply, problem: BallotError) -> None:
        """Send the one repair call for a ballot, carrying what was wrong with it."""
        view = self._current().view
        view = repair_view(view, reply.text, str(problem), count=estimate_tokens)
        await self._next(await calls.again(self._parts, self.turn, view, self._over()))

    async def _close(self, state: TurnState, error: GitBridgeError) -> None:
        """Write the end of a turn that has no result."""
        self._release()
        calls.leave_seat(self._parts, self.turn)
        lost, partial = self._end, "".join(self._partial)
        if lost is None and self._attempt is not None:
            at, sent = self._parts.clock.now(), self._sent
            lost = attempts.stopped(self._attempt, error, partial, at, sent=sent)
        booking, beside = self._booking(lost) if lost else None, self._closed_beside()
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
                beside=beside,
            )
        )
        await self._tell_end(booking, beside)

    async def _tell_end(self, booking: Booking | None, beside: Closed | None) -> None:
        """Tell, after the commit, what the turn cost and that it has ended."""
        self._tell_costs(booking, beside)
        self.turn = await self._parts.store.read(TurnById(self.turn.id))
        self._parts.bus.publish(TurnChanged(self.turn))

    def _tell_costs(self, booking: Booking | None, beside: Closed | None) -> None:
        for booked in (beside.booking if beside else None, booking):  # its own is the newest
            if booked is not None:
                self._parts.bus.publish(UsageRecorded(booked))

    def _ended(self) -> CallEnd:
        assert self._end is not None  # noqa: S101  set as soon as a call has ended
        return self._end

    def _over(self) -> tuple[CallEnd, ...]:
        """Return the ends of the call, and of the one that ran beside it, that are not written."""
        return (self._ended(), self._beside) if self._beside else (self._ended(),)

    def _booking(self, end: CallEnd) -> Booking | None:
        if end.usage is None:
            return None
        sent = sum(len(part.text) for part in end.attempt.view.parts)
        return self._parts.ledger.booking(self.turn, end.call, end.usage, prompt_length=sent)

    def _closed_beside(self) -> Closed | None:
        """Return the end of the call that ran beside this one, with what to book for it."""
        end = self._beside
        return Closed(end.call, end.holds, self._booking(end)) if end else None

    def _release(self) -> None:
        """Give back the place of a call that ended without saying anything of its deployment."""
        if self._calling:
            self._calling = False
            calls.released(self._parts, self._current(), sent=self._sent)

    def _observe(self, reply: Reply | None = None, error: ProviderError | None = None) -> None:
        """Tell the router how the call went, and keep what it has cost."""
        self._calling = False
        attempt, now = self._current(), self._parts.clock.now()
        calls.observed(self._parts, self.turn, attempt, reply, error)
        if reply is not None:
            self._end = attempts.answered(attempt, reply, now)
        elif error is not None:
            self._end = attempts.broken(attempt, error, "".join(self._partial), now)
