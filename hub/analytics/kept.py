"""The graphs that the hub keeps: of each thread, of each day, and over all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hub.analytics.running import RunningGraph, addressees
from hub.domain.decision import Decision
from hub.domain.ids import DecisionId, ThreadId
from hub.domain.interaction import News, Place

ALL = "all"
_QUARTER = 900_000_000
"""Microseconds: every time zone begins its days on a quarter of an hour."""


class KeptGraphs:
    """Grows by news of the journal; begins anew where a thread was deleted."""

    def __init__(self, day_of: Callable[[int], str]) -> None:
        """Know nothing yet.

        Args:
            day_of: The ISO date of UTC microseconds, in the person's time zone.
        """
        self._day_of = day_of
        self._graphs: dict[str, RunningGraph] = {}
        self._known: dict[tuple[ThreadId, int], tuple[RunningGraph, ...]] = {}
        """The graphs of a thread in a quarter of an hour."""
        self._threads: set[ThreadId] = set()
        self._decided: set[DecisionId] = set()
        self.place = Place()
        """How far the journal was read."""
        self.decided_at = 0
        """UTC microseconds at which the newest decision in it was closed."""
        self.fresh: set[ThreadId] = set()
        """Threads that nobody has read the decisions of: those of a file were closed long ago."""

    def take(self, news: News) -> bool:
        """Add what is new; False: a thread is gone, so read from the beginning again."""
        if not self._threads <= news.threads:
            self._begin_anew()
            return False
        for said in news.utterances:
            spoken = addressees(said)
            for graph in self._of(said.thread_id, said.at):
                graph.say(said, spoken)
        for spent in news.spendings:
            for graph in self._of(spent.thread_id, spent.at):
                graph.spend(spent)
        self.place = news.place
        return True

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Add the closed ones among these that are not in yet."""
        for decision in decisions:
            if decision.closed_at is None or decision.id in self._decided:
                continue
            self._decided.add(decision.id)
            self.decided_at = max(self.decided_at, decision.closed_at)
            for graph in self._of(decision.thread_id, decision.closed_at):
                graph.decide(decision)

    def of(self, *, thread: ThreadId | None = None, day: str | None = None) -> RunningGraph:
        """Return the graph of a thread, of a day (ISO date), or over all; empty where unknown."""
        key = f"thread:{thread}" if thread else f"day:{day}" if day else ALL
        return self._graphs.get(key) or RunningGraph()

    @property
    def days(self) -> tuple[str, ...]:
        """The days that have a graph, in order."""
        return tuple(sorted(key[4:] for key in self._graphs if key.startswith("day:")))

    def _of(self, thread: ThreadId, at: int) -> tuple[RunningGraph, ...]:
        """Return the graphs that something in a thread at a moment belongs to."""
        found = self._known.get(key := (thread, at // _QUARTER))
        if found is None:
            if thread not in self._threads:
                self._threads.add(thread)
                self.fresh.add(thread)
            names = [ALL, f"thread:{thread}", *([f"day:{self._day_of(at)}"] if at else [])]
            found = tuple(self._graphs.setdefault(name, RunningGraph()) for name in names)
            self._known[key] = found
        return found

    def _begin_anew(self) -> None:
        self._known.clear()
        self._graphs.clear()
        self._threads.clear()
        self.fresh.clear()
        self._decided.clear()
        self.place = Place()
        self.decided_at = 0
