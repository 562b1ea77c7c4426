"""What was learned as plain JSON values and back, exactly: it survives a restart.

Only what cannot be worked out again is written; a figure is written so that it reads back to the
same bits. The size depends on the number of deployments alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from hub.errors import UsageError
from hub.router.adaptive.belief import Belief, believed
from hub.router.adaptive.bill import Bill, billed
from hub.router.adaptive.drift import Drift
from hub.router.adaptive.knowledge import VERSION
from hub.router.adaptive.learned import Learned, worth_of
from hub.router.adaptive.saturation import Tally
from hub.router.features import DIMENSION, SHAPED, Floats

Json = dict[str, Any]


def to_json(learned: Learned) -> Json:
    """Return what was learned as values that `json` knows."""
    return {
        "version": VERSION,
        "beliefs": {name: _belief(b) for name, b in sorted(learned.beliefs.items())},
        "bills": {name: _bill(b) for name, b in sorted(learned.bills.items())},
        "tasks": {
            task: {name: [t.marks, t.mean, t.variance] for name, t in sorted(tallies.items())}
            for task, tallies in sorted(learned.tasks.items())
        },
        "vectors": learned.vectors.tolist(),
        "expected": {name: _gaps(column) for name, column in sorted(learned.expected.items())},
        "turns": learned.turns,
        "alert": learned.alert,
        "alarms": learned.alarms,
        "worths": [list(names) for names in learned.worths],
    }


def from_json(data: Mapping[str, Any]) -> Learned:
    """Return what `to_json` wrote.

    Raises:
        UsageError: It was written by another version, or is no such state.
    """
    if data.get("version") != VERSION:
        raise UsageError("What the router learned was written by another version; it starts anew.")
    try:
        return _learned(data)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UsageError("What the router learned cannot be read; it starts anew.") from error


def _learned(data: Mapping[str, Any]) -> Learned:
    learned = Learned(
        beliefs={name: _read_belief(b) for name, b in data["beliefs"].items()},
        bills={name: _read_bill(b) for name, b in data["bills"].items()},
        tasks={
            task: {name: Tally(*tally) for name, tally in tallies.items()}
            for task, tallies in data["tasks"].items()
        },
        vectors=np.array(data["vectors"], np.float64).reshape(-1, DIMENSION),
        expected={
            name: np.array([math.nan if x is None else x for x in column], np.float64)
            for name, column in data["expected"].items()
        },
        turns=int(data["turns"]),
        alert=int(data["alert"]),
        alarms=int(data["alarms"]),
    )
    found = {tuple(names): worth_of(learned, names) for names in data["worths"]}
    return replace(learned, worths={names: worth for names, worth in found.items() if worth})


def _belief(belief: Belief) -> Json:
    return {
        "prior": belief.prior,
        "gram": _upper(belief.gram),
        "moment": belief.moment.tolist(),
        "marks": belief.marks,
        "mean": belief.mean,
        "variance": belief.variance,
        "drift": [belief.drift.up, belief.drift.down],
    }


def _read_belief(data: Mapping[str, Any]) -> Belief:
    belief = believed(
        data["prior"],
        _square(data["gram"], DIMENSION),
        np.array(data["moment"], np.float64),
        marks=data["marks"],
        mean=data["mean"],
        variance=data["variance"],
    )
    return replace(belief, drift=Drift(*data["drift"]))


def _bill(bill: Bill) -> Json:
    return {
        "gram": _upper(bill.gram),
        "moment": bill.moment.tolist(),
        "calls": bill.calls,
        "mean": bill.mean,
        "paid": bill.paid,
        "foreseen": bill.foreseen,
    }


def _read_bill(data: Mapping[str, Any]) -> Bill:
    return billed(
        _square(data["gram"], SHAPED),
        np.array(data["moment"], np.float64),
        calls=data["calls"],
        mean=data["mean"],
        paid=data["paid"],
        foreseen=data["foreseen"],
    )


def _upper(square: Floats) -> list[float]:
    """Return the upper triangle: the other half is the same."""
    found: list[float] = square[np.triu_indices(len(square))].tolist()
    return found


def _square(upper: list[float], size: int) -> Floats:
    square = np.zeros((size, size))
    square[np.triu_indices(size)] = upper
    whole: Floats = np.where(np.tri(size, k=-1, dtype=bool), square.T, square)
    return whole


def _gaps(column: Floats) -> list[float | None]:
    """Return the column with None for what is unknown: JSON has no NaN."""
    return [None if math.isnan(x) else x for x in column.tolist()]
