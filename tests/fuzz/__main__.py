"""Fuzz the parsers: `python -m tests.fuzz [--json] [--inputs 1000000] [--seed N] [--jobs 2]`.

Counts every exception outside the error tree. The same seed makes the same inputs where the same
recorded answers are at hand (`begun_from` counts what inputs are made from); one of them is made
again, and shown whole, by `--replay PARSER:NUMBER --seed N`.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context

from tests.fuzz.campaign import TARGETS, Tally, batches, run_batch
from tests.fuzz.corpus import OURS, seeds
from tests.fuzz.targets import input_of


def campaign(inputs: int, seed: int, jobs: int) -> dict[str, Tally]:
    """Return what came of so many inputs, by parser."""
    tallies = {name: Tally() for name in TARGETS}
    if jobs == 1:
        for name, start, end in batches(inputs):
            tallies[name].add(run_batch(seed, name, start, end))
        return tallies
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(run_batch, seed, *batch): batch[0] for batch in batches(inputs)}
        for count, done in enumerate(as_completed(running), start=1):
            tallies[running[done]].add(done.result())
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{count} of {len(running)} batches")
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    return tallies


def figures(tallies: dict[str, Tally], seed: int, seconds: float) -> dict[str, object]:
    """Return the printed figures."""
    known = sum(len(seeds(kind)) for kind in OURS)
    return {
        "inputs": sum(tally.inputs for tally in tallies.values()),
        "outside_tree": sum(tally.outside_tree for tally in tallies.values()),
        "broken_laws": sum(tally.broken_laws for tally in tallies.values()),
        "seed": seed,
        "begun_from": known,
        "by_parser": {
            name: {
                "inputs": tally.inputs,
                "in_tree": tally.in_tree,
                "outside_tree": tally.outside_tree,
                "broken_laws": tally.broken_laws,
                "slowest_ms": round(tally.slowest_ms, 1),
                "slowest": f"{name}:{tally.slowest}",
            }
            for name, tally in tallies.items()
        },
        "findings": [
            {**asdict(finding), "replay": f"{finding.parser}:{finding.first}"}
            for tally in tallies.values()
            for finding in tally.findings.values()
        ],
        "seconds": round(seconds, 1),
    }


def replay(wanted: str, seed: int) -> int:
    """Show one input and let its parser have it, with the traceback if it fails."""
    name, _, number = wanted.partition(":")
    data, mutator = input_of(TARGETS[name], seed, int(number))
    _say(repr(data))
    TARGETS[name].run(data, mutator)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _table(found: dict[str, object]) -> None:
    _say(f"{found['inputs']:,} inputs in {found['seconds']} s, seed {found['seed']}")
    for name, row in found["by_parser"].items():
        _say(
            f"  {name:<10} {row['inputs']:>9,} inputs  {row['in_tree']:>9,} refused  "
            f"{row['outside_tree']:>5} outside the tree  {row['broken_laws']:>5} broken laws  "
            f"slowest {row['slowest_ms']:>8} ms ({row['slowest']})"
        )
    for finding in found["findings"]:
        _say(
            f"  {finding['times']} x {finding['error']}\n    at {finding['at']}, replay "
            f"{finding['replay']}, {finding['size']} bytes: {finding['shown']}"
        )
    _say(f"outside the tree: {found['outside_tree']}, broken laws: {found['broken_laws']}")


def main() -> int:
    """Run; exit 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, help="default: a new one, which is printed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--replay", metavar="PARSER:NUMBER", help="one input, shown whole")
    arguments = parser.parse_args()
    seed = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    if arguments.replay:
        return replay(arguments.replay, seed)
    began = time.monotonic()
    tallies = campaign(arguments.inputs, seed, arguments.jobs)
    found = figures(tallies, seed, time.monotonic() - began)
    if arguments.json:
        _say(json.dumps(found))
    else:
        _table(found)
    return 1 if found["outside_tree"] or found["broken_laws"] else 0


if __name__ == "__main__":
    sys.exit(main())
