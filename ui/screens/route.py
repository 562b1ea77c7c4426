"""F3: the router's log: a row for each turn, and every candidate of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import work
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import DataTable
from typing_extensions import override

from hub.domain.route import HEDGE, Route, RoutedCall
from hub.domain.text import one_line
from hub.errors import GitBridgeError
from ui.format import UNKNOWN, clock_time, duration, money
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View
from ui.widgets.route_panel import RoutePanel

SHOWN = 200
"""Newest routes that are listed."""
_COLUMNS = ("at", "agent", "deployment", "strategy", "score", "cost", "others", "took")


class RouteScreen(SideScreen):
    """The log above, the candidates below."""

    SUBJECT = "Route · why this model; up and down pick a turn"

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with the newest route of the open thread, and read the log."""
        super().__init__(view, now)
        self._session = session
        self._calls: tuple[RoutedCall, ...] = ()
        self._picked: Route | None = None

    @override
    def content(self) -> list[Widget]:
        self.table: DataTable[Text] = DataTable(id="log", cursor_type="row")
        self.panel = RoutePanel(id="route")
        return [self.table, VerticalScroll(self.panel, classes="body")]

    @override
    def on_mount(self) -> None:
        self.table.add_columns(*map(Text, _COLUMNS))
        super().on_mount()
        self.table.focus()
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        try:
            self._calls = tuple(reversed(await self._session.hub.routes(SHOWN)))
        except GitBridgeError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.table.clear()
        for call in self._calls:
            self.table.add_row(*map(Text, _row(call)))
        self._place_cursor()

    def _place_cursor(self) -> None:
        wanted = self._picked or self.view.route
        ids = [call.route.turn_id for call in self._calls]
        if wanted is not None and wanted.turn_id in ids:
            self.table.move_cursor(row=ids.index(wanted.turn_id))

    def pick(self, route: Route) -> None:
        """Show one turn's route."""
        self._picked = route
        self.panel.route = route
        self._place_cursor()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Show the candidates of the turn under the cursor."""
        event.stop()
        if self._calls and event.cursor_row < len(self._calls):
            self.panel.route = self._calls[event.cursor_row].route

    @override
    def show(self, view: View, now: int) -> None:
        if not self._calls:
            self.panel.route = self._picked or view.route


def _row(call: RoutedCall) -> tuple[str, ...]:
    route = call.route
    at = call.call.started_at if call.call else None
    score = route.chosen.score
    return (
        clock_time(at),
        one_line(route.agent, 16),
        one_line(route.deployment.id, 32) + _place(call),
        one_line(route.strategy, 22),
        UNKNOWN if score is None else f"{score:.2f}",
        money(call.cost),
        _others(call),
        duration(call.latency_s),
    )


def _place(call: RoutedCall) -> str:
    """Return which call of its turn it is, where that is not the only one."""
    if call.route.strategy == HEDGE:
        return " (beside)"
    return f" (try {call.n})" if call.n > 1 else ""


def _others(call: RoutedCall) -> str:
    """Return the range of what the other candidates would have cost for the same tokens."""
    others: Sequence[int] = [
        cost
        for candidate in call.route.standing[1:]
        if (cost := call.would_cost(candidate)) is not None
    ]
    if not others:
        return UNKNOWN
    low, high = min(others), max(others)
    return money(low) if low == high else f"{money(low)} to {money(high)}"
