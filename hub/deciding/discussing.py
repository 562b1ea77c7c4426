"""A discussion without a vote: agents answer one another in turn."""

from __future__ import annotations

from dataclasses import replace

from hub.asking import Asking
from hub.domain.event import RoundStarted
from hub.domain.turn import Purpose


async def discuss(asking: Asking, names: tuple[str, ...]) -> None:
    """Let agents speak round by round, each replying to the latest post."""
    rounds = 1 if asking.ask.rounds is None else asking.ask.rounds
    latest = asking.question
    for number in range(1, rounds + 1):
        if not asking.stopped:
            event = RoundStarted(asking.thread.id, number, rounds, "reply", names)
            asking.parts.bus.publish(event)
        for name in names:
            order = replace(asking.order(name, Purpose.REPLY, latest.id), round=number)
            async for finished in asking.turns([order]):
                latest = finished.message or latest
