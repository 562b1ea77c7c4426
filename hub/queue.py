"""Puts turns in line, hands them to the engine, and tells whoever waits how they ended."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from hub.domain.ask import Asked
from hub.domain.change import AskQuestion, CancelTurn, QueueTurn
from hub.domain.event import TurnChanged
from hub.domain.ids import ThreadId, TurnId, new_id
from hub.domain.query import TurnById
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.engine.unbroken import to_its_end
from hub.errors import GitBridgeError, TurnError, UsageError
from hub.serving.calls import Parts
from hub.serving.claiming import Begun, ask, may_begin_with_question, post
from hub.serving.finished import Finished, broken_off
from hub.turns import give_up, run_turn


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A turn that was handed to the engine, and what becomes of it."""

    turn: Turn
    """As it was queued."""
    future: asyncio.Future[Finished]


class TurnQueue:
    """The turns of this program that have not ended."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: dict[TurnId, _Waiting] = {}
        self._posting: dict[TurnId, asyncio.Event] = {}
        """Turns whose question is being posted together with their beginning; set when it is."""
        self._begun: dict[TurnId, Begun] = {}
        """Turns that began with their question, until they run."""
        self._unwanted: set[TurnId] = set()
        """Turns that the person stopped, until they have ended."""
        self.closing = False
        """True once this program is ending and takes no more turns."""
        self._closed = False
        """True once it hands none to the engine any more."""

    async def ask(self, change: AskQuestion) -> Asked:
        """Post a question; a turn that comes with it begins at once where none is before it.

        Raises:
            OrphanedTurnsError: A dead program left turns in the thread.
            TurnError: This program has ended meanwhile; what was posted stays in line.
        """
        turn = change.turn
        if turn is not None and may_begin_with_question() and not self._is_busy(turn.partition_key):
            return await self._begin(change, turn)
        asked = await post(self._parts, change)
        if asked.turn is not None:
            await self.dispatch(asked.turn)
        return asked

    async def _begin(self, change: AskQuestion, turn: Turn) -> Asked:
        """Hold the turn's place in its partition while its question is posted and it begins."""
        self._waiting[turn.id] = _Waiting(turn, asyncio.get_running_loop().create_future())
        posted = self._posting[turn.id] = asyncio.Event()
        await self._parts.engine.enqueue(turn.id, turn.partition_key)
        try:
            asked = await ask(self._parts, change, turn, self._take)
            if asked.turn is not None and turn.id not in self._begun:
                self._parts.bus.publish(TurnChanged(asked.turn))
        except BaseException:
            del self._waiting[turn.id]  # nothing was posted
            raise
        finally:
            del self._posting[turn.id]
            posted.set()
        if self._closed:
            await self._give_up(turn.id, ending=True)
            raise _stays_in_line(turn)
        return asked

    def _take(self, begun: Begun) -> None:
        self._begun[begun.turn.id] = begun

    async def _give_up(self, turn_id: TurnId, *, ending: bool) -> None:
        """End a turn that began with its question and has not run."""
        if begun := self._begun.pop(turn_id, None):
            finished = await to_its_end(give_up(self._parts, begun, ending=ending))
            if not ending:
                self._end(turn_id, finished)

    def _is_busy(self, partition: str) -> bool:
        """Tell whether a turn of this program is running or in line there."""
        waiting = (w for w in self._waiting.values() if not w.future.done())
        return any(one.turn.partition_key == partition for one in waiting)

    async def queue(self, thread_id: ThreadId, order: TurnOrder) -> Turn:
        """Put a turn in line and hand it to the engine.

        Raises:
            UsageError: No such agent.
            OrphanedTurnsError: A dead program left turns in the thread.
            TurnError: This program is ending.
        """
        turn = await self._parts.store.commit(QueueTurn(self.prepare(thread_id, order)))
        await self.dispatch(turn)
        return turn

    def prepare(self, thread_id: ThreadId, order: TurnOrder) -> Turn:
        """Return a turn that can be put in line.

        Turns of a blind round run side by side, all others of a thread one after the other.

        Raises:
            UsageError: No such agent.
            TurnError: This program is ending.
        """
        if self.closing:
            raise TurnError("This program is ending: ask again in another one.")
        if order.agent not in self._parts.personas:
            known = ", ".join(self._parts.personas)
            raise UsageError(f"There is no agent named {order.agent!r}. Agents: {known}.")
        alone = order.purpose is Purpose.REPLY
        return Turn(
            id=TurnId(new_id()),
            thread_id=thread_id,
            order=order,
            partition_key=thread_id if alone else f"{thread_id}/{order.agent}",
            state=TurnState.QUEUED,
            queued_at=self._parts.clock.now(),
        )

    async def dispatch(self, turn: Turn) -> None:
        """Hand a queued turn of this program to the engine.

        Raises:
            TurnError: This program has ended meanwhile; the turn stays in line.
        """
        if self._closed:
            raise _stays_in_line(turn)
        if turn.id not in self._waiting:
            self._waiting[turn.id] = _Waiting(turn, asyncio.get_running_loop().create_future())
        self._parts.bus.publish(TurnChanged(turn))
        await self._parts.engine.enqueue(turn.id, turn.partition_key)

    async def finished(self, turn_id: TurnId) -> Finished:
        """Wait until a turn that this program queued has ended.

        Raises:
            TurnError: This program ends before the turn; it stays in line.
        """
        waiting = self._waiting[turn_id]
        try:
            return await asyncio.shield(waiting.future)
        finally:
            if waiting.future.done():
                self._waiting.pop(turn_id, None)

    async def stop(self, turn_id: TurnId) -> Turn:
        """Stop a turn now, queued or running; what was spent is booked."""
        self._unwanted.add(turn_id)
        try:
            await self._parts.store.commit(CancelTurn(turn_id, self._parts.clock.now()))
            await self._parts.engine.cancel(turn_id)
            await self._give_up(turn_id, ending=False)
        except GitBridgeError as error:  # it costs no more, whatever the journal says
            await self._parts.engine.cancel(turn_id)
            with suppress(GitBridgeError):
                await self._give_up(turn_id, ending=False)
            self._fail(turn_id, error)
            raise
        finally:
            self._unwanted.discard(turn_id)
        turn = await self._parts.store.read(TurnById(turn_id))
        self._stopped(turn)
        return turn

    def running(self) -> tuple[TurnId, ...]:
        """Turns of this program that have not ended, in the order they were queued."""
        waiting = self._waiting.items()
        return tuple(i for i, w in waiting if not w.future.done() and i not in self._posting)

    async def run(self, turn_id: TurnId) -> None:
        """Run one queued turn to its end; one that has ended already is told as such."""
        try:
            if posted := self._posting.get(turn_id):
                await posted.wait()
            if not self._closed:
                await self._run(turn_id)
        except GitBridgeError as error:  # the journal itself refused to take the turn's end
            self._fail(turn_id, error)
        except Exception as error:
            if waiting := self._waiting.get(turn_id):
                self._fail(turn_id, broken_off(waiting.turn, error))
            raise

    async def _run(self, turn_id: TurnId) -> None:
        if turn_id in self._unwanted:
            await self._give_up(turn_id, ending=False)
        begun = self._begun.pop(turn_id, None)
        turn = begun.turn if begun else await self._parts.store.read(TurnById(turn_id))
        if turn.state.ended:
            self._stopped(turn)
            return
        finished = await run_turn(self._parts, turn, lambda: self._ends(turn_id), begun)
        if not (self.closing and finished.turn.state is TurnState.QUEUED):
            self._end(turn_id, finished)  # what stays in line is told by `close`

    async def close(self) -> None:
        """Tell whoever still waits that this program ends before their turns."""
        self._closed = True
        for turn_id in tuple(self._begun):
            with suppress(GitBridgeError):  # `resume` finds it all the same
                await self._give_up(turn_id, ending=True)
        for waiting in self._waiting.values():
            if not waiting.future.done():
                waiting.future.set_exception(_stays_in_line(waiting.turn))
                waiting.future.exception()  # nobody need be waiting

    def _ends(self, turn_id: TurnId) -> bool:
        """Tell whether the end of this program is why a turn was cancelled."""
        return self.closing and turn_id not in self._unwanted

    def _stopped(self, turn: Turn) -> None:
        """Tell that a turn ended without having run, which nobody has told yet."""
        waiting = self._waiting.get(turn.id)
        if waiting is not None and not waiting.future.done():
            self._parts.bus.publish(TurnChanged(turn))
            error = TurnError(f"{turn.order.agent} was stopped.")
            waiting.future.set_result(Finished(turn, error=error))

    def _fail(self, turn_id: TurnId, error: GitBridgeError) -> None:
        if waiting := self._waiting.get(turn_id):
            self._end(turn_id, Finished(waiting.turn, error=error))

    def _end(self, turn_id: TurnId, finished: Finished) -> None:
        waiting = self._waiting.get(turn_id)
        if waiting is not None and not waiting.future.done():
            waiting.future.set_result(finished)


def _stays_in_line(turn: Turn) -> TurnError:
    return TurnError(
        f"The turn of {turn.order.agent} stays in line, since this program ends: "
        "`gitbridge resume` goes on with it."
    )
