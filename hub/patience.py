"""How long one turn waits for providers that ask for time, visibly."""

from __future__ import annotations

from hub.bus import Bus
from hub.domain.event import Notice
from hub.domain.turn import Turn
from hub.errors import GitBridgeError, RoutingError
from hub.ports import Clock

PATIENCE_S = 30.0
"""Seconds that a turn waits in all where no other deployment is left (ROUTER: filters)."""
PROBED_S = 1.0
"""Seconds between looks at a provider that another call is trying: its deadlines end that."""


class Patience:
    """What is left of one turn's."""

    def __init__(self, turn: Turn, bus: Bus, clock: Clock) -> None:
        """Have it all."""
        self._turn = turn
        self._bus = bus
        self._clock = clock
        self._left_s = PATIENCE_S

    async def rest(self, error: RoutingError) -> None:
        """Wait until a provider may serve again; raise the error where that is no use."""
        if error.probing:
            await self._clock.sleep(PROBED_S)
        elif error.recovers_in_s is None:
            raise error
        else:
            await self.wait(error.recovers_in_s, error)

    async def wait(self, seconds: float, error: GitBridgeError) -> None:
        """Wait as long as a provider asks; raise the error instead where that takes too long."""
        if seconds > self._left_s:
            raise error
        self._left_s -= seconds
        if seconds >= 1.0:
            text = f"{self._turn.order.agent} waits {seconds:.0f} s, as its provider asks."
            self._bus.publish(Notice(text, self._turn.thread_id))
        if seconds:
            await self._clock.sleep(seconds)
