"""The fuzzer itself: the same seed makes the same inputs, and what it finds it counts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.campaign import TARGETS, Tally, batches, run_batch, run_one
from tests.fuzz.mutation import written
from tests.fuzz.targets import BrokenLawError, Target, input_of, law

SEED = 20_261_123
EACH = 150


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_campaign_finds_nothing(name):
    tally = run_batch(SEED, name, 0, EACH)

    assert tally.findings == {}
    assert (tally.inputs, tally.outside_tree, tally.broken_laws) == (EACH, 0, 0)


@pytest.mark.parametrize("name", TARGETS)
def test_the_same_number_is_the_same_input(name):
    first = [input_of(TARGETS[name], SEED, number)[0] for number in range(20)]

    assert [input_of(TARGETS[name], SEED, number)[0] for number in range(20)] == first
    assert len(set(first)) > 10


def failing(error):
    def run(data, mutator):
        raise error

    return Target("sse", 1, TARGETS["sse"].make, run)


def test_what_is_outside_the_tree_is_counted_and_shown_once():
    tally = Tally()
    for number in range(5):
        run_one(tally, failing(IndexError("list index out of range")), SEED, number)
        run_one(tally, failing(BrokenLawError("buckets at odds")), SEED, number)

    assert (tally.inputs, tally.outside_tree, tally.broken_laws, tally.in_tree) == (10, 5, 5, 0)
    assert [(f.times, f.first) for f in tally.findings.values()] == [(5, 0), (5, 0)]


def test_a_law_that_does_not_hold_is_an_error():
    with pytest.raises(BrokenLawError, match="odds"):
        law(0, "at odds")


def test_batches_come_to_at_least_what_was_asked_for():
    got = list(batches(100_000))

    assert sum(end - start for _, start, end in got) >= 100_000
    assert {name for name, _, _ in got} == set(TARGETS)


def test_events_are_written_as_a_stream():
    assert written([{"event": "a", "data": {"x": 1}}, {"data": "[DONE]"}]) == (
        b'event: a\ndata: {"x":1}\n\ndata: [DONE]\n\n'
    )


def test_the_program_prints_its_figures():
    command = [sys.executable, "-m", "tests.fuzz", "--json", "--inputs", "300", "--jobs", "1"]
    done = subprocess.run(
        [*command, "--seed", str(SEED)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
        timeout=60,
    )
    figures = json.loads(done.stdout)

    assert figures["inputs"] >= 300
    assert figures["seed"] == SEED
    assert set(figures["by_parser"]) == set(TARGETS)
    assert done.returncode == (1 if figures["outside_tree"] or figures["broken_laws"] else 0)
