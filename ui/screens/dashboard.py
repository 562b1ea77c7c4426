"""How the deployments have done: latency, success, cost and shares over time, repeats, breakers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from hub.domain.text import one_line
from hub.errors import GitBridgeError
from ui.figures import Dashboard, Figures, dashboard
from ui.format import (
    UNKNOWN,
    bar,
    date_time,
    duration,
    money,
    percent,
    provider_mark,
    speaks_unicode,
)
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View

CALLS = 2_000
"""Newest calls that the figures are made from."""
_LEVELS, _ASCII_LEVELS = "▁▂▃▄▅▆▇█", "_.-=+*%#"
_BAR = 12
_GOOD = 0.95
"""Share of answered calls below which a deployment is worth a look."""


class DashboardScreen(SideScreen):
    """Figures of the newest calls; they are read again each time the screen opens."""

    SUBJECT = "Dashboard · the newest 2,000 calls, by deployment"

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin empty, and read."""
        super().__init__(view, now)
        self._session = session

    @override
    def content(self) -> list[Widget]:
        self.body = Static(Content("reading…"), id="figures", markup=False)
        return [VerticalScroll(self.body, classes="body")]

    @override
    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(VerticalScroll).focus()
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        try:
            found = dashboard(await self._session.hub.routes(CALLS))
        except GitBridgeError as error:
            self.body.update(Content(one_line(str(error), 400)))
            return
        self.body.update(shown(found, self._session.hub.rests(), ascii_only=not speaks_unicode()))

    @override
    def show(self, view: View, now: int) -> None:
        """Nothing here changes with the view."""


def shown(found: Dashboard, rests: Mapping[str, str], *, ascii_only: bool) -> Content:
    """Return the figures as text."""
    if not found.rows:
        return Content("No call was made yet: ask something, and its figures stand here.")
    span = f"{date_time(found.first)} to {date_time(found.last)}"
    lines = [Content.styled(span, "$text-muted"), Content("")]
    for row in found.rows:
        lines += _lines(row, rests, ascii_only=ascii_only)
    lines.append(_scoreboard_head())
    lines += [_scores(row) for row in found.rows]
    return Content("\n").join(lines)


def _lines(row: Figures, rests: Mapping[str, str], *, ascii_only: bool) -> list[Content]:
    provider, _, model = row.deployment.partition("/")
    mark = provider_mark(provider)
    tone = f"$tone-{mark.tone}"
    rest = rests.get(provider)
    state = (
        ("x resting" if ascii_only else "✗ resting", "$tone-bad")
        if rest
        else ("+ in service" if ascii_only else "✓ in service", "$tone-good")
    )
    unknown = f" + {row.unknown_costs} {UNKNOWN}" if row.unknown_costs else ""
    lines = [
        Content.assemble(
            (f"{mark.sign(ascii_only=ascii_only)} ", tone),
            (f"{one_line(provider, 20)} {one_line(model, 40)}  ", "bold"),
            state,
            (f"  {one_line(rest, 160)}" if rest else "", "$text-muted"),
        ),
        Content.assemble(
            ("  share    ", "$text-muted"),
            (bar(row.share, _BAR, ascii_only=ascii_only), tone),
            f" {percent(row.share):>5}  {row.calls} calls   ",
            ("over time ", "$text-muted"),
            (_spark(row.over_time, ascii_only=ascii_only), tone),
        ),
        Content.assemble(
            ("  answered ", "$text-muted"),
            (
                bar(row.ok or 0, _BAR, ascii_only=ascii_only),
                "$tone-good" if (row.ok or 0) >= _GOOD else "$tone-warn",
            ),
            f" {percent(row.ok):>5}  {money(row.cost)}{unknown}",
        ),
        Content.assemble(
            ("  latency  ", "$text-muted"),
            f"{duration(row.median_s)} median, {duration(row.p95_s)} p95   ",
            ("over time ", "$text-muted"),
            (_spark(row.latency_over_time, ascii_only=ascii_only), tone),
        ),
    ]
    lines += [
        Content.assemble((f"  {count} x ", "$tone-bad"), (one_line(error, 140), "$text-muted"))
        for error, count in row.errors
    ]
    return [*lines, Content("")]


def _spark(values: Sequence[float | None], *, ascii_only: bool) -> str:
    """Return a column for each value against the largest; nothing where nothing is known."""
    levels = _ASCII_LEVELS if ascii_only else _LEVELS
    most = max((value for value in values if value), default=0)
    if not most:
        return "-" * len(values)
    return "".join(
        " "
        if not value
        else levels[min(len(levels) - 1, int(value / most * (len(levels) - 1) + 0.5))]
        for value in values
    )


def _scoreboard_head() -> Content:
    heads = f"{'REPEATS':<34}{'requests':>10}{'saved':>8}{'lost':>8}{'failover':>10}"
    return Content.styled(heads, "bold")


def _scores(row: Figures) -> Content:
    return Content(
        f"{one_line(row.deployment, 32):<34}{row.repeats:>10}{row.saved:>8}{row.lost:>8}"
        f"{row.failovers:>10}"
    )
