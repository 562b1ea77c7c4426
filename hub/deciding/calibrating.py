"""What marked decisions taught, kept up to date in a running program: a fold of the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from hub.consensus.learning.calibration import (
    NOTHING,
    Calibration,
    Recorded,
    learn,
    remembered,
    row_of,
)
from hub.domain.decision import Rule
from hub.domain.ids import DecisionId
from hub.domain.mark import Marked
from hub.domain.query import DecisionByRef, DecisionList, Marks, ThreadList
from hub.errors import UsageError
from hub.ports import Store


class Calibrations:
    """The calibration as of the newest mark in the journal, whichever program made it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._marked = NOTHING
        self._newest = 0
        """Number of the newest mark that is in it."""
        self._extending = asyncio.Lock()

    async def current(self, rule: Rule) -> Calibration:
        """Return what is known now; marks that came since the last time are added to it.

        Decisions that nobody marked teach `dawid_skene` alone, so only then are they read.
        """
        async with self._extending:
            for marked in await self._store.read(Marks(decisions=True, after=self._newest)):
                await self._add(marked)
        if rule is not Rule.DAWID_SKENE:
            return self._marked
        return remembered(NOTHING, (*await self._unmarked(), *self._marked.rows))

    async def _add(self, marked: Marked) -> None:
        self._newest = marked.n
        decision = await self._store.read(DecisionByRef(DecisionId(marked.about)))
        try:
            self._marked = learn(self._marked, decision, marked.mark)
        except UsageError:
            return  # nothing was decided, and the mark does not say what is right

    async def _unmarked(self) -> Iterator[Recorded]:
        """Return closed decisions of this journal's own; a file may say that anybody said anything."""
        own = set()
        for archived in (False, True):
            threads = await self._store.read(ThreadList(archived=archived))
            own |= {summary.thread.id for summary in threads if not summary.thread.imported}
        marked = {row.decision for row in self._marked.rows}
        decisions = await self._store.read(DecisionList())
        return (
            row_of(decision)
            for decision in reversed(decisions)
            if decision.closed_at and decision.thread_id in own and decision.id not in marked
        )
