"""Token counts, normalised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.usage import read_usage
from hub.domain.usage import Usage


def read(raw):
    return read_usage(raw, prompt_tokens=11, text="x" * 9)


def counts(prompt, answer, total=None, *, cached=0, hidden=0, **more):
    raw = {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": hidden},
        **more,
    }
    return raw if total is None else {**raw, "total_tokens": total}


def searched(times):
    return {"web_search_calls": times, "x_search_calls": 0, "mcp_calls": 3}


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        (counts(10, 30, 40, hidden=20), Usage(10, 30, 0, 20)),
        (counts(165, 2, 292, cached=156, hidden=125), Usage(165, 127, 156, 125)),
        (counts(10, 5, hidden=20), Usage(10, 25, 0, 20)),
        (counts(10, 30, hidden=20), Usage(10, 30, 0, 20)),
        (counts(10, 30, 99, hidden=20), Usage(10, 89, 0, 20, estimated=True)),
        (counts(10, 30, 40, cached=50), Usage(10, 30, 10, 0, estimated=True)),
        ({"input_tokens": 3, "output_tokens": 4}, Usage(3, 4)),
        (counts(1, 1, 2, cost_in_usd_ticks=2_488_500), Usage(1, 1, billed=249)),
        (counts(1, 1, 2, cost_in_usd_ticks=-5), Usage(1, 1)),
        (counts(1, 1, 2, server_side_tool_usage_details=searched(2)), Usage(1, 1, fees=10_000)),
        (counts(1, 1, 2, server_side_tool_usage_details={"new": 1}), Usage(1, 1, fees=None)),
        (counts(1, 1, 2, server_side_tool_usage_details={"new": 0}), Usage(1, 1)),
        (counts(1, 1, 2, num_server_side_tools_used=1), Usage(1, 1, fees=None)),
    ],
)
def test_each_providers_arithmetic_is_understood(raw, usage):
    assert read(raw) == usage


@pytest.mark.fault(32)
@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), 1e999, -1, "12", True, 1.5, 10**12, []]
)
def test_a_count_that_makes_no_sense_is_estimated_and_flagged(value):
    assert read({"prompt_tokens": value, "completion_tokens": 4}) == Usage(11, 4, estimated=True)
    assert read({"prompt_tokens": 4, "completion_tokens": value}) == Usage(4, 3, estimated=True)


@pytest.mark.parametrize("raw", [None, {}, [], "many", 7])
def test_missing_counts_are_estimated_from_the_text(raw):
    assert read(raw) == Usage(11, 3, estimated=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["prompt_tokens", "completion_tokens", "total_tokens", "cost_in_usd_ticks",
     "prompt_tokens_details", "completion_tokens_details"]
)  # fmt: skip


@given(st.dictionaries(NAMES, JSON | st.dictionaries(st.just("reasoning_tokens"), JSON)))
def test_whatever_is_sent_the_buckets_hold_together(raw):
    usage = read(raw)

    assert 0 <= usage.cached_tokens <= usage.prompt_tokens
    assert 0 <= usage.reasoning_tokens <= usage.completion_tokens
    assert usage.billed is None or usage.billed >= 0
