"""The embedded model: a real endpoint on loopback, started at the first question."""

from __future__ import annotations

import asyncio

from agents.client import ProviderAgent
from agents.embedded_process import MODEL, EmbeddedProcess, Served, find_weights
from agents.trace import Trace
from agents.wire import Endpoint
from hub.config import NetworkSettings, ProviderSettings
from hub.domain.agent import ProviderKind
from hub.domain.route import Health
from hub.domain.turn import Reply, View
from hub.errors import EmbeddedModelError, ModelError, ProviderConnectionError
from hub.ports import Clock, OnDelta

_STARTS = 2
"""Starts of the server: once, and once more if it died."""


class LocalAgent:
    """Answers with the embedded model, through the same client as OpenAI; many may share it."""

    def __init__(
        self,
        settings: ProviderSettings,
        network: NetworkSettings,
        clock: Clock,
        trace: Trace | None = None,
        *,
        process: EmbeddedProcess | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            settings: Its name.
            network: Not used to reach it: it is on this machine.
            clock: Time.
            trace: Takes a line for each call.
            process: A server of somebody else's, which `close` leaves running.
        """
        self._name = settings.name
        self._network = network
        self._clock = clock
        self._trace = trace
        self._process = process or EmbeddedProcess()
        self._owned = process is None
        self._starting: asyncio.Task[ProviderAgent] | None = None
        self._starts = 0
        self._chat: ProviderAgent | None = None

    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        """Make one call, starting the server first where it does not run.

        Raises:
            EmbeddedModelError: Weights or library are missing, or the server keeps dying.
            ProviderError: It did not answer.
        """
        chat = await self._started()
        try:
            return await chat.reply(view, on_delta)
        except ProviderConnectionError as error:
            if error.visible or not await asyncio.to_thread(self._process.died):
                raise
        chat = await self._started()
        return await chat.reply(view, on_delta)

    async def health(
        self, *, timeout_s: float = 5.0, model: str | None = None, retries: int = 0
    ) -> Health:
        """Say whether it runs or could; it is not started for this."""
        if self._chat is not None and self._process.running:
            return await self._chat.health(timeout_s=timeout_s, model=model, retries=retries)
        if model not in (None, MODEL):
            error = f"The embedded model is {MODEL}."
            return Health(self._name, ok=False, error=error, trouble=ModelError.word)
        try:
            await asyncio.to_thread(find_weights)
        except EmbeddedModelError as error:
            return Health(self._name, ok=False, error=str(error), trouble="not installed")
        return Health(self._name, ok=True, models=(MODEL,))

    async def close(self) -> None:
        """Stop the server."""
        starting, self._starting = self._starting, None
        if starting is not None:
            await asyncio.wait((starting,))
        chat, self._chat = self._chat, None
        if chat is not None:
            await chat.close()
        if self._owned:
            await asyncio.to_thread(self._process.stop)
        self._starts = 0

    async def _started(self) -> ProviderAgent:
        """Return the client of the running server; several callers start it once."""
        if self._chat is not None and self._process.running:
            return self._chat
        if self._starting is None:
            self._starting = asyncio.create_task(self._start())
        # A caller that is cancelled leaves the start to those who wait with it.
        return await asyncio.shield(self._starting)

    async def _start(self) -> ProviderAgent:
        try:
            chat, self._chat = self._chat, None
            if chat is not None:
                await chat.close()
            if self._starts >= _STARTS:
                raise EmbeddedModelError(
                    "The embedded model's server keeps dying; there may be too little memory. "
                    "Configure another provider in config.toml."
                )
            self._starts += 1
            served = await asyncio.to_thread(self._process.start)
            self._chat = ProviderAgent(
                self._endpoint(served), self._clock, temperature=0.6, trace=self._trace
            )
            return self._chat
        finally:
            self._starting = None

    def _endpoint(self, served: Served) -> Endpoint:
        return Endpoint(
            self._name,
            ProviderKind.LOCAL,
            served.base_url,
            key=served.token,
            network=self._network,
        )
