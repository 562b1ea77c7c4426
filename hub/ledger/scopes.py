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
    standing: str | None = None
    """Where a cap for every such scope may have been set by hand: `day`, `month`, `question`."""

    def cap_in(self, budgets: Mapping[str, Budget]) -> int | None:
        """Return the cap in force: set by hand for this scope or for all such, configured, stored."""
        if (by_hand := self.by_hand(budgets)) is not None:
            return by_hand.cap
        stored = budgets.get(self.id)
        return stored.cap if self.cap is None and stored is not None else self.cap

    def refuses_in(self, budgets: Mapping[str, Budget]) -> bool:
        """Tell whether passing the cap refuses; a default one that nobody set only warns."""
        return self.refuses or self.by_hand(budgets) is not None

    def left_in(self, budgets: Mapping[str, Budget]) -> int | None:
        """Return the micro-dollars left under the cap, below 0 where it was passed; None: no cap."""
        cap = self.cap_in(budgets)
        if cap is None:
            return None
        stored = budgets.get(self.id)
        return cap if stored is None else cap - stored.spent - stored.reserved

    @property
    def advice(self) -> str:
        """What to do where the cap refuses, as part of a sentence."""
        if self.raised_by is None:
            return "ask again with a larger --budget"
        return f"raise it with `gitbridge budget set {self.raised_by} USD`"

    @property
    def raised_by(self) -> str | None:
        """What `budget set` calls it; None for a cap that came with the question."""
        asked = self.id.startswith("question:") and self.standing is None
        return None if asked else self.standing or self.id

    def by_hand(self, budgets: Mapping[str, Budget]) -> Budget | None:
        """Return where the person set a cap by hand for it: on itself first, or on all such."""
        found = (budgets.get(id_) for id_ in (self.id, self.standing) if id_ is not None)
        return next((b for b in found if b is not None and b.by_person), None)


def scopes_of(turn: Turn, settings: BudgetSettings, moment: datetime) -> tuple[Scope, ...]:
    """Return what a turn counts against whoever is paid.

    Args:
        turn: Says thread, agent, question and tags.
        settings: The configured caps.
        moment: In the person's time zone, which decides the day and the month.
    """
    order = turn.order
    said = order.question_budget is not None
    return (
        Scope(
            f"question:{order.question_id or turn.id}",
            order.question_budget if said else settings.question,
            refuses=said or not settings.question_is_default,
            standing=None if said else "question",
        ),
        Scope(f"thread:{turn.thread_id}", settings.thread),
        Scope(f"agent:{order.agent}", settings.agents.get(order.agent)),
        *(Scope(f"tag:{tag}", settings.tags.get(tag)) for tag in dict.fromkeys(order.tags)),
        Scope(f"day:{moment:%Y-%m-%d}", settings.day, standing="day"),
        Scope(f"month:{moment:%Y-%m}", settings.month, standing="month"),
    )


def scope_of_provider(name: str, settings: BudgetSettings) -> Scope:
    """Return what is counted of every turn that a provider is paid for."""
    return Scope(f"provider:{name}", settings.providers.get(name))


def zone(name: str | None) -> tzinfo | None:
    """Return the time zone of that name; None stands for the machine's, as in `astimezone`."""
    if name is None:
        return None
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def local_time(now: int, where: tzinfo | None) -> datetime:
    """Return UTC microseconds as a date and time of that zone (None: the machine's)."""
    return datetime.fromtimestamp(now / 1e6, UTC).astimezone(where)
