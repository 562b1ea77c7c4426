"""An outage in the middle of a decision: whoever can ask the person asks what to do about it."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from hub.bus import Bus
from hub.domain.event import OutageMet
from hub.domain.ids import MessageId


class Outage(StrEnum):
    """What the person wants done."""

    WAIT = "wait"
    """Try again in a while, and ask again if that is no use either."""
    GO_ON = "go on"
    """Go on with the families that can be reached; nothing more is asked of this question."""
    STOP = "stop"
    """Count what is there."""


WAIT_S = 15.0
"""Seconds until it is tried again."""


class Outages:
    """The questions that wait for a person's word."""

    def __init__(self) -> None:
        """Ask nobody: without a front end that can, decisions go on."""
        self.can_ask = False
        """True while a front end answers `OutageMet` with `answer`."""
        self._asked: dict[MessageId, asyncio.Future[Outage]] = {}
        self._going_on: set[MessageId] = set()

    async def wish(self, met: OutageMet, bus: Bus) -> Outage:
        """Return what the person wants, once they have said it."""
        question = met.question_id
        if not self.can_ask or question in self._going_on:
            return Outage.GO_ON
        asked = self._asked.get(question)
        if asked is None:
            asked = self._asked[question] = asyncio.get_running_loop().create_future()
            bus.publish(met)
        return await asyncio.shield(asked)

    def answer(self, question: MessageId, wish: Outage) -> None:
        """Tell what the person wants; nothing where nobody has asked."""
        asked = self._asked.pop(question, None)
        if asked is None or asked.done():
            return
        if wish is Outage.GO_ON:
            self._going_on.add(question)
        asked.set_result(wish)

    def over(self, question: MessageId) -> None:
        """Forget a question: it is over, or was stopped."""
        self.answer(question, Outage.STOP)
        self._going_on.discard(question)
