"""Why a turn went where it went, where one would go now, and where another policy would send it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hub.beside.learning import Learning
from hub.config import Settings, store_strategy
from hub.domain.ask import Ask
from hub.domain.change import MarkMessage
from hub.domain.mark import Mark
from hub.domain.query import Grades, Messages, RoutedCalls
from hub.domain.route import Replay, Route, RoutedCall
from hub.domain.thread import Message
from hub.domain.turn import Purpose
from hub.errors import UsageError
from hub.estimating import prompt_tokens, request_for
from hub.facade.money import Money, rehearsed
from hub.ledger.tokens import estimate_tokens
from hub.router.replay import replay
from hub.serving.calls import Parts, rehearse
from hub.threads import mentions
from hub.views import CAP

_READ = 50
"""Newest messages that a rehearsed view counts."""


class Routes(Money):
    """The part of the facade that knows routes, and what is learned of them."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        super().__init__(settings, parts)
        self._learning = Learning(parts)

    async def mark(self, message_ref: str, *, right: bool, weight: float = 1.0) -> Message:
        """Keep that an answer was right or wrong; the router goes by it from the next turn on.

        Args:
            message_ref: A message that an agent posted.
            right: False: wrong.
            weight: 1 where the person said so, `hub.domain.mark.ASKED_AGAIN` where it only looks so.

        Raises:
            NotFoundError: There is no such message.
            UsageError: No agent wrote it here.
        """
        message = await self.message(message_ref)
        if message.turn_id is None:
            raise UsageError(
                "Only an agent's answer can be marked, and nobody's turn wrote this one."
            )
        mark = Mark(right, weight=weight)
        await self._parts.store.commit(MarkMessage(message.id, mark, self._parts.clock.now()))
        await self._learning.catch_up()
        return message

    async def explain(self, ref: str) -> tuple[RoutedCall, ...]:
        """Return every route of a turn with what came of it; failover makes several.

        Raises:
            NotFoundError: There is no such turn.
        """
        return await self._parts.store.read(RoutedCalls(ref))

    async def routes(self, limit: int | None = None) -> tuple[RoutedCall, ...]:
        """Return the newest routes of all turns, the oldest of them first."""
        return await self._parts.store.read(RoutedCalls(limit=limit))

    async def dry_run(self, ask: Ask, ref: str | None = None) -> Route:
        """Return the route that a message would take now: nothing is sent, held or kept.

        Raises:
            UsageError: There is no such agent.
            RoutingError: No deployment could serve it.
            BudgetRefusedError: A cap affords not even a short answer.
        """
        spoken = ask.agents or mentions(ask.question, self._parts.personas)
        agent = spoken[0] if spoken else self.personas[0].name
        if agent not in self._parts.personas:
            known = ", ".join(self._parts.personas)
            raise UsageError(f"There is no agent named {agent!r}. Agents: {known}.")
        thread, read = None, 0
        if ref:
            thread = await self.thread(ref)
            newest = await self._parts.store.read(Messages(thread.id, limit=_READ))
            read = min(CAP, sum(estimate_tokens(message.body) for message in newest))
        turn = rehearsed(ask, agent, thread.id if thread else None, self._parts.clock.now())
        tokens = min(CAP, prompt_tokens(ask, read))
        request = request_for(self._parts, ask, agent, Purpose.REPLY, tokens)
        return await rehearse(self._parts, turn, request)

    async def replay(self, strategy: str | None = None, limit: int | None = None) -> Replay:
        """Re-route the recorded turns under a policy; None: the current one.

        Raises:
            UsageError: There is no such policy.
        """
        calls = await self.routes(limit)
        grades = await self._parts.store.read(Grades())
        return await asyncio.to_thread(
            replay,
            calls,
            strategy or self._parts.router.strategy,
            weights=self.settings.router.weights,
            marks={grade.turn_id: grade.quality for grade in grades if grade.weight == 1.0},
            known={deployment.id: deployment for deployment in self.deployments},
        )

    @property
    def strategy(self) -> str:
        """The router's current strategy."""
        return self._parts.router.strategy

    def set_strategy(self, name: str) -> None:
        """Switch the strategy for turns from now on.

        Raises:
            UsageError: There is none of that name.
        """
        self._parts.router.strategy = name

    def keep_strategy(self, name: str) -> Path:
        """Switch the strategy now and for later starts; return the file it was written to.

        Raises:
            UsageError: There is none of that name.
            ConfigError: The file cannot be changed safely.
        """
        self._parts.router.strategy = name
        return store_strategy(name)
