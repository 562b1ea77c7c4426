"""Teaches the router between turns, and keeps what it learned in the journal.

Marks are the journal's: each program takes every one of them in once, in their order, whoever made
it. What was worked out from turns and marks is kept as a shortcut for the next start.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from hub.domain.change import KeepLearned
from hub.domain.mark import Grade
from hub.domain.query import Grades, Learned
from hub.errors import StorageError
from hub.router.memory import readable
from hub.serving.calls import Parts

NAME = "router"
"""Under which the journal keeps it."""
PAUSE_S = 0.5
"""Seconds that lessons wait, so that turns which follow one another are not held up by them."""
AT_ONCE = 25
"""Lessons between two pauses: each takes some tenths of a millisecond."""
FORGOTTEN = 0.5
"""What marks still weigh that are taken in once more, since what they had taught cannot be read."""


class Learning:
    """What one program's router learns while it runs."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._marks = 0
        """Number of the newest mark that was taken in."""
        self._ready = asyncio.Event()
        parts.router.memory.waiting = self._ready.set

    async def begin(self) -> None:
        """Hand the router what is known; it reads that when it first needs it."""
        store, memory = self._parts.store, self._parts.router.memory
        kept = await store.read(Learned(NAME))
        if kept is not None and readable(kept[0]):
            text, self._marks = kept
            grades = await store.read(Grades(after=self._marks))
            memory.remember(text, grades)
        else:
            grades = await store.read(Grades())
            memory.remember(None, grades if kept is None else tuple(map(_faded, grades)))
        self._note(grades)

    async def run(self) -> None:
        """Work off the lessons of turns until cancelled."""
        while True:
            await self._ready.wait()
            await self._parts.clock.sleep(PAUSE_S)
            learned = sum(self._parts.router.learn() for _ in range(AT_ONCE))
            if learned < AT_ONCE:
                self._ready.clear()

    async def catch_up(self) -> None:
        """Take in the marks that were made since, here or in another program."""
        if grades := await self._parts.store.read(Grades(after=self._marks)):
            self._note(grades)
            self._parts.router.mark(grades)

    async def keep(self) -> None:
        """Write what was learned; a journal that takes nothing keeps the marks at least."""
        router = self._parts.router
        while router.learn():
            pass
        if text := router.memory.text(router.state):
            with suppress(StorageError):
                await self._parts.store.commit(KeepLearned(NAME, text, self._marks))

    def _note(self, grades: tuple[Grade, ...]) -> None:
        self._marks = max((self._marks, *(grade.n for grade in grades)))


def _faded(grade: Grade) -> Grade:
    """Return what a mark says that is taken in once more."""
    was = grade.replaces and (grade.replaces[0], FORGOTTEN * grade.replaces[1])
    return replace(grade, weight=FORGOTTEN * grade.weight, replaces=was)
