"""Fifty tasks in each of three programs reserve on one budget: FAULTS, row 39 on SQLite."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.invariants import Journal, violations
from tests.faults.race import AMOUNT, BUDGETS, CAP, TURNS

PROGRAMS = 3
ROOT = Path(__file__).parents[2]


def race(home, how):
    """Let the programs go at the same moment; return what each of them was granted."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.race", str(home), how],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(PROGRAMS)
    ]  # fmt: skip
    for program in started:
        assert program.stdout.readline() == "ready\n"
    for program in started:
        program.stdin.write("go\n")
        program.stdin.flush()
    return [json.loads(program.communicate()[0]) for program in started]


@pytest.mark.fault(39)
def test_three_programs_are_granted_together_what_the_cap_allows_and_not_one_more(home):
    counts = race(home, "hold")

    assert sum(count["granted"] for count in counts) == CAP // AMOUNT
    assert sum(count["granted"] + count["refused"] for count in counts) == PROGRAMS * TURNS
    with Journal(home / "gitbridge.db") as journal:
        budgets = journal.rows("SELECT id, spent, reserved FROM budget ORDER BY id")
    assert budgets == [(budget, 0, CAP // AMOUNT * AMOUNT) for budget in BUDGETS]
    assert violations(home / "gitbridge.db", refusing=BUDGETS, waiting=True) == []


@pytest.mark.fault(39)
def test_what_settles_meanwhile_makes_room_and_the_sums_stay_right(home):
    counts = race(home, "settle")

    spent = sum(count["spent"] for count in counts)
    with Journal(home / "gitbridge.db") as journal:
        budgets = journal.rows("SELECT id, spent, reserved FROM budget ORDER BY id")
    assert budgets == [(budget, spent, 0) for budget in BUDGETS]
    assert sum(count["granted"] for count in counts) >= CAP // AMOUNT
    assert violations(home / "gitbridge.db", refusing=BUDGETS, waiting=True) == []
