"""Token counts as providers send them, made into the normalised buckets of `hub.domain.usage`."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hub.domain.usage import Usage

_MOST = 10**9
"""More tokens than any call has; beyond it a count is nonsense."""
_TICKS = 10_000
"""xAI bills in ticks, 10^10 to a dollar: 10^4 to a micro-dollar."""

_FEES = {
    "web_search_calls": 5_000,
    "x_search_calls": 5_000,
    "code_interpreter_calls": 5_000,
    "document_search_calls": 10_000,
    "file_search_calls": 2_500,
    "mcp_calls": 0,
}
"""Micro-dollars for one call of xAI's own tools (docs.x.ai, "Tools pricing", November 2026)."""


def estimated_tokens(text: str) -> int:
    """Return a quarter of the characters, rounded up: what is booked where nobody counted."""
    return math.ceil(len(text) / 4)


def read_usage(raw: object, *, prompt_tokens: int, text: str) -> Usage:
    """Return normalised counts.

    Reasoning tokens go inside the completion whatever the provider does: xAI's chat counts them
    beside it, which its total gives away. Counts that are missing, negative, no numbers or at odds
    with each other are flagged as estimated.

    Args:
        raw: The answer's `usage` object.
        prompt_tokens: Estimate to use where there is none.
        text: The answer, for the same purpose.
    """
    counts = raw if isinstance(raw, Mapping) else {}
    prompt = _count(counts.get("prompt_tokens", counts.get("input_tokens")))
    answer = _count(counts.get("completion_tokens", counts.get("output_tokens")))
    billed = _micro(counts.get("cost_in_usd_ticks"))
    if prompt is None or answer is None:
        return Usage(
            prompt_tokens if prompt is None else prompt,
            estimated_tokens(text) if answer is None else answer,
            estimated=True,
            billed=billed,
            fees=_fees(counts),
        )
    cached = _detail(counts, "cached_tokens", "prompt_tokens_details", "input_tokens_details")
    hidden = _detail(
        counts, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"
    )
    total = _count(counts.get("total_tokens"))
    answer, odd = _with_reasoning(prompt, answer, hidden, total)
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=answer,
        cached_tokens=min(cached, prompt),
        reasoning_tokens=min(hidden, answer),
        estimated=odd or cached > prompt,
        billed=billed,
        fees=_fees(counts),
    )


def _with_reasoning(prompt: int, answer: int, hidden: int, total: int | None) -> tuple[int, bool]:
    """Return completion tokens with reasoning inside, and whether the counts are at odds."""
    if total is None:
        return (answer + hidden, False) if hidden > answer else (answer, False)
    if total == prompt + answer and hidden <= answer:
        return answer, False
    if total == prompt + answer + hidden:
        return answer + hidden, False
    return max(answer, total - prompt, hidden), True


def _fees(counts: Mapping[str, object]) -> int | None:
    """Return what the provider's tools cost; None for a tool whose fee nobody knows."""
    used = counts.get("server_side_tool_usage_details")
    if not isinstance(used, Mapping):
        return None if counts.get("num_server_side_tools_used") else 0
    total = 0
    for tool, calls in used.items():
        if (number := _count(calls)) is None or (number and tool not in _FEES):
            return None
        total += number * _FEES.get(tool, 0)
    return total


def _detail(counts: Mapping[str, object], name: str, *groups: str) -> int:
    for group in groups:
        found = counts.get(group)
        if isinstance(found, Mapping):
            return _count(found.get(name)) or 0
    return 0


def _count(value: object) -> int | None:
    """Return a token count, or None for what is none: bool, text, NaN, negative, absurd."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Compared first: an integer may have more digits than a float, and NaN is within no bounds.
    if not 0 <= value <= _MOST or value != int(value):
        return None
    return int(value)


def _micro(ticks: object) -> int | None:
    """Return micro-dollars for xAI's ticks, halves up."""
    if isinstance(ticks, bool) or not isinstance(ticks, int) or not 0 <= ticks <= _MOST * _TICKS:
        return None
    return (2 * ticks + _TICKS) // (2 * _TICKS)
