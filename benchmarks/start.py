"""How fast GitBridge starts, as ratios that do not depend on the machine.

`version_vs_bare`: `gitbridge --version` against `python -c pass`. `first_paint_vs_empty`: the first
full screen of `gitbridge` against that of an empty Textual app, both on a terminal of 120 by 40.
Medians of runs that take turns, so that a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.terminal import Terminal, supported

PYTHON = Path(sys.executable)
GITBRIDGE = PYTHON.with_name("gitbridge")
EMPTY_APP = "from textual.app import App; App().run()"


def version_vs_bare(runs: int) -> float:
    """Return how many times as long `gitbridge --version` takes as the bare interpreter."""
    return _ratio(
        lambda: _run_s([GITBRIDGE, "--version"]), lambda: _run_s([PYTHON, "-c", "pass"]), runs
    )


def first_paint_vs_empty(runs: int) -> float:
    """Return how many times as long our first screen takes as that of an empty Textual app."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "GITBRIDGE_HOME": home}

        def paint_s(command: Sequence[str | Path]) -> float:
            with Terminal(command, environment) as terminal:
                return terminal.first_paint_s()

        return _ratio(
            lambda: paint_s([GITBRIDGE]), lambda: paint_s([PYTHON, "-c", EMPTY_APP]), runs
        )


def _run_s(command: Sequence[str | Path]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _ratio(ours: Callable[[], float], theirs: Callable[[], float], runs: int) -> float:
    """Return the ratio of medians; the first run of each only warms the disk."""
    ours(), theirs()
    pairs = [(ours(), theirs()) for _ in range(runs)]
    mine, other = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
    print(f"  {mine * 1_000:.0f} ms against {other * 1_000:.0f} ms", file=sys.stderr)
    return round(mine / other, 2)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--runs", type=int, default=11, help="runs of each (default 11)")
    args = parser.parse_args(argv)
    runs = max(1, args.runs)
    print("gitbridge --version against python -c pass ...", file=sys.stderr)
    figures: dict[str, float | None] = {"version_vs_bare": version_vs_bare(runs)}
    print("first screen against an empty Textual app ...", file=sys.stderr)
    try:
        painted = first_paint_vs_empty(max(1, runs // 2)) if supported() else None
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    figures["first_paint_vs_empty"] = painted
    if args.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
