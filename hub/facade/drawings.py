"""Graphs and pictures as files: what is drawn of which data, in which formats."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from hub.analytics import metrics, series
from hub.deciding.defending import record_of
from hub.domain.event import PictureDrawn
from hub.domain.query import CallLog, DecisionCosts, DecisionList
from hub.domain.transcript import Interactions
from hub.errors import UsageError
from hub.facade.insights import WEEK, Insights

KINDS = {
    "network": ("png", "svg", "html", "graphml", "json", "mermaid", "dot"),
    "agreement": ("png", "svg", "json"),
    "timeline": ("png", "svg", "mermaid"),
    "calls": ("png", "svg"),
    "routing": ("png", "svg"),
    "sequence": ("mermaid",),
    "pie": ("mermaid",),
    "card": ("png", "svg"),
}
"""What can be drawn, in which formats, the first being the default."""


class Drawings(Insights):
    """The part of the facade that draws."""

    async def drawing(
        self,
        kind: str,
        format: str,  # noqa: A002  the word people use
        *,
        ref: str | None = None,
        day: str | None = None,
        since: int | None = None,
        dark: bool = False,
    ) -> bytes:
        """Return a graph or a picture as a file.

        Args:
            kind: Of `KINDS`.
            format: One that the kind has.
            ref: A thread, or for `card` a decision; None: all threads.
            day: An ISO date, for `network`: that day alone.
            since: UTC microseconds, for `calls` and `routing`; None: a week ago.
            dark: Light ink on a dark ground, for pictures.

        Raises:
            UsageError: There is no such kind or format.
        """
        if kind not in KINDS:
            raise UsageError(f"Nothing is drawn as {kind!r}: choose {', '.join(KINDS)}.")
        if format not in KINDS[kind]:
            raise UsageError(f"A {kind} is {' or '.join(KINDS[kind])}, not {format}.")
        began = self._parts.clock.monotonic()
        makers: dict[str, Callable[[], Awaitable[bytes]]] = {
            "network": lambda: self._network(format, ref, day, dark=dark),
            "agreement": lambda: self._agreement(format, ref, dark=dark),
            "timeline": lambda: self._timeline(format, ref, dark=dark),
            "calls": lambda: self._calls(kind, format, ref, since, dark=dark),
            "routing": lambda: self._calls(kind, format, ref, since, dark=dark),
            "sequence": lambda: self._sequence(ref),
            "pie": lambda: self._pie(ref),
            "card": lambda: self._card(format, ref, dark=dark),
        }
        data = await makers[kind]()
        seconds = self._parts.clock.monotonic() - began
        self._parts.bus.publish(PictureDrawn(ref or "all", kind, format, len(data), seconds))
        return data

    async def _network(
        self, format_: str, ref: str | None, day: str | None, *, dark: bool
    ) -> bytes:
        graph = await self.interactions(ref, day)
        return await asyncio.to_thread(_network_of, graph, format_, dark=dark)

    async def _agreement(self, format_: str, ref: str | None, *, dark: bool) -> bytes:
        from hub.exports.heat_map import agreement_json, heat_map

        graph = await self.interactions(ref)
        names, matrix = metrics.agreement_matrix(graph)
        if format_ == "json":
            return agreement_json(names, graph.accord).encode()
        return await asyncio.to_thread(
            heat_map, names, matrix, title=graph.title, format=format_, dark=dark
        )

    async def _timeline(self, format_: str, ref: str | None, *, dark: bool) -> bytes:
        from hub.exports.mermaid import time_line
        from hub.exports.timeline_picture import timeline_picture

        store, thread = self._parts.store, await self.thread(ref) if ref else None
        id_, title = (thread.id, thread.title) if thread else (None, "all threads")
        decisions = await store.read(DecisionList(id_))
        points = metrics.time_line(decisions, await store.read(DecisionCosts(id_)))
        if format_ != "mermaid":
            return await asyncio.to_thread(
                timeline_picture, points, title=title, format=format_, dark=dark
            )
        day_of = self._parts.ledger.day
        if thread:
            activity = Counter(day_of(m.created_at) for m in await self.messages(thread.id))
        else:
            kept = await self.graphs()
            activity = Counter({day: len(kept.of(day=day)) for day in kept.days})
        return time_line(title, points, activity, day_of).encode()

    async def _calls(
        self, kind: str, format_: str, ref: str | None, since: int | None, *, dark: bool
    ) -> bytes:
        from hub.exports.series_picture import calls_picture, routing_picture

        thread, now = await self.thread(ref) if ref else None, self.now()
        begin = since if since is not None else thread.created_at if thread else now - WEEK
        calls = await self._parts.store.read(CallLog(begin, thread.id if thread else None))
        ends = [call.ended_at for call in calls]
        step = series.step_for(min(ends, default=begin), max(ends, default=now))
        draw = calls_picture if kind == "calls" else routing_picture
        title = thread.title if thread else "all threads"
        buckets = series.series(calls, step)
        return await asyncio.to_thread(draw, buckets, step, title=title, format=format_, dark=dark)

    async def _sequence(self, ref: str | None) -> bytes:
        from hub.exports.mermaid import sequence

        if ref is None:
            raise UsageError("A sequence is of one thread: say which.")
        return sequence(await self.transcript(ref)).encode()

    async def _pie(self, ref: str | None) -> bytes:
        from hub.exports.mermaid import pie

        thread = (await self.thread(ref)) if ref else None
        decisions = await self._parts.store.read(DecisionList(thread.id if thread else None))
        found = metrics.consensus(decisions, {})
        rest = found.closed - found.unanimous - found.contested
        shares = {"unanimous": found.unanimous, "contested": found.contested, "one voter": rest}
        title = f"Decisions of {thread.title if thread else 'all threads'}"
        return pie(title, shares | {"open": found.open}).encode()

    async def _card(self, format_: str, ref: str | None, *, dark: bool) -> bytes:
        from hub.exports.card import decision_card

        if ref is None:
            raise UsageError("A card is of one decision: give its id.")
        decision = await self.decision(ref)
        graph = await self.interactions(decision.thread_id)
        costs = await self._parts.store.read(DecisionCosts(decision.thread_id))
        usage = costs.get(decision.id)
        if usage is None and decision.proposal.supersedes:  # its ballots were cast before it
            usage = (await record_of(self._parts, decision)).usage
        places = await self.layout(graph)
        return await asyncio.to_thread(
            decision_card, decision, graph, places, usage, format=format_, dark=dark
        )


def _network_of(graph: Interactions, format_: str, *, dark: bool) -> bytes:
    """Return the interaction graph in one of its formats."""
    from hub.analytics.layout import place
    from hub.exports.dot import to_dot
    from hub.exports.graphml import to_graphml
    from hub.exports.html import picture_page
    from hub.exports.mermaid import network
    from hub.exports.node_link import to_node_link
    from hub.exports.picture import draw

    texts: dict[str, Callable[[Interactions], str]] = {
        "graphml": to_graphml, "json": to_node_link, "mermaid": network, "dot": to_dot,
    }  # fmt: skip
    if format_ in texts:
        return texts[format_](graph).encode()
    if format_ == "html":
        return picture_page(graph.title, draw(graph, place(graph), format="svg").decode()).encode()
    return draw(graph, place(graph), format=format_, dark=dark)
