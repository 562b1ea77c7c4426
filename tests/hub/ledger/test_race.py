"""Turns that race for a budget: the cap holds. `python -m benchmarks.budget_race` runs the hundred."""

from __future__ import annotations

import pytest

from benchmarks.budget_race import (
    COST,
    LOST,
    PAID,
    TURNS,
    as_promised,
    crash,
    exact,
    processes,
)

CAP = PAID * COST


@pytest.mark.parametrize("seed", range(3))
def test_of_two_hundred_turns_the_fifty_that_are_paid_for_run(home, seed):
    race = exact(home, seed)

    assert (race.ran, race.refused, race.failed) == (PAID, TURNS - PAID, 0)
    assert (race.spent, race.reserved, race.over_cap) == (CAP, 0, 0)
    assert race.peak == PAID


def test_over_three_processes_they_are_fifty_too(home):
    race = processes(home, 4)

    assert (race.ran, race.refused, race.failed) == (PAID, TURNS - PAID, 0)
    assert (race.spent, race.reserved, race.over_cap) == (CAP, 0, 0)


@pytest.mark.parametrize("seed", [5, 6])
def test_with_cheaper_calls_more_of_them_run_and_the_cap_is_never_passed(home, seed):
    race = exact(home, seed, cheaper=True)

    assert race.ran > PAID
    assert race.failed == race.over_cap == race.reserved == 0
    assert race.spent <= CAP


def test_what_a_killed_process_held_is_never_free_again(home):
    killed, raced, dropped = crash(home, 7)

    assert killed.reserved == LOST * COST
    assert (raced.ran, raced.refused) == (PAID - LOST, TURNS - PAID + LOST)
    assert dropped.possible_charges == LOST
    assert as_promised(killed, raced, dropped)
