"""What a provider lists for free: its models, their prices, and the state of the key.

Sources: OpenAI, API reference, "List models"; xAI, API reference, "/v1/language-models" (prices in
US cents per 100 million tokens) and "/v1/api-key".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hub.domain.text import one_line
from hub.domain.usage import Price

_MICRO_DOLLARS = 100
"""Micro-dollars per million tokens, for one cent per 100 million."""
_DEAREST = 10**9
"""No price is higher: $100,000 per million tokens."""


def model_names(found: object) -> tuple[str, ...] | None:
    """Return the ids of a model list, or None where it is none."""
    data = found.get("data") if isinstance(found, Mapping) else None
    if not isinstance(data, list):
        return None
    ids = (item.get("id") for item in data if isinstance(item, Mapping))
    return tuple(one_line(name) for name in ids if isinstance(name, str))


def listed_prices(found: object) -> Mapping[str, Price] | None:
    """Return the price of each of xAI's language models, its aliases included; None: no list.

    A model whose price is not said is left out: unknown is not zero.
    """
    models = found.get("models") if isinstance(found, Mapping) else None
    if not isinstance(models, list):
        return None
    return {
        name: price
        for model in models
        if isinstance(model, Mapping) and (price := _price(model)) is not None
        for name in _names(model)
    }


def key_trouble(found: object) -> str | None:
    """Return why xAI takes no calls with this key, or None where nothing speaks against it."""
    if not isinstance(found, Mapping):
        return None
    if found.get("team_blocked") is True:
        return "has blocked the team of this key"
    if found.get("api_key_blocked") is True:
        return "has blocked this key"
    if found.get("api_key_disabled") is True:
        return "has this key switched off"
    return None


def _names(model: Mapping[str, object]) -> Iterator[str]:
    aliases = model.get("aliases")
    for name in (model.get("id"), *(aliases if isinstance(aliases, list) else ())):
        if isinstance(name, str) and name:
            yield one_line(name)


def _price(model: Mapping[str, object]) -> Price | None:
    fresh = _rate(model.get("prompt_text_token_price"))
    output = _rate(model.get("completion_text_token_price"))
    if fresh is None or output is None:
        return None
    cached = _rate(model.get("cached_prompt_text_token_price"))
    return Price(fresh, output, fresh if cached is None else cached, source="xAI's price list")


def _rate(cents: object) -> int | None:
    if isinstance(cents, bool) or not isinstance(cents, int) or not 0 <= cents <= _DEAREST:
        return None
    return cents * _MICRO_DOLLARS
