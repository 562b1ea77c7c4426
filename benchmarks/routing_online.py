"""The budgeted stream over many seeds, beside ParetoBandit in the same harness and the static hull."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.routing_data import Recorded
from benchmarks.routing_paretobandit import Deal, run_paretobandit
from benchmarks.routing_static import hull_at
from benchmarks.routing_stream import Ints, Run, Warm, by_litellm, cold, mean, stream, warmed

TABLE = (8.3e-5, 2.3e-4, 6.6e-4, 1.9e-3, 5.3e-3, 1.5e-2)
"""Budgets of ROUTER.md, dollars a prompt."""
DRIFT_BUDGET = 6.6e-4
_STEPS = 6
_DOLLAR = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """One seed's share of a set: what was known before, and what is streamed in which order."""

    known: Ints
    order: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Online:
    """What all streams of a set came to, by budget."""

    rows: list[dict[str, float]]
    """As printed."""
    used: list[float]
    """Mean share of each budget that was spent."""
    alarms: int
    """Drift alarms where nothing drifted."""
    errors: list[float]
    """Standard error of ours over the seeds."""


def budgets_of(recorded: Recorded) -> tuple[float, ...]:
    """Return the budgets that a set is measured at, dollars a prompt."""
    if recorded.name == "paretobandit":
        return TABLE
    costs = recorded.costs.mean(0) / _DOLLAR
    steps = np.geomspace(1.5 * costs.min(), costs[recorded.best], _STEPS)
    return tuple(float(f"{step:.2g}") for step in steps)


def streams(recorded: Recorded, seeds: int) -> list[Stream]:
    """Deal a set for each seed: by its own split where it has one, else into random halves."""
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        dealt = recorded.stream
        if dealt is None:
            dealt = rng.permutation(len(recorded)) < len(recorded) // 2
        known, order = np.flatnonzero(~dealt), np.flatnonzero(dealt)
        found.append(Stream(rng.permutation(known), rng.permutation(order)))
    return found


def measured(recorded: Recorded, seeds: int) -> Online:
    """Stream a set at each of its budgets, ours warm, and ParetoBandit told the same."""
    dealt = streams(recorded, seeds)
    warm = [warmed(recorded, one.known) for one in dealt]
    budgets = budgets_of(recorded)
    theirs = run_paretobandit(
        recorded, [Deal(one.known.tolist(), one.order.tolist()) for one in dealt], budgets
    )
    rows, used, errors, alarms = [], [], [], 0
    for place, budget in enumerate(budgets):
        runs = _runs(recorded, dealt, warm, budget)
        hulls = [hull_at(_part(recorded, one.order), budget * _DOLLAR) for one in dealt]
        qualities = [run.quality for run in runs]
        rows.append(
            {
                "budget": budget,
                "ours": round(mean(qualities), 4),
                "paretobandit": round(theirs[place], 4),
                "hull": round(mean(hulls), 4),
                "spend_ratio_max": round(max(run.spent for run in runs), 4),
            }
        )
        used.append(mean([run.spent for run in runs]))
        errors.append(float(np.std(qualities) / np.sqrt(len(qualities))))
        alarms += sum(run.alarms for run in runs)
    return Online(rows, used, alarms, errors)


def cold_qualities(recorded: Recorded, seeds: int) -> list[tuple[float, float]]:
    """Return mean quality and largest share spent, by budget, of a policy that starts untaught."""
    dealt = streams(recorded, seeds)
    start = [cold(recorded)] * seeds
    found = []
    for budget in budgets_of(recorded):
        runs = _runs(recorded, dealt, start, budget)
        found.append((mean([r.quality for r in runs]), max(r.spent for r in runs)))
    return found


def litellm(recorded: Recorded, seeds: int) -> tuple[float, float, float]:
    """Return quality, cost in dollars, and the hull's quality at that cost, of LiteLLM's rule."""
    dealt = streams(recorded, seeds)
    runs = [by_litellm(recorded, one.order, seed) for seed, one in enumerate(dealt)]
    hulls = [hull_at(_part(recorded, o.order), r[1]) for o, r in zip(dealt, runs, strict=True)]
    return mean([r[0] for r in runs]), mean([r[1] for r in runs]) / _DOLLAR, mean(hulls)


def drifted(recorded: Recorded, seeds: int) -> list[Run]:
    """Stream with the scores of the two cheapest models exchanged half-way."""
    dealt = streams(recorded, seeds)
    return [
        stream(
            recorded,
            one.order,
            warmed(recorded, one.known),
            DRIFT_BUDGET * _DOLLAR,
            seed,
            swapped=True,
        )
        for seed, one in enumerate(dealt)
    ]


def _runs(recorded: Recorded, dealt: list[Stream], warm: list[Warm], budget: float) -> list[Run]:
    return [
        stream(recorded, one.order, known, budget * _DOLLAR, seed)
        for seed, (one, known) in enumerate(zip(dealt, warm, strict=True))
    ]


def _part(recorded: Recorded, rows: Ints) -> Recorded:
    return Recorded(
        recorded.name,
        recorded.models,
        recorded.vectors[rows],
        recorded.scores[rows],
        recorded.costs[rows],
        tuple(recorded.tasks[row] for row in rows),
    )
