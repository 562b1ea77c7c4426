"""What the router learned as text, as the journal keeps it; numpy is loaded when it is read.

A lesson is what one turn, bill or mark teaches. Turns only note theirs: they are worked off between
turns, since what they teach is in no hurry.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from hub.domain.mark import Grade
from hub.domain.route import Route, RouteRequest
from hub.errors import UsageError
from hub.router.adaptive.knowledge import VERSION, Knowledge
from hub.router.state import RouterState

Lesson = Callable[[RouterState], RouterState]

_MOST_LESSONS = 1_000
"""Lessons that may wait; the oldest are forgotten, as their turns soon would be."""


class Memory:
    """Lessons that wait, and what was kept of earlier ones."""

    def __init__(self) -> None:
        self._kept: str | None = None
        self._grades: tuple[Grade, ...] = ()
        self._lessons: deque[Lesson] = deque(maxlen=_MOST_LESSONS)
        self._changed = False
        self.waiting: Callable[[], object] = lambda: None
        """Called when a lesson waits."""

    def remember(self, kept: str | None, grades: tuple[Grade, ...]) -> None:
        """Take what the journal keeps, and the marks that are not in it; read when first needed."""
        self._kept, self._grades = kept, grades

    @property
    def asleep(self) -> bool:
        """True while there is something that nobody needed yet."""
        return self._kept is not None or bool(self._grades)

    def wake(self, state: RouterState) -> RouterState:
        """Return the state with everything that is remembered."""
        kept, grades = self._kept, self._grades
        self._kept, self._grades = None, ()
        learned = _read(kept) if kept is not None else state.learned
        return self.graded(replace(state, learned=learned), grades)

    def graded(self, state: RouterState, grades: tuple[Grade, ...]) -> RouterState:
        """Return the state after marks."""
        from hub.router.learning import graded

        for g in grades:
            state = graded(state, g.deployment, g.text, g.quality, g.weight, g.purpose, g.replaces)
        self._changed = self._changed or bool(grades)
        return state

    def routed(self, request: RouteRequest, route: Route) -> None:
        """Note that a turn was routed; one that the learned policy did not decide teaches nothing."""
        if route.learning is not None:
            from hub.router.learning import noted

            self._note(lambda state: noted(state, request, route))

    def paid(self, request: RouteRequest, route: Route, cost: int) -> None:
        """Note what a call on a route did cost, in micro-dollars."""
        if route.learning is not None:
            from hub.router.learning import paid

            served = route.deployment.id
            self._note(lambda state: paid(state, request, route, served, cost))

    def learn(self, state: RouterState) -> RouterState | None:
        """Return the state after the next lesson; None: none waits."""
        if not self._lessons:
            return None
        self._changed = True
        return self._lessons.popleft()(state)

    def _note(self, lesson: Lesson) -> None:
        self._lessons.append(lesson)
        self.waiting()

    def text(self, state: RouterState) -> str | None:
        """Return what is to be kept; None: nothing was learned since the last time."""
        if not self._changed or state.learned is None:
            return None
        from hub.router.adaptive.learned import known
        from hub.router.adaptive.stored import to_json

        self._changed = False
        return json.dumps(to_json(known(state.learned)), separators=(",", ":"))


def readable(kept: str) -> bool:
    """Tell whether this version can read what was kept, without reading it."""
    return kept.startswith(f'{{"version":{VERSION},')


def _read(kept: str) -> Knowledge | None:
    from hub.router.adaptive.stored import from_json

    try:
        return from_json(json.loads(kept))
    except (UsageError, ValueError):
        return None
