"""The text format is what a scraper reads, whatever providers are called."""

from __future__ import annotations

import re

import pytest

from hub.analytics.metrics import consensus
from hub.domain.interaction import CallCount, CallSums, Histogram
from hub.domain.turn import CallState
from hub.domain.usage import Budget, UsageRow
from hub.exports.prometheus import to_prometheus
from tests.fakes.transcripts import PAYLOADS, deliberation

SAMPLE = re.compile(
    r"gitbridge_[a-z_]+(\{[a-z]+=\"(?:[^\"\\\n]|\\[\\\"n])*\"(,[a-z]+=\"(?:[^\"\\\n]|\\[\\\"n])*\")*\})?"
    r" -?\d+(\.\d+)?(e[+-]\d+)?"
)


NOTHING = CallSums()


def calls(deployment="openai/a") -> CallSums:
    times = Histogram(deployment, 2, 9.5, (0, 0, 1, 1, 1, 1, 1, 2, 2, 2))
    counts = (
        CallCount(deployment, CallState.DONE, 2, 1),
        CallCount(deployment, CallState.REJECTED, 1, 3),
    )
    return CallSums(counts, (times,), (times,))


def text(calls=NOTHING, provider="openai") -> str:
    row = UsageRow(provider, 100, 10, 3, 2, 40, 60, 1_250_000, 1, 4)
    return to_prometheus(
        calls=calls,
        providers=[row],
        models=[row],
        budgets=[Budget("day:2026-11-22", 5_000_000, 250_000, 0), Budget("thread:x", None, 1, 2)],
        consensus=consensus(deliberation().decisions, {}),
        threads=2,
        messages=9,
        open_turns=0,
    )


@pytest.mark.control("S10")
@pytest.mark.parametrize("name", [*PAYLOADS, 'a"b\\', "x\ny"])
def test_every_line_is_a_sample_or_a_comment_whatever_names_say(name):
    lines = text(calls(f"{name}/{name}"), provider=name).splitlines()

    assert all(line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line) for line in lines)


def test_a_histogram_adds_up_and_ends_with_all():
    found = text(calls())

    assert 'call_latency_seconds_bucket{provider="openai",model="a",le="0.5"} 1' in found
    assert 'call_latency_seconds_bucket{provider="openai",model="a",le="16"} 2' in found
    assert 'call_latency_seconds_bucket{provider="openai",model="a",le="+Inf"} 2' in found
    assert 'call_latency_seconds_sum{provider="openai",model="a"} 9.5' in found
    assert 'gitbridge_calls_total{provider="openai",model="a",state="rejected"} 1' in found
    assert 'gitbridge_repeats_total{provider="openai",model="a"} 4' in found


def test_money_is_in_dollars_and_what_is_unknown_is_counted_apart():
    found = text()

    assert 'gitbridge_cost_usd_total{provider="openai"} 1.25' in found
    assert 'gitbridge_unknown_cost_calls_total{provider="openai"} 1' in found
    assert 'gitbridge_budget_cap_usd{budget="day:2026-11-22"} 5' in found
    assert 'budget_cap_usd{budget="thread:x"}' not in found
    assert "gitbridge_turns_open 0" in found


def test_the_reference_parser_reads_every_family():
    parser = pytest.importorskip("prometheus_client.parser", reason="not among the test tools")

    families = {f.name: f for f in parser.text_string_to_metric_families(text(calls()))}
    assert families["gitbridge_calls"].type == "counter"
    assert families["gitbridge_call_latency_seconds"].type == "histogram"
