"""Two calls for one answer, where the first is later than usual: whichever speaks first is heard.

Each is a call of its own, with its own money (ROUTER: hedging; STORAGE: Money that survives a
crash). The other one is stopped at once and booked with the turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from hub.config import failpoint
from hub.domain.change import OpenBeside
from hub.domain.event import HedgeEnded, HedgeSent
from hub.domain.turn import GIVEN_UP, Reply, Turn
from hub.engine.unbroken import unbroken
from hub.errors import GitBridgeError, ProviderError, TurnError
from hub.ports import OnDelta
from hub.serving import attempts, calls
from hub.serving.attempts import Attempt, CallEnd
from hub.serving.calls import Parts

Ask = Callable[[Attempt, OnDelta], Awaitable[Reply]]
"""Makes the network call of an attempt."""


class _Lane:
    """One of the two calls."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        self.task: asyncio.Task[Reply] | None = None
        """None until it is sent."""
        self.unheard: list[str] = []
        """Text of it that came after the other one had been heard."""

    @property
    def deployment(self) -> str:
        return self.attempt.route.deployment.id

    @property
    def ended(self) -> bool:
        return self.task is not None and self.task.done()

    @property
    def failed(self) -> bool:
        task = self.task
        if task is None or not task.done() or task.cancelled():
            return False
        return task.exception() is not None

    async def reply(self) -> Reply:
        """Wait for its answer, or its error."""
        assert self.task is not None  # noqa: S101  only what was sent is waited for
        return await self.task

    async def stop(self) -> None:
        """Leave nothing of it running."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])


class Race:
    """The one or two calls that are made for an answer."""

    def __init__(
        self, parts: Parts, turn: Turn, first: Attempt, ask: Ask, show: Callable[[str], None]
    ) -> None:
        """Send nothing yet.

        Args:
            parts: What turns work with.
            turn: Whose answer it is.
            first: The call that is recorded.
            ask: Makes a call.
            show: Takes the text of the call that is heard.
        """
        self._parts = parts
        self._turn = turn
        self._ask = ask
        self._show = show
        self._first = self._chosen = _Lane(first)
        self._second: _Lane | None = None
        self._heard: _Lane | None = None
        """Whose text came first; nobody else's is shown."""
        self._news = asyncio.Event()
        self._why = "its turn ended"
        self.beside: CallEnd | None = None
        """How the call ended that does not count; None: there was one call alone."""
        self.failure: ProviderError | None = None
        """Why that one failed; None: it was stopped."""

    @property
    def attempt(self) -> Attempt:
        """The call whose outcome is the turn's."""
        return self._chosen.attempt

    async def run(self) -> Reply:
        """Return the answer of whichever call speaks first, or of the one that is left.

        Raises:
            ProviderError: Of the call that counts.
        """
        late_s = self._parts.router.late_after_s(self.attempt.route)
        if late_s is None:
            return await self._ask(self.attempt, self._show)
        try:
            self._send(self._first)
            if await self._is_silent_for(late_s):
                await self._open_second(late_s)
            if self._second is not None and self._is_silent:
                await self._decide(self._first, self._second, late_s)
            return await self._chosen.reply()
        finally:
            await unbroken(self._stop())

    def _send(self, lane: _Lane) -> None:
        async def ask() -> Reply:
            return await self._ask(lane.attempt, partial(self._hear, lane))

        lane.task = asyncio.create_task(ask())
        lane.task.add_done_callback(self._wake)

    def _hear(self, lane: _Lane, text: str) -> None:
        if self._heard is None:
            self._heard = self._chosen = lane
            self._news.set()
        if self._heard is lane:
            self._show(text)
        else:
            lane.unheard.append(text)

    def _wake(self, _: object) -> None:
        self._news.set()

    async def _is_silent_for(self, seconds: float) -> bool:
        """Wait so long for a word of the first call; tell whether none came."""
        alarm = asyncio.create_task(self._parts.clock.sleep(seconds))
        alarm.add_done_callback(self._wake)
        try:
            while self._is_silent and not alarm.done():
                self._news.clear()
                await self._news.wait()
        finally:
            alarm.cancel()
        return self._is_silent

    @property
    def _is_silent(self) -> bool:
        return self._heard is None and not self._first.ended

    async def _open_second(self, waited_s: float) -> None:
        """Hold the money of a second call and record it, if there is anybody to ask."""
        first = self._first.attempt
        route = self._parts.router.hedge(first.request, first.route, waited_s)
        if route is None:
            return
        with suppress(GitBridgeError):  # no cap pays for it, or the journal takes nothing: no hedge
            rival = await calls.beside(self._parts, self._turn, first, route, waited_s)
            try:
                await unbroken(self._record(rival))
            finally:
                if self._second is None:
                    calls.released(self._parts, rival, sent=False)

    async def _record(self, rival: Attempt) -> None:
        await self._parts.store.commit(
            OpenBeside(self._turn.fence, rival.route, rival.call, rival.holds)
        )
        self._second = _Lane(rival)
        calls.warn(self._parts, self._turn, rival)

    async def _decide(self, first: _Lane, second: _Lane, waited_s: float) -> None:
        """Send the second call, wait for the first word, and stop the other one.

        A call that fails leaves the other one alone.
        """
        thread, bus = self._turn.thread_id, self._parts.bus
        failpoint("turn.after_hedge")
        self._send(second)
        bus.publish(HedgeSent(thread, second.attempt.route, waited_s))
        while self._heard is None and not (first.ended or second.ended):
            self._news.clear()
            await self._news.wait()
        ahead, behind = (first, second) if first.ended else (second, first)
        self._chosen = self._heard = self._heard or (behind if ahead.failed else ahead)
        other = first if self._chosen is second else second
        self._why = f"{self._chosen.deployment} was quicker"
        bus.publish(HedgeEnded(thread, self.attempt.route, other.deployment, failed=other.failed))
        await unbroken(self._give_up(other))

    async def _stop(self) -> None:
        """Leave nothing running, whatever ends the race."""
        await self._chosen.stop()
        for lane in (self._first, self._second):
            if lane is not None and lane is not self._chosen:
                await self._give_up(lane)

    async def _give_up(self, lane: _Lane) -> None:
        """End the call that does not count; what it has said by then is paid for."""
        if self.beside is None:
            await lane.stop()
            self.beside = self._end_of(lane)

    def _end_of(self, lane: _Lane) -> CallEnd:
        """Return how a call ended, and tell the router what that says of its deployment."""
        parts, attempt, task, at = self._parts, lane.attempt, lane.task, self._parts.clock.now()
        reason = TurnError(f"{GIVEN_UP}, as {self._why}.")
        if task is None:
            calls.released(parts, attempt, sent=False)
            return attempts.stopped(attempt, reason, "", at, sent=False)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ProviderError):
            self.failure = error
            calls.observed(parts, self._turn, attempt, error=error)
            return attempts.broken(attempt, error, "".join(lane.unheard), at)
        if error is None and not task.cancelled():
            calls.observed(parts, self._turn, attempt, reply=task.result())
            return attempts.answered(attempt, task.result(), at)
        if error is not None:
            context = {"message": "a call that was given up broke off", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
        parts.router.observe(attempts.overtaken(attempt, self._turn, at))
        return attempts.stopped(attempt, reason, "".join(lane.unheard), at, sent=True)
