"""One budget as it stands: booked, reserved, left."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from typing_extensions import override

from hub.domain.usage import Budget
from ui.format import money, percent
from ui.widgets.panel import Panel

WARN = 0.8
"""Share of the cap, booked and reserved, from which the bar warns."""
_BAR_MOST = 30
_BAR_LEAST = 6


class BudgetBar(Panel):
    """A cap with what counts against it; a line, and a second one where the panel is narrow."""

    budget: reactive[Budget | None] = reactive(None, layout=True)
    """What is shown; None: there is no budget."""

    @override
    def lines(self, width: int) -> list[Content]:
        """Return the bar with its figures."""
        budget = self.budget
        if budget is None:
            return [self.row(width, ("no budget", self.style("muted")))]
        scope = budget.id.partition(":")[0] or budget.id
        if budget.cap is None:
            text = f"{money(budget.spent)} booked{_reserved(budget)}, no cap"
            return [self.row(width, (f"{scope} ", Style(bold=True)), (text, self.style("muted")))]
        used = budget.spent + budget.reserved
        share = used / budget.cap if budget.cap else 1.0
        tone, word = _warning(share)
        style = self.style(tone, bold=tone != "good")
        left = budget.cap - used
        rest = f"{money(left)} left" if left >= 0 else f"{money(-left)} over"
        first = [(f"{scope} ", Style(bold=True))]
        figures = f" {percent(share)}{word}"
        length = min(_BAR_MOST, width - len(scope) - 1 - len(figures))
        if length >= _BAR_LEAST:
            first += self._bar(budget, budget.cap, length, style)
        details = f"{money(budget.spent)} booked{_reserved(budget)}, {rest} of {money(budget.cap)}"
        head = self.row(width, *first, (figures, style))
        return [head, *self.wrapped(details, width, style=self.style("muted"))]

    def _bar(self, budget: Budget, cap: int, length: int, style: Style) -> list[tuple[str, Style]]:
        """Return three stretches that differ in shape, not only in colour."""
        full, held, free = "#=." if self.ascii_only else "█▒·"
        total = max(cap, budget.spent + budget.reserved, 1)
        booked = _cells(budget.spent, total, length)
        reserved = min(length - booked, _cells(budget.reserved, total, length))
        return [
            (full * booked, style),
            (held * reserved, style),
            (free * (length - booked - reserved), self.style("muted")),
        ]


def _cells(amount: int, total: int, length: int) -> int:
    """Return the cells of an amount: at least one for anything above zero."""
    return min(length, max(round(amount / total * length), int(amount > 0)))


def _reserved(budget: Budget) -> str:
    return f", {money(budget.reserved)} reserved" if budget.reserved else ""


def _warning(share: float) -> tuple[str, str]:
    if share > 1:
        return "bad", " ! over"
    if share >= 1:
        return "bad", " ! used up"
    if share >= WARN:
        return "warn", " ! nearly used"
    return "good", ""
