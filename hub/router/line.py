"""The line of turns that wait for room at a provider, in the order they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hub.domain.ids import TurnId
from hub.ports import Clock


@dataclass(slots=True)
class _Place:
    """One turn's place; it keeps it until it leaves."""

    providers: tuple[str, ...]
    tokens: int
    woken: asyncio.Event


class Line:
    """Who waits, for which providers, and with how many tokens."""

    def __init__(self, clock: Clock, free: Callable[[str], int]) -> None:
        """Be empty.

        Args:
            clock: Says when a rate limit leaves room.
            free: Tells how many calls a provider may take beside those under way.
        """
        self._clock = clock
        self._free = free
        self._places: dict[TurnId, _Place] = {}

    def ahead_of(self, turn: TurnId) -> Mapping[str, tuple[int, int]]:
        """Return, by provider, how many turns come before this one, and the tokens they want."""
        found: dict[str, tuple[int, int]] = {}
        for id_, place in self._places.items():
            if id_ == turn:
                break
            for provider in place.providers:
                turns, tokens = found.get(provider, (0, 0))
                found[provider] = (turns + 1, tokens + place.tokens)
        return found

    async def wait(
        self, turn: TurnId, providers: tuple[str, ...], tokens: int, seconds: float | None = None
    ) -> None:
        """Take a place at the end, or keep the one there is; return when it is worth another look.

        Args:
            turn: Who waits; it leaves by `leave` alone.
            providers: Room at any of them will do.
            tokens: That it should take.
            seconds: After which there should be room; None: when a call has ended.
        """
        place = self._places.setdefault(turn, _Place(providers, tokens, asyncio.Event()))
        place.providers, place.tokens = providers, tokens
        place.woken.clear()
        if seconds is None:
            await place.woken.wait()
            return
        tasks = [
            asyncio.create_task(self._clock.sleep(seconds)),
            asyncio.create_task(place.woken.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    def leave(self, turn: TurnId) -> None:
        """Give up a turn's place, if it has one: it is served, has ended, or waits for more."""
        if self._places.pop(turn, None) is not None:
            self.admit()

    def admit(self) -> None:
        """Wake, in order, as many as there is room for; a call has ended."""
        room: dict[str, int] = {}
        for place in self._places.values():
            for provider in place.providers:
                left = room.setdefault(provider, self._free(provider))
                if left > 0:
                    room[provider] = left - 1
                    place.woken.set()
                    break
