"""Kills a three-agent deliberation at every failpoint and at random moments, and counts the damage.

`python -m tests.faults.kill --json [--kills 300] [--seed N]` prints
`{kills, acknowledged, lost, doubled, misordered, unaccounted_usd, possible_double_charges}`. After
each kill the program is resumed to its end; a quarter of those are killed and resumed once more.
Then the journal is read by `tests.faults.invariants`, and compared with what the program had told
and with what its provider was asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic

from tests.faults.invariants import Journal, Told, violations
from tests.faults.program import DELIBERATION, Program, Provider, Run, unexplained

FAILPOINTS = ("turn.before_a", "turn.after_a", "turn.after_reply", "settle.applied", "turn.after_b")
AT_ONCE = 2
TWICE = 0.25
"""Share of the kills that are followed by one of the resumed program."""
MICRO = 1_000_000


@dataclass(slots=True)
class Counts:
    """What was done, and what came of it."""

    kills: int = 0
    acknowledged: int = 0
    """Messages, ballots, bookings and outcomes that killed programs had told."""
    lost: int = 0
    doubled: int = 0
    misordered: int = 0
    unaccounted_usd: float = 0.0
    possible_double_charges: int = 0
    """Calls whose outcome nobody knows; each keeps its money and is named by `gitbridge usage`."""


@dataclass(slots=True)
class Trial:
    """One deliberation that was killed and gone on with."""

    program: Program
    provider: Provider
    told: Told = field(default_factory=Told)
    kills: int = 0
    problems: list[str] = field(default_factory=list)

    async def kill(self, run: Run) -> None:
        """Kill a program, unless it was quicker."""
        self.kills += await run.kill()
        self._hear(run)

    async def fail_at(self, failpoint: str) -> None:
        """Run the deliberation until it dies at a failpoint."""
        run = await self.program.killed_at(failpoint, *DELIBERATION)
        self.kills += 1
        self._hear(run)

    async def kill_after(self, seconds: float) -> None:
        """Kill the deliberation that long after its question was told."""
        run = await self.program.start(*DELIBERATION)
        await run.event()
        await asyncio.sleep(seconds)
        await self.kill(run)

    async def kill_resumed(self, seconds: float) -> None:
        """Resume, and kill that too."""
        run = await self.program.start("resume", "--json")
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await run.process.wait()
        await self.kill(run)

    async def go_on(self) -> None:
        """Resume to the end."""
        run = await self.program("resume", "--json")
        if run.status not in (0, 1):
            self.problems.append(f"resume ended with {run.status}: {run.err}")

    def _hear(self, run: Run) -> None:
        self.told.messages += run.told.messages
        self.told.ballots |= run.told.ballots
        self.told.calls |= run.told.calls
        self.told.decisions |= run.told.decisions


async def judge(trial: Trial, counts: Counts) -> None:
    """Read the journal, compare it with what was told and billed, and add it all up."""
    found = violations(trial.program.journal, trial.told)
    with Journal(trial.program.journal) as journal:
        missing, repeated = unexplained(journal, trial.provider.bills)
        kept = journal.value(
            "SELECT count(DISTINCT call_id) FROM reservation WHERE state = 'unsettled'"
        )
        missed = journal.column(
            "SELECT agent || ' ' || purpose || ' ' || state FROM turn WHERE state <> 'done'"
            " AND NOT (state = 'unknown' AND 2 = (SELECT count(*) FROM call"
            "  WHERE turn_id = turn.id AND call.state = 'unknown'))"
        )
        posts = journal.value("SELECT count(*) FROM message")
        goes = journal.value("SELECT count(*) FROM turn")
    if repeated:
        found.append(f"I2: {repeated} requests were repeated and not shown as possible charges")
    if missing:
        found.append(f"I3: {missing} micro-dollars are accounted for nowhere")
    if missed or goes != 9 or posts < 2:
        found.append(f"I7: {goes} turns, {posts} messages, unfinished: {missed}")
    if kept:
        shown = (await trial.program("usage")).err.count("Possible double charge")
        if shown != kept:
            found.append(f"I3: {kept} possible charges, and {shown} of them shown")
    trial.problems += found
    counts.kills += trial.kills
    counts.acknowledged += len(trial.told)
    counts.lost += sum(text.startswith(("I1", "I7")) for text in trial.problems)
    counts.doubled += sum(text.startswith("I2") for text in trial.problems)
    counts.misordered += sum(text.startswith("I4") for text in trial.problems)
    counts.unaccounted_usd += missing / MICRO
    counts.possible_double_charges += kept


class Campaign:
    """All the kills, two at a time."""

    def __init__(self, seed: int, kills: int) -> None:
        self.counts = Counts()
        self.problems: list[str] = []
        self._draw = random.Random(seed)  # noqa: S311  a replay, not a secret
        self._kills = kills
        self._random = 0
        self._spans = (1.0, 2.0)
        """Seconds from the question to the end, and of a resumed program, when nothing is killed."""

    async def run(self) -> None:
        """Kill at every failpoint, then at random moments until there were enough."""
        await self._measure()
        await self._all([self._at(failpoint) for failpoint in FAILPOINTS])
        while self._random < self._kills:
            left = self._kills - self._random
            await self._all([self._anywhere() for _ in range(min(left, 4 * AT_ONCE))])
            _progress(f"{self._random} of {self._kills} random kills")
        _progress("")

    async def _all(self, trials: Sequence[object]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(trial: object) -> None:
            async with slots:
                await trial  # type: ignore[misc]  # a coroutine

        async with asyncio.TaskGroup() as group:
            for trial in trials:
                group.create_task(one(trial))

    async def _measure(self) -> None:
        """Time a deliberation and a resume that nobody kills, as many at once as later."""
        spans = []

        async def one() -> None:
            async with _Stage() as trial:
                run = await trial.program.start(*DELIBERATION)
                await run.event()
                began = monotonic()
                await run.ended()
                asked = monotonic() - began
                await trial.program("resume")
                spans.append((asked, 2 * (monotonic() - began - asked)))

        await self._all([one() for _ in range(AT_ONCE)])
        self._spans = (max(a for a, _ in spans), max(r for _, r in spans))

    async def _at(self, failpoint: str) -> None:
        async with _Stage() as trial:
            await trial.fail_at(failpoint)
            await self._conclude(trial, failpoint)

    async def _anywhere(self) -> None:
        asked, resumed = self._spans
        moment = self._draw.uniform(0, asked)
        again = self._draw.uniform(0, resumed) if self._draw.random() < TWICE else None
        async with _Stage() as trial:
            await trial.kill_after(moment)
            if again is not None and trial.kills:
                await trial.kill_resumed(again)
            self._random += trial.kills
            await self._conclude(trial, f"{moment:.4f} s, then {again}")

    async def _conclude(self, trial: Trial, when: str) -> None:
        await trial.go_on()
        await judge(trial, self.counts)
        self.problems += [f"killed at {when}: {problem}" for problem in trial.problems]


class _Stage:
    """A state folder and a provider for one trial."""

    async def __aenter__(self) -> Trial:
        self._folder = tempfile.TemporaryDirectory()
        self._provider = await Provider().__aenter__()
        program = Program.at(Path(self._folder.name) / "home", self._provider.url)
        return Trial(program, self._provider)

    async def __aexit__(self, *error: object) -> None:
        await self._provider.__aexit__(*error)
        self._folder.cleanup()


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def main() -> int:
    """Run the campaign, print the counts; the status is 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill")
    parser.add_argument("--kills", type=int, default=300, help="random ones; failpoints come first")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sys.stderr.write(f"Seed {given.seed}\n")
    campaign = Campaign(given.seed, given.kills)
    asyncio.run(campaign.run())
    for problem in campaign.problems:
        sys.stderr.write(f"{problem}\n")
    counts = asdict(campaign.counts)
    lines = [json.dumps(counts)] if given.json else [f"{k}: {v}" for k, v in counts.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if campaign.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
