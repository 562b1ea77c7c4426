"""What the last turns cost, one column each; an unknown cost is drawn as unknown."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from typing_extensions import override

from ui.format import UNKNOWN, money
from ui.widgets.panel import Panel

TURNS = 30
"""Turns that are shown at most."""
_LEVELS = "▁▂▃▄▅▆▇█"
_ASCII_LEVELS = "_.-=+*%#"


class CostSparkline(Panel):
    """A column per turn, the newest on the right, against the dearest."""

    costs: reactive[tuple[int | None, ...]] = reactive((), layout=True)
    """Micro-dollars of the last turns, oldest first; None: unknown."""

    @override
    def lines(self, width: int) -> list[Content]:
        """Return heading, columns, and what they add up to."""
        costs = self.costs[-min(TURNS, width) :]
        if not costs:
            return [self.heading("cost", "no turn has ended yet", width)]
        count = "last turn" if len(costs) == 1 else f"last {len(costs)} turns"
        return [
            self.heading("cost", count, width),
            Content.assemble(*(self._column(cost, self._most(costs)) for cost in costs)),
            *self.wrapped(self._sum(costs), width, style=self.style("muted")),
        ]

    def _column(self, cost: int | None, most: int) -> tuple[str, Style]:
        if cost is None:
            return UNKNOWN, self.style("warn", bold=True)
        levels = _ASCII_LEVELS if self.ascii_only else _LEVELS
        if cost <= 0:
            return levels[0], self.style("muted")
        step = 1 + round(cost / most * (len(levels) - 2))
        return levels[step], self.style("busy")

    @staticmethod
    def _most(costs: tuple[int | None, ...]) -> int:
        return max((cost for cost in costs if cost is not None), default=0)

    def _sum(self, costs: tuple[int | None, ...]) -> str:
        known = [cost for cost in costs if cost is not None]
        unknown = len(costs) - len(known)
        if not known:
            return f"{unknown} of unknown cost ({UNKNOWN})"
        text = f"sum {money(sum(known))}, most {money(max(known))}"
        return f"{text}, {unknown} unknown ({UNKNOWN})" if unknown else text
