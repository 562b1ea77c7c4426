"""F4: tokens and money by provider, model and agent, and what the budgets leave."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import work
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Static
from typing_extensions import override

from hub.domain.text import one_line
from hub.domain.usage import UsageRow
from ui.format import UNKNOWN, money, tokens
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View
from ui.widgets.budget_bar import BudgetBar
from ui.widgets.cost_sparkline import CostSparkline
from ui.widgets.status_bar import today_of

_BY = ("provider", "model", "agent")
_COLUMNS = ("", "calls", "prompt", "completion", "cost", "unknown")


class CostScreen(SideScreen):
    """What was booked; the figures are read again each time the screen opens."""

    SUBJECT = "Costs · booked tokens and money, all threads"

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with what the main screen shows, and read the rest."""
        super().__init__(view, now)
        self._session = session

    @override
    def content(self) -> list[Widget]:
        blocks: list[Widget] = [
            BudgetBar(id="today"),
            CostSparkline(id="sparkline"),
        ]
        for by in _BY:
            table: DataTable[Text] = DataTable(id=f"by-{by}", show_cursor=False)
            blocks.append(table)
        for block in blocks:
            block.add_class("block")
        return [VerticalScroll(*blocks, classes="body")]

    @override
    def on_mount(self) -> None:
        super().on_mount()
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        booked = 0
        for by in _BY:
            rows = await self._session.hub.usage(by)
            _fill(self.query_one(f"#by-{by}", DataTable), by, rows)
            booked += len(rows)
        if not booked:
            await self.query_one(VerticalScroll).mount(Static(Content("Nothing is booked yet.")))

    @override
    def show(self, view: View, now: int) -> None:
        self.query_one(BudgetBar).budget = today_of(view)
        self.query_one(CostSparkline).costs = view.costs


def _fill(table: DataTable[Text], by: str, rows: Sequence[UsageRow]) -> None:
    table.clear(columns=True)
    table.add_columns(*(_cell(place, name or by) for place, name in enumerate(_COLUMNS)))
    for row in rows:
        unknown = f"{row.unknown_cost_calls} calls {UNKNOWN}" if row.unknown_cost_calls else ""
        figures = (
            one_line(row.key, 40),
            str(row.calls),
            tokens(row.prompt_tokens),
            tokens(row.completion_tokens),
            money(row.cost),
            unknown,
        )
        table.add_row(*(_cell(place, text) for place, text in enumerate(figures)))


def _cell(place: int, text: str) -> Text:
    """Names stand left, figures right."""
    return Text(text, justify="right" if place else "left")
