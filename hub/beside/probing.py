"""Asks providers that were idle for a while how they are, by their free model list.

It is the probe of a provider whose breaker is half-open: better that than a turn (ROUTER: health).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from hub.domain.event import HealthChecked, Notice
from hub.serving.calls import Parts

_SPREAD = 0.2
_SHORTEST_S = 1.0


class Probing:
    """The background checks of one program."""

    def __init__(
        self, parts: Parts, interval_s: float, draw: Callable[[], float] = random.random
    ) -> None:
        """Ask nothing yet.

        Args:
            parts: Agents, router, clock and bus.
            interval_s: Seconds between looks, and without a call before a provider is asked.
            draw: Uniform in 0..1, so that programs do not ask all at once.
        """
        self._parts = parts
        self._interval_s = interval_s and max(_SHORTEST_S, interval_s)
        self._draw = draw

    async def run(self) -> None:
        """Look at intervals, a fifth longer or shorter, until cancelled; 0 seconds: never."""
        while self._interval_s:
            spread = _SPREAD * (2.0 * self._draw() - 1.0)
            await self._parts.clock.sleep(self._interval_s * (1.0 + spread))
            await self.look()

    async def look(self) -> None:
        """Ask the providers that were idle, side by side; nothing is sent where none was."""
        async with asyncio.TaskGroup() as group:
            for provider in self._parts.router.idle(self._interval_s):
                group.create_task(self._ask(provider))

    async def _ask(self, provider: str) -> None:
        health = await self._parts.agents[provider].health()
        if refusal := self._parts.router.checked(health):
            text = f"{provider} is not asked for now: {refusal}."
            self._parts.bus.publish(Notice(text, severity="warning"))
        self._parts.bus.publish(HealthChecked(health, health.state()))
