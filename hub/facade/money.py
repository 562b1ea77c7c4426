"""Caps and prices, as the person sees and sets them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from typing_extensions import override

from hub.domain.ask import Ask
from hub.domain.change import SetBudget
from hub.domain.ids import ThreadId, TurnId, new_id
from hub.domain.query import Budgets
from hub.domain.text import one_line
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.domain.usage import Budget, Cap, Price, PriceUpdate, Room
from hub.errors import ProviderError, UsageError
from hub.facade.record import Record
from hub.ledger import prices as listed
from hub.ledger.caps import scope_named
from hub.ledger.price_file import FetchedPrices, read_prices, write_prices
from hub.ledger.prices import ConfiguredPrices
from hub.ports import PriceLister

_NO_PROXY = (
    "genai-prices' data were not fetched: its updater knows no proxy or CA of config.toml. Install a "
    "newer genai-prices instead."
)


class Money(Record):
    """The part of the facade that knows caps and prices."""

    @override
    async def budgets(self) -> Mapping[str, Budget]:
        """Return every budget, today's and this month's among them, with the cap that is in force."""
        stored = await super().budgets()
        found = dict(stored)
        for cap in self._parts.ledger.caps(stored):
            if cap.spent is not None:
                by_hand = cap.source == "by hand"
                found[cap.scope] = Budget(
                    cap.scope, cap.cap, cap.spent, cap.reserved or 0, by_person=by_hand
                )
        return found

    async def caps(self) -> tuple[Cap, ...]:
        """Return every cap in force with what counts against it, today's and this month's first."""
        return self._parts.ledger.caps(await super().budgets())

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

    async def room(
        self, ask: Ask, agents: tuple[str, ...], thread_id: ThreadId | None
    ) -> Room | None:
        """Return what the tightest cap that refuses leaves for a question; None: no such cap.

        Args:
            ask: The question.
            agents: Who would be asked.
            thread_id: Where; None: in a new thread.
        """
        ledger, found = self._parts.ledger, []
        for agent in agents:
            turn = rehearsed(ask, agent, thread_id, self._parts.clock.now())
            budgets = await self._parts.store.read(Budgets(ledger.budget_ids(turn)))
            if (room := ledger.room(turn, budgets)) is not None:
                found.append(room)
        return min(found, key=lambda room: room.left, default=None)

    def fetched_prices(self) -> FetchedPrices:
        """Return what `update_prices` fetched last."""
        return read_prices(self.settings.home)

    async def update_prices(self) -> PriceUpdate:
        """Fetch today's prices and keep them: genai-prices' data, then what xAI itself lists.

        What a source that fails would have brought stays as it was. Programs that run keep the prices
        they started with.

        Raises:
            StorageError: They cannot be kept.
        """
        now, failures = self._parts.clock.now(), []
        before = await asyncio.to_thread(self._priced)
        kept = self.fetched_prices().prices
        found = dict(kept)
        for source in (self._general, self._listed_by_providers):
            try:
                found |= await source(now)
            except (UsageError, ProviderError) as error:
                failures.append(str(error))
        if found != kept or not failures:
            await asyncio.to_thread(write_prices, self.settings.home, found, now)
        after = await asyncio.to_thread(self._priced)
        changed = (
            (id_, before[id_], price)
            for id_, price in after.items()
            if price is not None and not _alike(price, before[id_])
        )
        return PriceUpdate(len(found), tuple(changed), tuple(failures))

    def _priced(self) -> Mapping[str, Price | None]:
        """Return what each deployment's model costs as of now, by the deployment's id."""
        prices = ConfiguredPrices(self.settings)
        return {d.id: prices.price(d.provider, d.model) for d in self.deployments}

    async def _general(self, now: int) -> Mapping[str, Price]:
        """Return what genai-prices' newest data say of every provider that is configured."""
        network = self.settings.network
        if network.proxy or network.ca_bundle:
            raise UsageError(_NO_PROXY)
        try:
            snapshot = await asyncio.to_thread(listed.updated)
        except Exception as error:
            what = one_line(f"{type(error).__name__}: {error}", 200)
            raise UsageError(f"genai-prices' data could not be fetched ({what}).") from error
        moment = datetime.fromtimestamp(now / 1e6, UTC)
        return {
            f"{provider.name}/{model}": replace(
                price, source=f"{price.source} of {moment:%Y-%m-%d}"
            )
            for provider in self.settings.providers.values()
            if not provider.on_loopback
            for model in listed.models_listed(snapshot, provider)
            if (price := listed.listed_price(snapshot, provider, model, moment)) is not None
        }

    async def _listed_by_providers(self, now: int) -> Mapping[str, Price]:
        """Return the prices that the providers list themselves."""
        del now
        return {
            f"{provider}/{model}": price
            for provider, agent in self._parts.agents.items()
            if isinstance(agent, PriceLister)
            for model, price in (await agent.prices()).items()
        }


def rehearsed(ask: Ask, agent: str, thread_id: ThreadId | None, at: int) -> Turn:
    """Return the turn that a question would make of an agent, queued nowhere.

    Args:
        ask: The question.
        agent: Who would be asked.
        thread_id: Where; None: in a new thread.
        at: UTC microseconds.
    """
    order = TurnOrder(
        purpose=Purpose.REPLY,
        agent=agent,
        provider=ask.provider,
        model=ask.model,
        strategy=ask.strategy,
        question_budget=ask.budget,
        tags=ask.tags,
    )
    thread = thread_id or ThreadId(new_id())
    return Turn(TurnId(new_id()), thread, order, thread, TurnState.QUEUED, at)


def _alike(price: Price, before: Price | None) -> bool:
    """Tell whether two prices charge the same, wherever they come from."""
    if before is None:
        return False
    return (price.input, price.cached, price.output, price.tiers) == (
        before.input,
        before.cached,
        before.output,
        before.tiers,
    )
