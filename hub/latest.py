"""The newest part of a thread, read without the rest: what a screen shows of a hundred thousand messages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from hub.domain.ids import ThreadId, TurnId
from hub.domain.query import TurnSummaries
from hub.domain.transcript import Interactions, TurnSummary
from hub.hub import Hub


class Latest(Hub):
    """The facade with what a screen reads of long threads."""

    async def turn_summaries(self, thread_id: ThreadId) -> Mapping[TurnId, TurnSummary]:
        """Return who served the turns of a thread and what they cost, in the order they were queued."""
        return await self._parts.store.read(TurnSummaries(thread_id))

    async def latest_interactions(self, thread_id: ThreadId, newest: int) -> Interactions:
        """Return who answers whom among the newest messages of a thread.

        Args:
            thread_id: The thread.
            newest: Messages to go by.
        """
        from hub.analytics.graph import interactions_of

        thread = await self.thread(thread_id)
        page = await self.messages(thread.id, limit=newest)
        made = await self.turn_summaries(thread.id)
        if page and page[0].seq > 1:  # of earlier turns nothing is shown
            posted = {message.turn_id for message in page}
            made = {id_: turn for id_, turn in made.items() if id_ in posted}
        return await asyncio.to_thread(interactions_of, thread.title, page, made)
