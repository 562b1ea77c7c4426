"""Prices that were fetched when the person asked for it, kept in the state folder until the next time.

Nothing is fetched unasked. The general data come from genai-prices' own updater; what a provider
itself lists (xAI) goes over them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hub.config_file import write_whole
from hub.domain.usage import Price, PriceTier
from hub.errors import StorageError

NAME = "prices.json"
_DEAREST = 10**17
"""Above every price and every moment."""
_RATES = ("input", "output", "cached")


@dataclass(frozen=True, slots=True)
class FetchedPrices:
    """What the file holds."""

    fetched_at: int | None = None
    """UTC microseconds; None: never."""
    prices: Mapping[str, Price] = field(default_factory=dict)
    """By `provider/model`."""
    damaged: bool = False
    """True where there is a file that makes no sense: then nothing in it counts."""


def read_prices(home: Path) -> FetchedPrices:
    """Return the fetched prices; none where nothing was fetched, or the file is damaged."""
    try:
        found = json.loads((home / NAME).read_bytes())
        prices = {str(name): _price(value) for name, value in found["prices"].items()}
        return FetchedPrices(_count(found["fetched_at"]), prices)
    except FileNotFoundError:
        return FetchedPrices()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return FetchedPrices(damaged=True)


def write_prices(home: Path, prices: Mapping[str, Price], at: int) -> Path:
    """Write the file whole or not at all; return its path.

    Raises:
        StorageError: It cannot be written.
    """
    path = home / NAME
    text = json.dumps({"fetched_at": at, "prices": {n: asdict(p) for n, p in prices.items()}})
    try:
        write_whole(path, text)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _price(value: Any) -> Price:
    tiers = [
        PriceTier(from_prompt_tokens=_count(tier["from_prompt_tokens"]), **_rates(tier))
        for tier in value["tiers"]
    ]
    rates, source = _rates(value), str(value["source"])[:80]
    return Price(rates["input"], rates["output"], rates["cached"], tuple(tiers), source)


def _rates(value: Any) -> dict[str, int]:
    return {name: _count(value[name]) for name in _RATES}


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _DEAREST:
        raise ValueError("no count")
    return value
