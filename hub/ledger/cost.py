"""What a call costs: before it (expected, at most) and after it, prompt and completion apart."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.usage import MICRO, Cost, Price, Usage

_TYPICAL = Price(input=MICRO, cached=MICRO // 4, output=4 * MICRO)
"""Splits a billed sum where no price is known: an output token costs about four of the prompt."""
_UNLIMITED = 1 << 53
"""Output tokens where they cost nothing."""


def cost_of(price: Price | None, usage: Usage) -> Cost:
    """Return what a call cost, in micro-dollars.

    What the provider says it billed is the truth where it says so: then the price only splits that
    sum, and prompt and completion together are exactly it. Without it, an unknown price or fee makes
    an unknown cost, and so does a price that is only a ceiling; fees of tools count with the
    completion, which called them.
    """
    if usage.billed is not None:
        return _split(usage.billed, price, usage)
    if price is None or price.at_most or usage.fees is None:
        return Cost(prompt=None, completion=None)
    cost = _priced(price, usage)
    return replace(cost, completion=(cost.completion or 0) + usage.fees)


def expected(price: Price | None, prompt_tokens: int, output_tokens: int) -> int | None:
    """Return the micro-dollars that a call should cost; None: unknown."""
    return price.expected(prompt_tokens, output_tokens) if price else None


def ceiling(price: Price | None, prompt_tokens: int, max_output: int) -> int | None:
    """Return the micro-dollars that a call can cost at most; None: unknown."""
    return price.ceiling(prompt_tokens, max_output) if price else None


def output_within(price: Price, prompt_tokens: int, headroom: int) -> int | None:
    """Return the most output tokens that a sum pays for beside the prompt.

    Args:
        price: Of the model to be asked.
        prompt_tokens: Estimate of what is sent.
        headroom: Micro-dollars.

    Returns:
        None when not even the prompt is affordable; else a limit whose ceiling is within the sum.
    """
    rest = headroom - price.ceiling(prompt_tokens, 0)
    if rest < 0:
        return None
    _, _, output = price.rates(prompt_tokens)
    return rest * MICRO // output if output else _UNLIMITED


def _priced(price: Price, usage: Usage) -> Cost:
    return price.cost(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)


def _split(billed: int, price: Price | None, usage: Usage) -> Cost:
    """Share a billed sum out as the price would have it."""
    for shares in (_priced(price, usage) if price else None, _priced(_TYPICAL, usage)):
        if shares and shares.total and shares.prompt is not None:
            prompt = billed * shares.prompt // shares.total
            return Cost(prompt=prompt, completion=billed - prompt)
    return Cost(prompt=0, completion=billed)
