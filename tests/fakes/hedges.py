"""A house in which the first deployment is late: one more may be asked beside it."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from typing_extensions import override

from hub.config import AgentSettings, RouterSettings
from hub.domain.ask import Answer, Ask
from hub.domain.query import CallFact
from tests.fakes.hubs import House

GPT, GROK = "openai/gpt-4o", "grok/grok-4.3"
LATE_S = 2.0
"""Seconds of silence after which GPT-4o is late."""


def hedger(**more: Any) -> AgentSettings:
    """Return an agent that may have a second call beside a late one."""
    return AgentSettings(**{"name": "ada", "role": "Tests", "hedge": True, **more})


def measure(house: House, deployment: str, *seconds: float) -> None:
    """Let the router have seen answers of a deployment whose first tokens took so long."""
    for first_token_s in seconds:
        now = house.clock.now()
        house.hub._parts.router.recall(
            CallFact(deployment, True, now, first_token_s, first_token_s + 1.0, 100, 50)
        )


class Hedging(House):
    """GPT-4o is asked first, being the quicker one as a rule; Grok costs less than half as much."""

    def __init__(self, home: Any, *, samples: int = 30, **parts: Any) -> None:
        """Open nothing yet.

        Args:
            home: State folder.
            samples: Answers of GPT-4o that were seen.
            parts: As of `House`.
        """
        quickest = RouterSettings(strategy="performance_optimized", health_interval_s=0)
        super().__init__(home, **{"agents": (hedger(),), "router": quickest, **parts})
        self._samples = samples

    @override
    async def __aenter__(self) -> Self:
        await super().__aenter__()
        slow = self._samples // 10 + 1
        measure(self, GPT, *[LATE_S] * slow, *[0.5] * (self._samples - slow))
        measure(self, GROK, *[3.0] * 30)
        return self

    async def late(self, question: str = "Why?") -> asyncio.Task[Answer]:
        """Ask, and let the first call become late."""
        self.openai.hold()
        asking = self.start(Ask(question))
        await self.until(lambda: self.openai.running)
        await self.asleep(LATE_S)
        await self.clock.advance(LATE_S)
        return asking

    @property
    def inflight(self) -> list[int]:
        """Calls that the router counts as under way, by deployment."""
        return [metrics.inflight for metrics in self.hub._parts.router.metrics()]
