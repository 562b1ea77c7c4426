"""Caps and prices, as the person sees and sets them."""

from __future__ import annotations

from hub.domain.change import SetBudget
from hub.domain.usage import Cap
from hub.ledger.caps import scope_named
from hub.record import Record


class Money(Record):
    """The part of the facade that knows caps and prices."""

    async def caps(self) -> tuple[Cap, ...]:
        """Return every cap in force with what counts against it, today's and this month's first."""
        return self._parts.ledger.caps(await self.budgets())

    async def set_budget(self, scope: str, cap: int | None) -> Cap | None:
        """Set a cap by hand, for all programs from their next call on; None takes it back.

        A cap set by hand stands over a configured one, and refuses.

        Args:
            scope: `day`, `month`, `question`, `thread:REF`, `agent:NAME`, `provider:NAME` or `tag:T`.
            cap: Micro-dollars.

        Returns:
            What is in force now; None where nothing is.

        Raises:
            UsageError: There is no such budget.
            NotFoundError: There is no such thread.
        """
        id_ = scope_named(scope, self.settings)
        kind, _, name = id_.partition(":")
        if kind == "thread":
            id_ = f"thread:{(await self.thread(name)).id}"
        await self._parts.store.commit(SetBudget(id_, cap))
        begins = (id_, f"{id_}:") if kind == id_ else (id_,)
        return next((cap for cap in await self.caps() if cap.scope.startswith(begins)), None)
