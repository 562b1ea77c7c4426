"""How the deployments have done over time, what decisions came to, who drives, who is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, cast

from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from hub.domain.insight import Bucket, Dashboard, DeploymentFigures, VoiceFigures
from hub.domain.text import one_line
from hub.errors import GitBridgeError
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

_LEVELS, _ASCII_LEVELS = "▁▂▃▄▅▆▇█", "_.-=+*%#"
_BAR = 12
_SLICES = 32
"""Newest pieces of time that a sparkline shows."""
_GOOD = 0.95
"""Share of answered calls below which a deployment is worth a look."""


class Summing(Protocol):
    """A hub that sums up: what the facade leaves out, since its values load late."""

    async def dashboard(self, *, since: int | None = None, ref: str | None = None) -> Dashboard:
        """Return everything at a glance."""
        ...


class DashboardScreen(SideScreen):
    """The figures of the last week; read again each time the screen opens."""

    SUBJECT = "Dashboard · the last week"

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
        hub = self._session.hub
        try:
            board = await cast("Summing", hub).dashboard()
        except GitBridgeError as error:
            self.body.update(Content(one_line(str(error), 400)))
            return
        lines = shown(board, hub.rests(), ascii_only=not speaks_unicode())
        self.body.update(Content("\n").join(lines))

    @override
    def show(self, view: View, now: int) -> None:
        """Nothing here changes with the view."""


def shown(board: Dashboard, rests: Mapping[str, str], *, ascii_only: bool) -> list[Content]:
    """Return the figures as lines.

    Args:
        board: As the hub sums it up.
        rests: Providers that are left alone for now, with the reason.
        ascii_only: True without UTF-8.
    """
    if not board.deployments and not board.voices:
        return [Content("Nothing was asked yet: ask something, and its figures stand here.")]
    by_strategy = ", ".join(f"{name} {count}" for name, count in board.strategies)
    lines = [
        Content.styled(
            f"since {date_time(board.since)} · strategy {board.strategy}", "$text-muted"
        ),
        Content.styled(f"calls by strategy: {by_strategy or 'none'}", "$text-muted"),
        Content(""),
    ]
    for row in board.deployments:
        pieces = [bucket for bucket in board.series if bucket.deployment == row.deployment]
        lines += _deployment(row, pieces, rests, ascii_only=ascii_only)
    lines += _repeats(board.deployments)
    lines += _decisions(board)
    lines += _voices(board.voices)
    return lines


def _deployment(
    row: DeploymentFigures, pieces: Sequence[Bucket], rests: Mapping[str, str], *, ascii_only: bool
) -> Iterator[Content]:
    provider, _, model = row.deployment.partition("/")
    mark = provider_mark(provider)
    tone = f"$tone-{mark.tone}"
    rest = rests.get(provider)
    signs = ("x", "+") if ascii_only else ("✗", "✓")
    state = (
        (f"{signs[0]} resting", "$tone-bad") if rest else (f"{signs[1]} in service", "$tone-good")
    )
    newest = pieces[-_SLICES:]
    calls = _spark([bucket.calls for bucket in newest], ascii_only=ascii_only)
    waits = _spark([bucket.latency_p50_s for bucket in newest], ascii_only=ascii_only)
    costs = _spark([bucket.cost for bucket in newest], ascii_only=ascii_only)
    unknown = f" + {row.unknown_cost_calls} {UNKNOWN}" if row.unknown_cost_calls else ""
    good = row.success is not None and row.success >= _GOOD
    yield Content.assemble(
        (f"{mark.sign(ascii_only=ascii_only)} ", tone),
        (f"{one_line(provider, 20)} {one_line(model, 40)}  ", "bold"),
        state,
        (f"  {one_line(rest, 160)}" if rest else "", "$text-muted"),
    )
    yield _figure("share", row.share, tone, f"{row.calls} calls", calls, ascii_only=ascii_only)
    yield _figure(
        "answered", row.success, "$tone-good" if good else "$tone-warn",
        f"{duration(row.latency_p50_s)} / {duration(row.latency_p95_s)} p95", waits,
        ascii_only=ascii_only,
    )  # fmt: skip
    yield _figure("cost", None, tone, f"{money(row.cost)}{unknown}", costs, ascii_only=ascii_only)
    if row.last_error:
        yield Content.assemble(
            ("  last error ", "$tone-bad"), (one_line(row.last_error, 160), "$text-muted")
        )
    yield Content("")


def _figure(
    name: str, share: float | None, style: str, says: str, over_time: str, *, ascii_only: bool
) -> Content:
    """Return a bar with its figure, and how it went."""
    meter = " " * (_BAR + 6)
    if share is not None:
        meter = f"{bar(share, _BAR, ascii_only=ascii_only)} {percent(share):>5}"
    return Content.assemble(
        (f"  {name:<9}", "$text-muted"), (meter, style), f"  {says:<22}", (over_time, style)
    )


def _spark(values: Sequence[float | None], *, ascii_only: bool) -> str:
    """Return a column for each value against the largest; a blank where nothing was."""
    levels = _ASCII_LEVELS if ascii_only else _LEVELS
    most = max((value for value in values if value), default=0)
    top = len(levels) - 1
    return "".join(
        levels[min(top, int(value / most * top + 0.5))] if value else " " for value in values
    )


def _repeats(rows: Sequence[DeploymentFigures]) -> Iterator[Content]:
    """Yield the retry scoreboard."""
    heads = f"{'REPEATS':<36}{'requests':>10}{'saved':>8}{'failovers':>11}"
    yield Content.styled(heads, "bold")
    for row in rows:
        yield Content(
            f"{one_line(row.deployment, 34):<36}{row.repeats:>10}{row.saved:>8}{row.failovers:>11}"
        )
    yield Content("")


def _decisions(board: Dashboard) -> Iterator[Content]:
    found = board.consensus
    each = money(found.cost_per_accepted) if found.accepted else UNKNOWN
    yield Content.assemble(
        ("DECISIONS  ", "bold"),
        f"{found.closed} closed, {found.open} open · {found.unanimous} unanimous, "
        f"{found.contested} contested · consensus {percent(found.consensus_ratio)} · "
        f"{each} for each accepted",
    )
    for point in board.decisions[-5:]:
        yield Content.assemble(
            (f"  {date_time(point.at)}  ", "$text-muted"),
            (f"{point.outcome:<14}", "bold"),
            f"{point.votes}/{point.chose}  {money(point.cost):>8}  {one_line(point.question, 80)}",
        )
    yield Content("")


def _voices(voices: Sequence[VoiceFigures]) -> Iterator[Content]:
    heads = f"{'VOICES':<24}{'messages':>9}{'drives':>9}{'ignored':>9}{'flips':>7}{'agrees':>9}{'cost':>10}"
    yield Content.styled(heads, "bold")
    for voice in voices:
        unknown = f"+{UNKNOWN}" if voice.unknown_cost_turns else ""
        yield Content(
            f"{one_line(voice.name, 22):<24}{voice.messages:>9}{percent(voice.drives):>9}"
            f"{percent(voice.ignored):>9}{voice.flips:>7}{percent(voice.agreement):>9}"
            f"{money(voice.cost) + unknown:>10}"
        )
