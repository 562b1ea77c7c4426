"""One question under way: its turns, its deadline, and how it can be stopped early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing

from hub.domain.ask import Ask, Mode, OpenQuestion, TurnSoFar
from hub.domain.change import AskQuestion, EndQuestion, KeepQuestion
from hub.domain.event import Notice, OutageMet
from hub.domain.ids import MessageId, TurnId
from hub.domain.query import Outcome, OutcomeOf, RouteOf, ThreadByRef
from hub.domain.thread import Message, Thread
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.errors import BudgetRefusedError, GitBridgeError, TurnError
from hub.queue import TurnQueue
from hub.serving.calls import Parts, take_seat
from hub.serving.finished import Finished, outcome
from hub.serving.outages import WAIT_S, Outage

UNREACHED = (
    "Nobody could be reached. The question stays posted: Alt+R sends it again, and so does "
    "`gitbridge resume`."
)


class Asking:
    """The turns made for one question, in the order they ended."""

    def __init__(
        self,
        parts: Parts,
        queue: TurnQueue,
        thread: Thread,
        question: Message,
        ask: Ask,
        so_far: Iterable[TurnSoFar] = (),
    ) -> None:
        """Begin, or go on where a program that is gone stopped.

        Args:
            parts: What turns work with.
            queue: Takes the turns.
            thread: Where it is asked.
            question: As it is to be posted, or was.
            ask: What the person said about it.
            so_far: Turns that were made for it already; those that have not ended are in line.
        """
        self.thread = thread
        self.question = question
        self.ask = ask
        self.parts = parts
        self.finished: list[Finished] = []
        self.stopped = ""
        """Why it ended early: `person`, `deadline`, `budget`; empty while it goes on."""
        self._asked_before = bool(question.seq)
        """True where other turns, whose calls count too, may have been made for it already."""
        self.queued: list[TurnId] = []
        """Turns that this program put in line for it."""
        self._queue = queue
        self._open: list[TurnId] = []
        self._so_far = {_place(made.turn.order): made for made in so_far}
        self._refused: BudgetRefusedError | None = None

    async def post(self) -> None:
        """Post the question, unless it was; one that a single turn answers has that turn in line.

        Raises:
            UsageError: No such agent.
            OrphanedTurnsError: A dead program left turns in the thread.
            TurnError: This program is ending.
        """
        if self.question.seq:
            return
        turn = None
        if self.ask.mode is Mode.MESSAGE:
            order = self.order(self.ask.agents[0], Purpose.REPLY, self.question.id)
            turn = self._queue.prepare(self.thread.id, order)
        asked = await self._queue.ask(AskQuestion(self.question, self.ask, turn))
        self.question = asked.question
        if asked.turn is not None:
            self._so_far[_place(asked.turn.order)] = TurnSoFar(asked.turn)
            self.queued.append(asked.turn.id)

    @property
    def forgotten(self) -> bool:
        """True where the journal dropped the question together with the end of its only turn."""
        ours = (f.turn for f in self.finished if f.turn.id in self.queued)
        return any(turn.order.only and turn.state is TurnState.DONE for turn in ours)

    @property
    def unreached(self) -> bool:
        """True where nothing came because nobody could be reached: it can be sent again."""
        came = any(f.message or f.ballot or f.turn.partial for f in self.finished)
        errors = self.errors
        return bool(errors) and not (came or self.stopped) and all(e.outage for e in errors)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What the agents posted so far, in thread order."""
        posted = [f.message for f in self.finished if f.message is not None]
        return tuple(sorted(posted, key=lambda message: message.seq))

    @property
    def errors(self) -> tuple[GitBridgeError, ...]:
        """Why turns ended without a result, in the order they ended."""
        found = tuple(f.error for f in self.finished if f.error is not None)
        return found if self._refused is None else (*found, self._refused)

    def order(self, agent: str, purpose: Purpose, prompt_to: MessageId) -> TurnOrder:
        """Return an order that carries everything the person said about this question."""
        ask = self.ask
        return TurnOrder(
            purpose=purpose,
            agent=agent,
            prompt_to=prompt_to,
            provider=ask.provider,
            model=ask.model,
            strategy=ask.strategy,
            timeout_s=ask.timeout_s,
            question_budget=ask.budget,
            question_id=self.question.id,
            tags=ask.tags,
            only=ask.mode is Mode.MESSAGE,
        )

    def prepared(self, order: TurnOrder) -> Turn | None:
        """Return the turn that an order would put in line; None where it was made before."""
        made = _place(order) in self._so_far
        return None if made else self._queue.prepare(self.thread.id, order)

    def spent(self, refused: BudgetRefusedError) -> None:
        """Ask nothing more, since the budgets do not pay for it."""
        self.stopped, self._refused = self.stopped or "budget", refused
        text = (
            f"{refused} No more is asked now; what was paid for is counted, and `gitbridge decision "
            "continue` asks the rest later."
        )
        self.parts.bus.publish(Notice(text, self.thread.id, "warning"))

    async def turns(self, orders: Iterable[TurnOrder]) -> AsyncIterator[Finished]:
        """Run turns, side by side where their partitions allow it; yield each as it ends.

        One that was made before is not made again. Nothing is queued once the question was
        stopped. When budgets refused them all, it is.
        """
        before, waiting = len(self.finished), await self._begun(orders)
        while waiting:
            missed = []
            async with aclosing(_as_they_end(waiting)) as ended:
                async for finished in ended:
                    if self._met_outage(finished):
                        missed.append(finished)
                    else:
                        yield self._note(finished)
            waiting = await self._once_more(missed)
            for finished in () if waiting else missed:
                yield self._note(finished)
        self._heed_budget(self.finished[before:])

    async def _begun(self, orders: Iterable[TurnOrder]) -> list[asyncio.Task[Finished]]:
        """Put turns in line, or take up those that were made before."""
        waiting: list[asyncio.Task[Finished]] = []
        try:
            for order in orders:
                if made := self._so_far.pop(_place(order), None):
                    waiting.append(await self._take_up(made))
                elif not self.stopped:
                    waiting.append(await self._start(order))
        except BaseException:
            for task in waiting:
                task.cancel()
            raise
        return waiting

    def _heed_budget(self, finished: list[Finished]) -> None:
        """Stop where budgets refused every turn of a round."""
        errors = [one.error for one in finished]
        if errors and all(isinstance(error, BudgetRefusedError) for error in errors):
            self.stopped = self.stopped or "budget"

    async def _start(self, order: TurnOrder) -> asyncio.Task[Finished]:
        """Put a turn in line; one that a stop has just missed is stopped at once."""
        turn = await self._queue.queue(self.thread.id, order)
        self.queued.append(turn.id)
        self._open.append(turn.id)
        if self.stopped:
            await self._queue.stop(turn.id)
        return asyncio.create_task(self._queue.finished(turn.id))

    async def _take_up(self, made: TurnSoFar) -> asyncio.Task[Finished]:
        """Wait for a turn that was made before, or tell what came of it."""
        turn = made.turn
        if not turn.state.ended:
            self._open.append(turn.id)
            if self.stopped:
                await self._queue.stop(turn.id)
            return asyncio.create_task(self._queue.finished(turn.id))
        route = await self.parts.store.read(RouteOf(turn.id))
        if turn.state is TurnState.DONE and route is not None:
            take_seat(self.parts, turn, route.deployment.family)
        error = None
        if turn.state is not TurnState.DONE:
            error = TurnError(turn.error or f"{turn.order.agent} was stopped.")
        return asyncio.create_task(_known(Finished(turn, made.message, made.ballot, error)))

    def _met_outage(self, finished: Finished) -> bool:
        """Tell whether a turn of a decision failed since nobody could be reached."""
        error = finished.error
        return self.ask.mode is Mode.DECIDE and error is not None and error.outage

    async def _once_more(self, missed: list[Finished]) -> list[asyncio.Task[Finished]]:
        """Make turns again that met an outage, after a while, where the person wants that."""
        if not missed or self.stopped:
            return []
        agents = tuple(finished.turn.order.agent for finished in missed)
        if not await self.wait_out(agents, str(missed[0].error)):
            return []
        return await self._begun(finished.turn.order for finished in missed)

    async def wait_out(self, who: tuple[str, ...], reason: str) -> bool:
        """Ask the person what to do about an outage; True once they have had it waited for.

        Args:
            who: Agents, or model families, that cannot be reached.
            reason: One sentence.
        """
        met = OutageMet(self.thread.id, self.question.id, who, reason)
        wish = await self.parts.outages.wish(met, self.parts.bus)
        if wish is Outage.WAIT:
            await self.parts.clock.sleep(WAIT_S)
        elif wish is Outage.STOP and not self.stopped:
            await self.stop("person")
        return wish is Outage.WAIT and not self.stopped

    def _note(self, finished: Finished) -> Finished:
        """Keep what came of a turn; one that was stopped from another terminal stops the rest."""
        if finished.turn.id in self._open:
            self._open.remove(finished.turn.id)
        self.finished.append(finished)
        stopped = finished.turn.state is TurnState.CANCELLED and finished.turn.cancel_at is not None
        if stopped and self.ask.mode is not Mode.MESSAGE:
            self.stopped = self.stopped or "person"
        return finished

    async def stop(self, reason: str) -> int:
        """End the question now: running turns are cancelled, what is there will be tallied."""
        self.stopped = self.stopped or reason
        self.parts.outages.answer(self.question.id, Outage.STOP)
        open_turns = tuple(self._open)
        for turn in open_turns:
            await self._queue.stop(turn)
        return len(open_turns)

    async def end(self) -> None:
        """Note that the question is over, or waits to be sent again."""
        if not self.unreached:
            await self.parts.store.commit(EndQuestion(self.question.id))
            return
        await self.parts.store.commit(KeepQuestion(self.question.id))
        self.parts.bus.publish(Notice(UNREACHED, self.thread.id, "warning"))

    async def abandon(self) -> None:
        """Stop what still runs for a question that came to a bad end.

        When the whole program ends its turns stay in line instead.
        """
        if not self._queue.closing:
            await self.stop("person")

    async def expire(self) -> None:
        """Stop the question when its time is up; runs beside it."""
        if self.ask.timeout_s is not None:
            await self.parts.clock.sleep(self.ask.timeout_s)
            await self.stop("deadline")

    async def outcome(self) -> Outcome:
        """Return what came of the question; that of one call is known, other is read."""
        one = next(iter(self.finished), None)
        if one is not None and one.only is not None and self._is_alone(one.turn):
            thread = await self.parts.store.read(ThreadByRef(self.thread.id))
            return outcome(thread, one, one.only)
        return await self.parts.store.read(OutcomeOf(self.question))

    def _is_alone(self, turn: Turn) -> bool:
        """Tell whether nothing was asked for the question but this turn, which answered it."""
        return turn.order.only and turn.state is TurnState.DONE and not self._asked_before

    def first_error(self) -> GitBridgeError | None:
        """Return the error that explains best why nothing came: a refusing budget, else the first."""
        refused = [e for e in self.errors if isinstance(e, BudgetRefusedError)]
        return next(iter((*refused, *self.errors)), None)


def standing(left: OpenQuestion, *, wished: bool = False) -> tuple[TurnSoFar, ...]:
    """Return the turns of an open question that stand: none, where nobody could be reached.

    Args:
        left: The question.
        wished: True where the person asks for it now: then a call of unknown outcome, which may
            have been billed, is made again too.
    """
    lost = (TurnState.FAILED, TurnState.UNKNOWN) if wished else (TurnState.FAILED,)
    reached = any(made.turn.state not in lost for made in left.turns)
    return left.turns if reached or not left.ask.unreached else ()


def _place(order: TurnOrder) -> tuple[Purpose, int, str]:
    """Return what tells the turns of one question apart."""
    return order.purpose, order.round, order.agent


async def _as_they_end(waiting: list[asyncio.Task[Finished]]) -> AsyncGenerator[Finished, None]:
    """Yield how turns ended, each as it does; nobody waits for those that are left."""
    try:
        while waiting:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in waiting if task.done()]
            waiting = [task for task in waiting if task not in ended]
            for task in ended:
                yield task.result()
    finally:
        for task in waiting:
            task.cancel()


async def _known(finished: Finished) -> Finished:
    return finished
