"""A campaign: so many inputs over all parsers, in batches that any process may take."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.replies import REPLIES
from tests.fuzz.targets import IN_TREE, BrokenLawError, Target, input_of
from tests.fuzz.texts import TEXTS
from tests.fuzz.transcripts import TRANSCRIPTS

TARGETS = {target.name: target for target in (*REPLIES, *TEXTS, *TRANSCRIPTS)}
_BATCH = 4_000
_SHOWN = 300
"""Characters of an input that a finding shows; the number makes all of it again."""
_PROJECT = Path(__file__).parents[2]


@dataclass(slots=True)
class Finding:
    """One way in which a parser failed, however often it did."""

    parser: str
    error: str
    at: str
    first: int
    """Number of the first such input."""
    size: int
    shown: str
    times: int = 1


@dataclass(slots=True)
class Tally:
    """What came of the inputs of one parser."""

    inputs: int = 0
    in_tree: int = 0
    """Inputs that were refused with an error of the tree."""
    outside_tree: int = 0
    broken_laws: int = 0
    slowest_ms: float = 0.0
    slowest: int = 0
    """Number of the input that took longest."""
    findings: dict[str, Finding] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Take in another batch."""
        self.inputs += other.inputs
        self.in_tree += other.in_tree
        self.outside_tree += other.outside_tree
        self.broken_laws += other.broken_laws
        if other.slowest_ms > self.slowest_ms:
            self.slowest_ms, self.slowest = other.slowest_ms, other.slowest
        for key, finding in other.findings.items():
            known = self.findings.setdefault(key, finding)
            if known is not finding:
                known.times += finding.times


def batches(inputs: int) -> Iterator[tuple[str, int, int]]:
    """Yield (parser, first number, end) so that together they are at least that many inputs."""
    shares = sum(target.share for target in TARGETS.values())
    for target in TARGETS.values():
        wanted = -(-inputs * target.share // shares)
        for start in range(0, wanted, _BATCH):
            yield target.name, start, min(wanted, start + _BATCH)


def run_batch(seed: int, name: str, start: int, end: int) -> Tally:
    """Hand one parser its inputs of these numbers."""
    tally, target = Tally(), TARGETS[name]
    for number in range(start, end):
        run_one(tally, target, seed, number)
    return tally


def run_one(tally: Tally, target: Target, seed: int, number: int) -> None:
    """Hand a parser one input, and note what came of it."""
    data, mutator = input_of(target, seed, number)
    tally.inputs += 1
    began = time.process_time()
    try:
        target.run(data, mutator)
    except IN_TREE:
        tally.in_tree += 1
    except BrokenLawError as error:
        tally.broken_laws += 1
        _note(tally, target, number, data, error)
    except Exception as error:  # noqa: BLE001  finding them is the purpose
        tally.outside_tree += 1
        _note(tally, target, number, data, error)
    took = (time.process_time() - began) * 1000
    if took > tally.slowest_ms:
        tally.slowest_ms, tally.slowest = took, number


def _note(tally: Tally, target: Target, number: int, data: bytes, error: Exception) -> None:
    at = where(error)
    kind = type(error).__name__ if not isinstance(error, BrokenLawError) else str(error)
    key = f"{kind} {at}"
    if key in tally.findings:
        tally.findings[key].times += 1
        return
    shown = repr(data)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    said = f"{type(error).__name__}: {error}"[:200]
    tally.findings[key] = Finding(target.name, said, at, number, len(data), shown)


def where(error: BaseException) -> str:
    """Return file and line of the last frame that is the project's own code, tests left out."""
    frames = [
        f"{Path(frame.filename).relative_to(_PROJECT)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if any(f"{_PROJECT}/{part}/" in frame.filename for part in ("agents", "hub", "ui"))
    ]
    return frames[-1] if frames else "a law of tests/fuzz"
