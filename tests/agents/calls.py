"""What tests of agents are made of: settings, views and a list that takes the text."""

from __future__ import annotations

from pydantic import SecretStr

from hub.config import Credential, ProviderSettings
from hub.domain.agent import Persona
from hub.domain.ids import ThreadId, TurnId
from hub.domain.turn import Part, PartRole, Purpose, View
from tests.fakes.clock import FakeClock

KEY = "sk-canary-5f3a9e71c2"
ADA = Persona("ada", "critic", "Be brief.")


def settings(base_url, kind="openai", *, name=None, key=KEY, **more):
    """A provider's settings, with the canary as its key."""
    credential = Credential(value=SecretStr(key), source="environment TEST_KEY") if key else None
    return ProviderSettings(name=name or kind, kind=kind, base_url=base_url, key=credential, **more)


def view(text="Tabs or spaces?", model="gpt-4o", **more):
    """A view with a system part and one question."""
    parts = (Part(PartRole.SYSTEM, "You are ada, a critic."), Part(PartRole.USER, text))
    return View(TurnId("t1"), ThreadId("th1"), ADA, Purpose.REPLY, parts, 12, model, **more)


class HastyClock(FakeClock):
    """Time that passes by itself as soon as somebody sleeps."""

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self._move(self._monotonic + seconds)
