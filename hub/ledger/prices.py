"""What models cost today: the person's own prices, loopback, what was fetched, genai-prices' own data.

The last are in its package, so that nothing has to be fetched before the first question.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.config import PriceSettings, ProviderSettings, Settings
from hub.domain.usage import FREE, MICRO, Price, PriceTier
from hub.ledger.price_file import FetchedPrices, read_prices

_KNOWN = {"openai": "openai", "grok": "x-ai"}
"""Our kinds of provider, and what genai-prices calls them."""

_EFFORT = re.compile(r"-(low|medium|high)$")
"""xAI names the effort with the model that it says has answered: `grok-3-mini-high`."""


def _now() -> datetime:
    return datetime.now(UTC)


class ConfiguredPrices:
    """The price book: `hub.ports.PriceBook` over the settings."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = _now) -> None:
        """Look nothing up yet: the price data take 0.2 s to import.

        Args:
            settings: Prices and providers of the person.
            now: Says which day's prices count.
        """
        self._settings = settings
        self._now = now
        self._found: dict[tuple[str, str, date], Price | None] = {}
        self._fetched: FetchedPrices | None = None

    @property
    def fetched(self) -> FetchedPrices:
        """What `prices update` fetched last."""
        if self._fetched is None:
            self._fetched = read_prices(self._settings.home)
        return self._fetched

    def price(self, provider: str, model: str) -> Price | None:
        """Return what a model costs today at a configured provider.

        Where nobody knows that, the ceiling that the person set for it, which says so itself; None:
        there is none either.
        """
        moment = self._now()
        key = (provider, model, moment.date())
        if key not in self._found:
            self._found[key] = self._look_up(provider, model, moment)
        return self._found[key]

    def _look_up(self, provider: str, model: str, moment: datetime) -> Price | None:
        own = self._settings.written_price(provider, model)
        if own is not None and not own.ceiling:
            return _written(own)
        settings = self._settings.providers.get(provider)
        found = None
        if settings is not None and settings.on_loopback:
            found = FREE
        elif settings is not None:
            found = self.fetched.prices.get(f"{provider}/{model}")
            found = found or listed_price(bundled(), settings, model, moment)
        return _written(own) if found is None and own is not None else found


def _written(own: PriceSettings) -> Price:
    return Price(
        input=own.input,
        output=own.output,
        cached=own.input if own.cached is None else own.cached,
        source="ceiling of config.toml" if own.ceiling else "config.toml",
        at_most=own.ceiling,
    )


def bundled() -> Any:
    """Return the price data in the package."""
    from genai_prices.data_snapshot import get_snapshot

    return get_snapshot()


def updated(url: str | None = None) -> Any:
    """Return today's price data, fetched by genai-prices' own updater; blocks for up to 10 s.

    Args:
        url: None: where genai-prices keeps them.

    Raises:
        Exception: Whatever its HTTP library raises, or `ValueError` for what is no price data.
    """
    from genai_prices import UpdatePrices

    return (UpdatePrices() if url is None else UpdatePrices(url=url)).fetch()


def seller_of(snapshot: Any, provider: ProviderSettings) -> str | None:
    """Return what the data call a provider: by the address it is served from, else by our kind."""
    at_address = (p.id for p in snapshot.providers if re.match(p.api_pattern, provider.base_url))
    return next(at_address, _KNOWN.get(provider.kind))


def models_listed(snapshot: Any, provider: ProviderSettings) -> tuple[str, ...]:
    """Return all models of a provider that the data know."""
    seller = seller_of(snapshot, provider)
    return tuple(m.id for p in snapshot.providers if p.id == seller for m in p.models)


def listed_price(
    snapshot: Any, provider: ProviderSettings, model: str, moment: datetime
) -> Price | None:
    """Return what genai-prices says that a model costs at a moment, or None."""
    seller = seller_of(snapshot, provider)
    if seller is None:
        return None
    try:
        _, found = snapshot.find_provider_model(model, None, seller, None)
    except LookupError:
        plain = _EFFORT.sub("", model) if provider.kind == "grok" else model
        return listed_price(snapshot, provider, plain, moment) if plain != model else None
    listed = found.get_prices(moment)
    if listed.input_mtok is None or listed.output_mtok is None or listed.requests_kcount:
        return None
    return _converted(listed.input_mtok, listed.cache_read_mtok, listed.output_mtok)


def _converted(fresh: Any, cached: Any, output: Any) -> Price:
    """Turn a listing's decimals or tiered prices, in dollars per million tokens, into a `Price`."""
    rows = (fresh, fresh if cached is None else cached, output)
    starts = sorted({tier.start for row in rows for tier in getattr(row, "tiers", ())})
    base = [_micro(getattr(row, "base", row)) for row in rows]
    tiers = []
    for start in starts:
        own = [_micro(_above(row, start)) for row in rows]
        # A tier begins above its start; ours says from which token on.
        tiers.append(PriceTier(start + 1, input=own[0], cached=own[1], output=own[2]))
    return Price(
        input=base[0], cached=base[1], output=base[2], tiers=tuple(tiers), source="genai-prices"
    )


def _above(row: Any, start: int) -> Decimal:
    """Return the price in force just above a prompt of `start` tokens."""
    price: Decimal = getattr(row, "base", row)
    for tier in getattr(row, "tiers", ()):
        if tier.start <= start:
            price = tier.price
    return price


def _micro(dollars: Decimal) -> int:
    return round(dollars * MICRO)
