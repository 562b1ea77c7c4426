"""Puts turns in line, hands them to the engine, and tells whoever waits how they ended."""

from __future__ import annotations

import asyncio

from hub.calls import Parts
from hub.domain.change import CancelTurn, QueueTurn
from hub.domain.event import TurnChanged
from hub.domain.ids import ThreadId, TurnId, new_id
from hub.domain.query import TurnById
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.errors import GitBridgeError, TurnError, UsageError
from hub.turns import Finished, run_turn


class TurnQueue:
    """The turns of this program that have not ended."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: dict[TurnId, asyncio.Future[Finished]] = {}

    async def queue(self, thread_id: ThreadId, order: TurnOrder) -> Turn:
        """Put a turn in line and hand it to the engine.

        Turns of a blind round run side by side, all others of a thread one after the other.

        Raises:
            UsageError: No such agent.
            OrphanedTurnsError: A dead program left turns in the thread.
        """
        if order.agent not in self._parts.personas:
            known = ", ".join(self._parts.personas)
            raise UsageError(f"There is no agent named {order.agent!r}. Agents: {known}.")
        alone = order.purpose is Purpose.REPLY
        turn = await self._parts.store.commit(
            QueueTurn(
                Turn(
                    id=TurnId(new_id()),
                    thread_id=thread_id,
                    order=order,
                    partition_key=thread_id if alone else f"{thread_id}/{order.agent}",
                    state=TurnState.QUEUED,
                    queued_at=self._parts.clock.now(),
                )
            )
        )
        await self.dispatch(turn)
        return turn

    async def dispatch(self, turn: Turn) -> None:
        """Hand a queued turn of this program to the engine."""
        if turn.id not in self._waiting:
            self._waiting[turn.id] = asyncio.get_running_loop().create_future()
        self._parts.bus.publish(TurnChanged(turn))
        await self._parts.engine.enqueue(turn.id, turn.partition_key)

    async def finished(self, turn_id: TurnId) -> Finished:
        """Wait until a turn that this program queued has ended."""
        try:
            return await asyncio.shield(self._waiting[turn_id])
        finally:
            if self._waiting[turn_id].done():
                del self._waiting[turn_id]

    async def stop(self, turn_id: TurnId) -> Turn:
        """Stop a turn now, queued or running; what was spent is booked."""
        turn = await self._parts.store.commit(CancelTurn(turn_id, self._parts.clock.now()))
        await self._parts.engine.cancel(turn_id)
        turn = await self._parts.store.read(TurnById(turn_id))
        self._end(Finished(turn, error=TurnError(f"{turn.order.agent} was stopped.")))
        return turn

    def running(self) -> tuple[TurnId, ...]:
        """Turns of this program that have not ended, in the order they were queued."""
        return tuple(id_ for id_, future in self._waiting.items() if not future.done())

    async def run(self, turn_id: TurnId) -> None:
        """Run one queued turn to its end; returns at once for a finished one."""
        turn = await self._parts.store.read(TurnById(turn_id))
        if turn.state.ended:
            return
        try:
            self._end(await run_turn(self._parts, turn))
        except GitBridgeError as error:  # the journal itself refused to take the turn's end
            self._end(Finished(turn, error=error))

    def _end(self, finished: Finished) -> None:
        future = self._waiting.get(finished.turn.id)
        if future is not None and not future.done():
            future.set_result(finished)
