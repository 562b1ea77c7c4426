"""What the record says, for whoever runs the hub: dashboards, scoreboards, series."""

from __future__ import annotations

from collections.abc import Iterable

from hub.analytics import metrics, scoreboard, series
from hub.analytics.retries import retries
from hub.domain.ids import ThreadId, TurnId
from hub.domain.insight import Dashboard, Judged, Retries
from hub.domain.interaction import LoggedCall
from hub.domain.query import (
    CallLog,
    CallTotals,
    DecisionCosts,
    DecisionList,
    Marks,
    MessageByRef,
    OpenTurns,
    ThreadList,
    TurnSummaries,
)
from hub.domain.transcript import TurnSummary
from hub.facade.checks import Checks
from hub.facade.record import DAY

WEEK = 7 * DAY
"""Microseconds: what a dashboard looks back on unless told otherwise."""


class Insights(Checks):
    """The part of the facade that sums up."""

    async def calls(
        self, *, since: int = 0, ref: str | None = None, limit: int | None = None
    ) -> tuple[LoggedCall, ...]:
        """Return the calls that ended since a moment (UTC microseconds), oldest first."""
        thread = (await self.thread(ref)).id if ref else None
        return await self._parts.store.read(CallLog(since, thread, limit))

    async def retries(self, *, since: int = 0) -> tuple[Retries, ...]:
        """Return what sending again came to, by provider, since a moment (UTC microseconds)."""
        return retries(await self.calls(since=since))

    async def dashboard(self, *, since: int | None = None, ref: str | None = None) -> Dashboard:
        """Return everything at a glance.

        Args:
            since: UTC microseconds; None: a week ago, or the beginning of the thread.
            ref: One thread alone; None: all.
        """
        store, now = self._parts.store, self.now()
        thread = await self.thread(ref) if ref else None
        begin = since if since is not None else thread.created_at if thread else now - WEEK
        calls = await store.read(CallLog(begin, thread.id if thread else None))
        graph = await self.interactions(thread.id if thread else None)
        every = await store.read(DecisionList(thread.id if thread else None))
        costs = await store.read(DecisionCosts(thread.id if thread else None))
        recent = tuple(d for d in every if (d.closed_at or d.opened_at) >= begin)
        first = min((call.ended_at for call in calls), default=begin)
        step = series.step_for(max(begin, first), now)
        return Dashboard(
            at=now,
            since=begin,
            strategy=self._parts.router.strategy,
            threads=1 if thread else len(await store.read(ThreadList())),
            voices=metrics.voices(graph, every),
            consensus=metrics.consensus(recent, costs),
            deployments=series.deployments(calls),
            strategies=series.strategies(calls),
            series=series.series(calls, step),
            step=step,
            decisions=metrics.time_line(recent, costs),
            accord=graph.accord,
        )

    async def exposition(self) -> str:
        """Return the hub's figures in Prometheus' text format."""
        from hub.exports.prometheus import to_prometheus

        store = self._parts.store
        shown, archived = await self.threads(), await self.threads(archived=True)
        return to_prometheus(
            calls=await store.read(CallTotals()),
            providers=await self.usage("provider"),
            models=await self.usage("model"),
            budgets=(await self.budgets()).values(),
            consensus=metrics.consensus(await store.read(DecisionList()), {}),
            threads=len(shown) + len(archived),
            messages=sum(summary.messages for summary in (*shown, *archived)),
            open_turns=len(await store.read(OpenTurns())),
        )

    async def judged(self) -> tuple[Judged, ...]:
        """Return every answer and ballot that a mark speaks of."""
        store = self._parts.store
        decided = scoreboard.newest(await store.read(Marks(decisions=True)))
        said = scoreboard.newest(await store.read(Marks()))
        decisions = {d.id: d for d in await store.read(DecisionList()) if d.id in decided}
        messages = [await store.read(MessageByRef(str(id_))) for id_ in said]
        turns = await self._turns(
            [*(m.thread_id for m in messages), *(d.thread_id for d in decisions.values())]
        )
        found = [scoreboard.judged_message(m, said[m.id], turns) for m in messages]
        of_decisions = (
            scoreboard.judged_decision(decision, decided[id_], turns)
            for id_, decision in decisions.items()
        )
        return (*filter(None, found), *(one for group in of_decisions for one in group))

    async def _turns(self, threads: Iterable[ThreadId]) -> dict[TurnId, TurnSummary]:
        turns: dict[TurnId, TurnSummary] = {}
        for thread in dict.fromkeys(threads):
            turns.update(await self._parts.store.read(TurnSummaries(thread, routes=False)))
        return turns
