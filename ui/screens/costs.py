"""F4: tokens and money by provider, model and agent, and what the budgets leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.text import Text
from textual import work
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Static
from typing_extensions import override

from hub.domain.ids import ThreadId
from hub.domain.text import one_line
from hub.domain.usage import UsageRow
from ui.format import UNKNOWN, money, tokens
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View
from ui.widgets.budget_bar import BudgetBar
from ui.widgets.cost_sparkline import CostSparkline
from ui.widgets.status_bar import today_of

_BY = ("provider", "model", "agent", "day", "thread")
_COLUMNS = ("", "calls", "prompt", "completion", "cost", "unknown")


class CostScreen(SideScreen):
    """What was booked; the figures are read again each time the screen opens."""

    SUBJECT = "Costs and budgets · all threads"

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with what the main screen shows, and read the rest."""
        super().__init__(view, now)
        self._session = session

    @override
    def content(self) -> list[Widget]:
        self.caps = Vertical(id="caps")
        blocks: list[Widget] = [
            CostSparkline(id="sparkline"),
            self.caps,
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
            if by == "thread":
                titles = {row.id: row.summary.thread.title for row in self.view.threads}
                rows = tuple(
                    replace(row, key=titles.get(ThreadId(row.key), row.key)) for row in rows
                )
            _fill(self.query_one(f"#by-{by}", DataTable), by, rows)
            booked += len(rows)
        if not booked:
            await self.query_one(VerticalScroll).mount(Static(Content("Nothing is booked yet.")))

    @override
    def show(self, view: View, now: int) -> None:
        self.query_one(CostSparkline).costs = view.costs
        today = today_of(view)
        capped = [
            budget
            for name, budget in sorted(view.budgets.items())
            if budget.cap is not None and not name.startswith("question:")  # one for each question
        ]
        shown = ([today] if today is not None else []) + [b for b in capped if b is not today]
        bars = list(self.caps.query(BudgetBar))
        for bar, budget in zip(bars, shown, strict=False):
            bar.budget = budget
        for bar in bars[len(shown) :]:
            _ = bar.remove()
        for budget in shown[len(bars) :]:
            more = BudgetBar()
            more.budget = budget
            _ = self.caps.mount(more)


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
