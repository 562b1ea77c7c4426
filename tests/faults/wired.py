"""A whole hub over a real journal whose providers are fault servers on loopback.

In a test::

    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, reply(402))
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            answer = await house.ask(Ask("Why?"))

`cost_optimized` asks grok first. At the end the invariants are read from the closed journal.
"""

from __future__ import annotations

import asyncio

from pydantic import SecretStr
from typing_extensions import override

from agents.catalog import agents
from hub.config import Credential, ProviderSettings
from hub.storage.sqlite import FOLLOW_S
from tests.fakes.clock import FakeClock
from tests.fakes.hubs import House
from tests.fakes.voices import MODELS
from tests.faults.invariants import violations
from tests.faults.server import chunk, event, stream, usage

KEY = "sk-canary-5f3a9e71c2"
CHAT = "/v1/chat/completions"
COUNTS = usage(9, 2)


def answered(text: str, model: str | None = None, counts=COUNTS):
    """Return a whole, well-formed answer; it names no model unless told to."""
    named = {} if model is None else {"model": model}
    pieces = (chunk({"content": text}), chunk({}, "stop"))
    events = [event({"choices": piece["choices"], **named}) for piece in pieces]
    return stream(*events, counts, event("[DONE]"))


ANSWER = answered("Because.")


class PassingClock(FakeClock):
    """Every wait is over at once, and time has passed; other programs are never looked for."""

    @override
    async def sleep(self, seconds):
        if seconds == FOLLOW_S:
            await asyncio.Event().wait()
        self.slept.append(seconds)
        self.tick(max(0.0, seconds))
        await asyncio.sleep(0)


class Wired(House):
    """One program whose agents speak HTTP."""

    def __init__(self, home, clock=None, *, openai=None, grok=None, **parts):
        """Open nothing yet.

        Args:
            home: State folder.
            clock: Time; stands still unless given.
            openai: A fault server, or a base URL.
            grok: Another.
            parts: Fields of the settings.
        """
        servers = {"openai": openai, "grok": grok}
        configured = {
            name: ProviderSettings(
                name=name,
                kind=name,
                base_url=server if isinstance(server, str) else server.url,
                key=Credential(value=SecretStr(KEY), source=f"environment {name.upper()}_API_KEY"),
                models=(MODELS[name],),
            )
            for name, server in servers.items()
            if server is not None
        }
        super().__init__(home, clock, **{"providers": configured, **parts})
        self.voices = agents(self.settings, self.clock)

    @override
    async def __aexit__(self, *raised):
        await self._stack.aclose()
        if raised[0] is None:
            assert violations(self.settings.database) == []
            assert self.defects == []

    @property
    def said(self) -> str:
        """Everything that was told so far, as one text."""
        return "\n".join(map(repr, self.heard))
