"""Whether deciding together beats the best member, on recorded answers of real models.

`python -m benchmarks.consensus [--data DIR] [--json] [--seeds N] [--drawn N]`. Every rule is the
shipped one (`hub.consensus.tally`) on every committee: those of the design document, and some drawn
by seed. Beside it stand the best single member, known only afterwards, plurality with ties split,
and the oracle. What is learned is learned on four fifths and scored on the last, in turns; `auto`,
`stacked` and `weighted` are means over the seeds by which folds are dealt (of 393 questions one deal
differs from another by .3 points). A rule's accuracy is that of its leader, decided or not, ties in
parts; what it decided stands beside it. Not measured: `confidence` knows no stated confidences here
and falls back on each member's record, and `chair` is the strongest member's own answer, for no judge
was recorded.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.consensus_data import Committee, Question, committees, read
from benchmarks.consensus_replay import Column, Replay
from benchmarks.consensus_sides import Figures, colluders, few_marks, panels, samples
from benchmarks.consensus_stats import (
    Bootstrap,
    Floats,
    auroc,
    coverage,
    expected_calibration_error,
    percent,
)
from benchmarks.consensus_table import show_committee, show_rest
from hub.domain.decision import Rule

UNLEARNED = (
    Rule.PLURALITY,
    Rule.MAJORITY,
    Rule.QUALIFIED,
    Rule.UNANIMITY,
    Rule.CONSENT,
    Rule.APPROVAL,
    Rule.BORDA,
    Rule.RUNOFF,
    Rule.RANKED_PAIRS,
    Rule.SCHULZE,
)
SEEDED = (Rule.WEIGHTED, Rule.STACKED, Rule.AUTO, Rule.SINGLE)
"""Learned rules of which every seed is replayed."""
ASKED = (*SEEDED, Rule.CASCADE, Rule.PANEL, Rule.CHAIR)
"""Learned rules of which it is seen whom they have to ask."""
UNASKED = (Rule.CONFIDENCE, Rule.DAWID_SKENE)
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_DRAWN_SEEDS = 3


class Versus:
    """What each rule is compared with, question by question."""

    def __init__(self, replay: Replay) -> None:
        members = replay.member_hits
        self.best = int(members.mean(axis=0).argmax())
        self.against = {
            "best": members[:, self.best],
            "plurality": replay.unlearned(Rule.PLURALITY).hits,
            "oracle": replay.oracle,
        }
        self._resampled = Bootstrap(len(members))

    def intervals(self, hits: Floats) -> dict[str, list[float]]:
        """Return the interval of a rule minus each of them."""
        return {
            f"versus_{name}_ci": self._resampled.interval(hits - other)
            for name, other in self.against.items()
        }


def evaluate(replay: Replay, seeds: int) -> Figures:
    """Return all figures of one committee."""
    versus = Versus(replay)
    first = replay.learned(ASKED, 0, stop=True) | replay.learned(UNASKED, 0, stop=False)
    columns = {rule: replay.unlearned(rule) for rule in UNLEARNED} | first
    hits = {rule: [column.hits] for rule, column in columns.items()}
    for seed in range(1, seeds):
        for rule, column in replay.learned(SEEDED, seed, stop=False).items():
            hits[rule].append(column.hits)
    seats = len(replay.seats)
    return {
        "members": list(replay.committee.members),
        "questions": len(replay.questions),
        "best_member": replay.committee.members[versus.best],
        "best_single": percent(versus.against["best"]),
        "plurality": percent(versus.against["plurality"]),
        "oracle": percent(versus.against["oracle"]),
        "rules": {
            rule.value: {
                "accuracy": percent(np.mean(hits[rule], axis=0)),
                **({"spread_over_seeds": _spread(hits[rule])} if rule in SEEDED else {}),
                **versus.intervals(np.mean(hits[rule], axis=0)),
                **_spent(column, replay, seats),
            }
            for rule, column in columns.items()
        },
        "calibration": {
            rule.value: _calibration(columns[rule])
            for rule in (Rule.WEIGHTED, Rule.STACKED, Rule.AUTO)
        }
        | {
            "plurality": _calibration(
                replay.learned((Rule.PLURALITY,), 0, stop=False)[Rule.PLURALITY]
            )
        },
        "coverage": coverage(first[Rule.AUTO].sure, first[Rule.AUTO].hits, THRESHOLDS),
        "panel": panels(replay),
        "auto_at_marks": few_marks(replay),
    }


def _spread(hits: Sequence[Floats]) -> float:
    """Return by how much, in points, one way to deal the folds differs from another."""
    return round(float(np.std([percent(column) for column in hits])), 2)


def _spent(column: Column, replay: Replay, seats: int) -> Figures:
    """Return what a rule decided, and what it cost against asking everybody."""
    chars = replay.chars.sum()
    decided = column.decided.astype(float)
    return {
        "decided": percent(decided),
        "right_when_decided": percent(column.right[column.decided].astype(float)),
        "calls_saved": round(100 - percent(column.calls / seats), 2),
        "chars_saved": round(100 - float(column.chars.sum()) / chars * 100, 2) if chars else None,
        "outcomes_changed_by_stopping": column.changed,
    }


def _calibration(column: Column) -> Figures:
    return {
        "ece_raw": expected_calibration_error(column.raw, column.hits),
        "ece": expected_calibration_error(column.sure, column.hits),
        "auroc": auroc(column.sure, column.hits),
    }


def measure(
    sets: Mapping[str, list[Question]],
    seeds: int,
    drawn: int,
    told: Callable[[str, Figures], None],
) -> dict[str, dict[str, Figures]]:
    """Measure every committee of every set; each is told as soon as it is done."""
    found: dict[str, dict[str, Figures]] = {}
    for name, questions in sets.items():
        found[name] = {}
        for committee in committees(name, questions, drawn):
            print(f"{name}: {committee.name} ...", file=sys.stderr)
            used = min(seeds, _DRAWN_SEEDS) if committee.drawn else seeds
            figures = evaluate(Replay(questions, committee), used)
            found[name][committee.name] = figures
            told(f"{name}, {committee.name}", figures)
    return found


def sides(sets: dict[str, list[Question]]) -> dict[str, Any]:
    """Return what is no committee's figure: repeated samples, colluders."""
    found: dict[str, Any] = {"samples": {n: samples(n, questions) for n, questions in sets.items()}}
    for name, questions in sets.items():
        seven = _seven(name, questions)
        if seven:
            found.setdefault("colluders", {})[name] = colluders(questions, seven)
    return found


