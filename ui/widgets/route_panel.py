"""Why a turn goes where it goes: every candidate with its score, its cost, and what it lacked."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from typing_extensions import override

from hub.domain.route import Candidate, Route
from ui.format import money, provider_mark
from ui.widgets.cell_text import pad
from ui.widgets.panel import Panel

_WORD = 8
_SCORE = 4
_SCORES_FROM = 34
"""Columns from which there is room for scores and their bars."""
_BAR_LEAST, _BAR_MOST = 4, 24
_REMOVED = (
    ("budget", "budget"),
    ("seat", "seated"),
    ("may not use", "barred"),
    ("asked for", "unasked"),
    ("window", "window"),
    ("embedded", "reserve"),
    ("key", "no key"),
    ("schema", "schema"),
    ("limit", "limited"),
    ("wait", "resting"),
    ("fail", "failed"),
)
"""What a reason speaks of, and the one word for it."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """How many cells each column has."""

    width: int
    name: int
    bar: int
    cost: int


class RoutePanel(Panel):
    """The last route, as the router explains it."""

    route: reactive[Route | None] = reactive(None, layout=True)
    """What is shown; None: nothing was routed yet."""

    @override
    def lines(self, width: int) -> list[Content]:
        """Return heading, a row per candidate, and the reason."""
        route = self.route
        if route is None:
            nothing = "no turn was routed yet"
            return [self.heading("route", nothing, width)]
        about = f"{'->' if self.ascii_only else '→'} {route.agent}, {route.strategy}"
        rows = [self.heading("route", about, width)]
        columns = self._columns(route, width)
        shares = _shares(route.candidates)
        for candidate in route.candidates:
            share = shares.get(candidate.deployment)
            rows.append(self._candidate(candidate, route, share, columns))
        why = self.wrapped(f"why: {route.reason}", width, style=self.style("muted"))
        return [*rows, *why]

    def _columns(self, route: Route, width: int) -> _Columns:
        """Divide the width: names first, as far as a short bar is left."""
        cost = max(len(money(c.cost)) for c in route.candidates)
        scored = width >= _SCORES_FROM
        free = max(4, width - 2 - (1 + _WORD) - (1 + cost) - (1 + _SCORE if scored else 0))
        if not scored:
            return _Columns(width, free, 0, cost)
        name = min(max(cell_len(_model(c)) for c in route.candidates), free - 1 - _BAR_LEAST)
        return _Columns(width, name, min(_BAR_MOST, free - 1 - name), cost)

    def _candidate(
        self, candidate: Candidate, route: Route, share: float | None, columns: _Columns
    ) -> Content:
        """Return name, bar, score, word and cost of one candidate."""
        chosen = candidate is route.chosen
        provider = candidate.deployment.partition("/")[0]
        mark = provider_mark(provider, route.deployment.kind if chosen else None)
        weight = Style(bold=chosen or None)
        colour = self.style(mark.tone, bold=chosen)
        word = "chosen" if chosen else word_for(candidate, route.chosen)
        return self.row(
            columns.width,
            (f"{mark.sign(ascii_only=self.ascii_only)} ", colour),
            (pad(_model(candidate), columns.name, ascii_only=self.ascii_only), weight),
            *self._score(candidate, share, columns.bar, (colour, weight)),
            (f" {pad(word, _WORD)}", self.style("good" if chosen else "muted", bold=chosen)),
            (f" {money(candidate.cost):>{columns.cost}}", weight),
        )

    def _score(
        self, candidate: Candidate, share: float | None, length: int, styles: tuple[Style, Style]
    ) -> tuple[tuple[str, Style], ...]:
        """Return bar and figure; blanks for a candidate that did not stand for election."""
        if not length:
            return ()
        if candidate.score is None or share is None:
            return ((" " * (1 + length + 1 + _SCORE), styles[1]),)
        drawn = self.meter(share, length, styles[0])
        return (" ", styles[1]), *drawn, (f" {candidate.score:>{_SCORE}.2f}", styles[1])


def _model(candidate: Candidate) -> str:
    provider, _, model = candidate.deployment.partition("/")
    return model or provider


def word_for(candidate: Candidate, chosen: Candidate) -> str:
    """Return one word for why a candidate lost: what took it out, or where it is furthest behind."""
    if candidate.removed is not None:
        reason = candidate.removed.lower()
        return next((word for part, word in _REMOVED if part in reason), "removed")
    if candidate.cost is None and chosen.cost is not None:
        return "unpriced"
    behind = {
        "dearer": _behind(candidate.cost, chosen.cost),
        "slower": _behind(candidate.latency_s, chosen.latency_s),
        "shakier": _behind(_failures(candidate), _failures(chosen)),
    }
    word = max(behind, key=lambda key: behind[key])
    return word if behind[word] > 0 else "behind"


def _behind(value: float | None, best: float | None) -> float:
    """Return the part of the value by which it exceeds the winner's; 0 where one is unknown."""
    if value is None or best is None or value <= best:
        return 0.0
    return (value - best) / value


def _failures(candidate: Candidate) -> float | None:
    return None if candidate.availability is None else 1 - candidate.availability


def _shares(candidates: tuple[Candidate, ...]) -> dict[str, float]:
    """Return how much of a bar each score fills: the best one all of it."""
    scores = {c.deployment: c.score for c in candidates if c.score is not None}
    low = min((0.0, *scores.values()))
    high = max(scores.values(), default=0.0)
    span = high - low
    return {name: (score - low) / span if span else 1.0 for name, score in scores.items()}
