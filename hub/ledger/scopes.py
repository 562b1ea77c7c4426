"""The budgets that a turn counts against: question, thread, agent, tags, provider, day, month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from hub.config import BudgetSettings
from hub.domain.turn import Turn
from hub.domain.usage import Budget


@dataclass(frozen=True, slots=True)
class Scope:
    """One budget with the cap that the person configured for it."""

    id: str
    """`question:ID`, `thread:ID`, `agent:NAME`, `provider:NAME`, `tag:T`, `day:2026-11-22`, ..."""
    cap: int | None
    """Micro-dollars; None: none configured, though one may have been set since (`SetBudget`)."""
    refuses: bool = True
    """False for the default cap alone, which warns."""

    def cap_in(self, budgets: Mapping[str, Budget]) -> int | None:
        """Return the cap in force: one set by hand, else the configured, else the stored one."""
        stored = budgets.get(self.id)
        if stored is None or stored.cap is None:
            return self.cap
        return stored.cap if stored.by_person or self.cap is None else self.cap

    def refuses_in(self, budgets: Mapping[str, Budget]) -> bool:
        """Tell whether passing the cap refuses; a default one that nobody set only warns."""
        stored = budgets.get(self.id)
        return self.refuses or (stored is not None and stored.by_person)

    def left_in(self, budgets: Mapping[str, Budget]) -> int | None:
        """Return the micro-dollars left under the cap, below 0 where it was passed; None: no cap."""
        cap = self.cap_in(budgets)
        if cap is None:
            return None
        stored = budgets.get(self.id)
        return cap if stored is None else cap - stored.spent - stored.reserved


def scopes_of(
    turn: Turn, provider: str | None, settings: BudgetSettings, moment: datetime
) -> tuple[Scope, ...]:
    """Return what a turn counts against.

    Args:
        turn: Says thread, agent, question and tags.
        provider: Who is paid; None while that is not decided.
        settings: The configured caps.
        moment: In the person's time zone, which decides the day and the month.
    """
    order = turn.order
    said = order.question_budget is not None
    found = [
        Scope(
            f"question:{order.question_id or turn.id}",
            order.question_budget if said else settings.question,
            refuses=said or not settings.question_is_default,
        ),
        Scope(f"thread:{turn.thread_id}", settings.thread),
        Scope(f"agent:{order.agent}", settings.agents.get(order.agent)),
        *(Scope(f"tag:{tag}", settings.tags.get(tag)) for tag in dict.fromkeys(order.tags)),
        Scope(f"day:{moment:%Y-%m-%d}", settings.day),
        Scope(f"month:{moment:%Y-%m}", settings.month),
    ]
    if provider is not None:
        found.append(Scope(f"provider:{provider}", settings.providers.get(provider)))
    return tuple(found)


def zone(name: str | None) -> tzinfo | None:
    """Return the time zone of that name; None stands for the machine's, as in `astimezone`."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def local_time(now: int, where: tzinfo | None) -> datetime:
    """Return UTC microseconds as a date and time of that zone (None: the machine's)."""
    return datetime.fromtimestamp(now / 1e6, UTC).astimezone(where)
