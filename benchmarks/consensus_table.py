"""The figures of the consensus benchmark as tables for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from benchmarks.consensus_sides import Figures


def show_rest(found: Mapping[str, Mapping[str, Figures]], sides: Mapping[str, Any]) -> None:
    """Print what is no committee's figure, and where the best member was not reached."""
    for name, rules in sides["samples"].items():
        said = "; ".join(f"{r} {f['right']:.2f} with {f['samples']:.2f}" for r, f in rules.items())
        print(f"\nrepeated samples, {name}: % right with samples drawn: {said}")
    for name, rows in sides.get("colluders", {}).items():
        print(f"\ncolluders of seven, {name}: % right")
        for row in rows:
            print("  " + "  ".join(f"{key} {value:g}" for key, value in row.items()))
    _below_best(found)


def show_committee(title: str, figures: Figures) -> None:
    """Print one committee's rules against its best member."""
    print(f"\n{title}: {figures['questions']} questions; {', '.join(figures['members'])}")
    print(
        f"  best single {figures['best_single']:.2f} ({figures['best_member']})   "
        f"plurality {figures['plurality']:.2f}   oracle {figures['oracle']:.2f}"
    )
    print(
        f"  {'rule':13}{'% right':>8}  {'minus best':>16}  {'minus plurality':>16}"
        f"  {'minus oracle':>16}  {'decided':>7} {'at':>6}  {'calls':>6} {'chars':>6} saved"
    )
    for rule, f in figures["rules"].items():
        print(
            f"  {rule:13}{f['accuracy']:8.2f}  {_interval(f['versus_best_ci'])}"
            f"  {_interval(f['versus_plurality_ci'])}  {_interval(f['versus_oracle_ci'])}"
            f"  {f['decided']:7.1f} {f['right_when_decided']:6.1f}  {f['calls_saved']:6.1f}"
            f" {_known(f['chars_saved'])}{_changed(f)}"
        )
    _confidence(figures)
    sys.stdout.flush()


def _confidence(figures: Figures) -> None:
    for rule, f in figures["calibration"].items():
        rank = "?" if f["auroc"] is None else f"{f['auroc']:.3f}"
        print(f"  sure of {rule}: ECE {f['ece_raw']:.3f} -> {f['ece']:.3f}, AUROC {rank}")
    dial = "; ".join(
        f"{f['threshold']:g}: {f['decided']:.0f} at {f['right']:.1f}" for f in figures["coverage"]
    )
    print(f"  auto, % decided at % right, from a chance of {dial}")
    for f in figures["panel"]:
        print(
            f"  panel from {f['sure']:g}: {f['right']:.2f} ({f['all_asked']:.2f} with all asked), "
            f"{f['calls']:.0f} % of the calls, {f['chars']:.0f} % of the characters"
        )
    marks = ", ".join(f"{n}: {value:.2f}" for n, value in figures["auto_at_marks"].items())
    print(f"  auto by number of marks: {marks}")


def _below_best(found: Mapping[str, Mapping[str, Figures]]) -> None:
    """Say where `auto` is significantly below the best single member."""
    rows = [(f"{s}, {c}", f["rules"]["auto"]) for s, by in found.items() for c, f in by.items()]
    below = [title for title, auto in rows if auto["versus_best_ci"][1] < 0]
    changed = sum(
        f["outcomes_changed_by_stopping"]
        for by in found.values()
        for figures in by.values()
        for f in figures["rules"].values()
    )
    said = f"below it on {'; '.join(below)}" if below else "never below it"
    print(f"\nauto against the best single member on {len(rows)} committees: significantly {said}")
    print(f"outcomes changed by stopping on an unassailable lead: {changed}")


def _interval(pair: list[float]) -> str:
    return f"{pair[0]:+7.2f} {pair[1]:+7.2f} "


def _known(value: float | None) -> str:
    return "     ?" if value is None else f"{value:6.1f}"


def _changed(figures: Figures) -> str:
    changed = figures["outcomes_changed_by_stopping"]
    return f"  {changed} outcomes changed!" if changed else ""