def _seven(name: str, questions: Sequence[Question]) -> tuple[str, ...]:
    """Return the first committee and two more models, the committee's last one last."""
    committee: Committee = committees(name, questions, 0)[0]
    others = [model for model in sorted(questions[0].answers) if model not in committee.members]
    members = (*others[:2], *committee.members)
    return members if len(members) == 7 else ()  # noqa: PLR2004  three colluders are a minority


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.consensus", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of recorded answers")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--seeds", type=int, default=10, help="ways to deal the folds (default 10)")
    parser.add_argument("--drawn", type=int, default=3, help="drawn committees a set (default 3)")
    arguments = parser.parse_args(argv)
    folder = arguments.data or _default()
    try:
        sets = read(folder)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    told = (lambda _title, _figures: None) if arguments.json else show_committee
    found = measure(sets, max(1, arguments.seeds), max(0, arguments.drawn), told)
    if arguments.json:
        print(json.dumps(found))
    else:
        show_rest(found, sides(sets))
    return 0


def _default() -> Path:
    """Return the folder that the environment names, else the one beside the project."""
    data = os.environ.get("GITBRIDGE_BENCH_DATA")
    root = Path(data) if data else Path(__file__).parents[2] / "shared" / "data"
    return root / "consensus" if (root / "consensus").is_dir() else root


if __name__ == "__main__":
    raise SystemExit(main())
