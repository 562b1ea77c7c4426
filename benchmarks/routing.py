"""The learned policy on recorded answers: an offline curve, a budgeted stream, and every baseline beside it.

`python -m benchmarks.routing [--data DIR] [--json] [--seeds N]`. Any folder of the documented format
will do (shared/data/README.md; else GITBRIDGE_BENCH_DATA, else ../shared/data); the rest of the
output goes to stderr under `--json`. ParetoBandit runs from its own package, in an environment of
its own that is built when it is missing. Nothing here is tuned on what is scored.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Small matrices on many threads only get into one another's way; set before numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import routing_offline, routing_online
from benchmarks.routing_choice import choose_p50, saturated
from benchmarks.routing_data import Recorded, load
from benchmarks.routing_static import hull_at

_DEFAULT = Path(__file__).parent.parent.parent / "shared" / "data"
_OFFLINE = ("zeroeval", "zeroeval_mini_grok", "routellm_mmlu", "routellm_gsm8k")
_ONLINE = ("paretobandit", "zeroeval")
_SATURATED = ("zoonk_2026",)
_STREAMED = "paretobandit"


def say(*words: object) -> None:
    """Print what a person reads; stdout is for the figures."""
    print(*words, file=sys.stderr, flush=True)


def offline(sets: Mapping[str, Recorded]) -> dict[str, object]:
    """Measure the cross-validated curves."""
    found: dict[str, object] = {}
    for name in _OFFLINE:
        if name not in sets:
            continue
        recorded = sets[name]
        figures, curve = routing_offline.measured(recorded)
        found[name] = figures
        say(f"\n{name}: {len(recorded)} prompts, {', '.join(recorded.models)}")
        say("  " + json.dumps(figures))
        say("    $ per 1,000   ours      hull")
        for scores, costs in zip(curve.scores, curve.costs, strict=True):
            level = hull_at(recorded, float(costs.mean()))
            say(f"  {costs.mean() / 1e3:12.3f}   {scores.mean():.4f}   {level:.4f}")
    return found


def online(sets: Mapping[str, Recorded], seeds: int, *, cold: bool) -> dict[str, object]:
    """Measure the budgeted streams, what LiteLLM's rule does with them, and drift."""
    found: dict[str, object] = {}
    for name in _ONLINE:
        if name not in sets:
            continue
        recorded = sets[name]
        result = routing_online.measured(recorded, seeds)
        found[name] = result.rows
        say(
            f"\n{name}, {seeds} seeds:   budget      ours (s.e.)   paretobandit  hull     used   most"
        )
        for row, used, error in zip(result.rows, result.used, result.errors, strict=True):
            say(
                f"  {row['budget']:28.2g}   {row['ours']:.4f} ({error:.4f})   "
                f"{row['paretobandit']:.4f}     {row['hull']:.4f}   {used:.3f}  "
                f"{row['spend_ratio_max']:.3f}"
            )
        say(f"  false alarms of drift: {result.alarms}")
        quality, cost, level = routing_online.litellm(recorded, seeds)
        say(f"  LiteLLM's rule: {quality:.4f} at ${cost * 1e3:.3f} per 1,000; hull {level:.4f}")
        if cold:
            for budget, (value, most) in zip(
                routing_online.budgets_of(recorded),
                routing_online.cold_qualities(recorded, seeds),
                strict=True,
            ):
                say(f"  cold, {budget:.2g}: {value:.4f}, at most {most:.3f} of the budget")
        if name == _STREAMED:
            _say_drift(recorded, seeds)
    return found


def _say_drift(recorded: Recorded, seeds: int) -> None:
    runs = routing_online.drifted(recorded, seeds)
    noticed = sum(run.alarms > 0 for run in runs)
    last = sum(run.last_quarter for run in runs) / len(runs)
    say(f"  scores of two exchanged half-way: noticed in {noticed} of {seeds}, then {last:.4f}")


def measure(folder: Path, seeds: int, *, cold: bool) -> dict[str, Any]:
    """Return all figures in the shape of the specification."""
    sets = load(folder)
    figures: dict[str, Any] = {"offline": offline(sets), "online": online(sets, seeds, cold=cold)}
    figures["saturated"] = {n: saturated(sets[n], seeds) for n in _SATURATED if n in sets}
    for name, found in figures["saturated"].items():
        say(f"\n{name}: {json.dumps(found, indent=2)}")
    ours, dumps = choose_p50()
    say(
        f"\nchoose: p50 {ours:.0f} us with features; {ours / dumps:.0f} x json.dumps of the request"
    )
    figures["choose_p50_us"] = round(ours, 1)
    return figures


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of recorded answers")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--seeds", type=int, default=20, help="streams of each set (default 20)")
    parser.add_argument("--cold", action="store_true", help="stream untaught, too")
    arguments = parser.parse_args(argv)
    folder = arguments.data or Path(os.environ.get("GITBRIDGE_BENCH_DATA") or _DEFAULT)
    began = time.perf_counter()
    try:
        figures = measure(folder, max(1, arguments.seeds), cold=arguments.cold)
    except FileNotFoundError as error:
        print(f"{error} Name a folder with --data.", file=sys.stderr)
        return 2
    say(f"\nmeasured in {time.perf_counter() - began:.0f} s")
    if arguments.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
