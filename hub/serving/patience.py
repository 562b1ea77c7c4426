"""How long one turn waits for providers that ask for time, visibly, and in nobody's way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.bus import Bus
from hub.domain.event import Notice
from hub.domain.turn import Turn
from hub.engine.slots import Slots
from hub.errors import GitBridgeError, RoutingError
from hub.ports import Clock
from hub.router.line import Line

T = TypeVar("T")
PATIENCE_S = 30.0
"""Seconds that a turn waits in all where no other deployment is left (ROUTER: filters)."""
PROBED_S = 1.0
"""Seconds between looks at a provider that another call is trying: its deadlines end that."""


class Patience:
    """What is left of one turn's."""

    def __init__(self, turn: Turn, bus: Bus, clock: Clock, line: Line, slots: Slots) -> None:
        """Have it all.

        Args:
            turn: Who waits.
            bus: Is told of waits.
            clock: Waits.
            line: Where turns stand that only lack room.
            slots: Of turns that work side by side: who waits lends its own.
        """
        self._turn = turn
        self._line = line
        self._slots = slots
        self._bus = bus
        self._clock = clock
        self._left_s = PATIENCE_S

    async def rest(self, error: RoutingError) -> None:
        """Wait until a provider may serve again; raise the error where that is no use.

        Standing in line for room costs no patience: it comes.
        """
        wait_s = error.recovers_in_s
        if error.providers and (wait_s is None or wait_s <= PATIENCE_S):
            self._say(wait_s or 0.0)
            await self.aside(self._line.wait(self._turn.id, error.providers, error.tokens, wait_s))
            return
        self._line.leave(self._turn.id)
        if error.probing:
            await self.aside(self._clock.sleep(PROBED_S))
        elif wait_s is None:
            raise error
        else:
            await self.wait(wait_s, error)

    async def room(self, plan: Callable[[], Awaitable[T]]) -> T:
        """Return what a plan comes to, once there is room for it; other refusals are raised."""
        while True:
            try:
                return await plan()
            except RoutingError as error:
                if not error.providers:
                    raise
                await self.rest(error)

    async def wait(self, seconds: float, error: GitBridgeError) -> None:
        """Wait as long as a provider asks; raise the error instead where that takes too long."""
        if seconds > self._left_s:
            raise error
        self._left_s -= seconds
        self._say(seconds)
        if seconds:
            await self.aside(self._clock.sleep(seconds))

    async def aside(self, waiting: Awaitable[None]) -> None:
        """Wait for something, and take up no place among the turns that work meanwhile."""
        async with self._slots.aside(self._turn.id):
            await waiting

    def _say(self, seconds: float) -> None:
        if seconds >= 1.0:
            text = f"{self._turn.order.agent} waits {seconds:.0f} s, as its provider asks."
            self._bus.publish(Notice(text, self._turn.thread_id))
