"""The soak: a seeded schedule of faults over a real hub that is killed and restarted (FAULTS).

`python -m tests.faults.soak --seed N --seconds S --json`. Providers misbehave on loopback, the disk
fills up, the clock jumps, another program holds the journal, and the hub is killed by a signal or at
a failpoint. Then what is left is run to its end, and I1-I4, I6 and I7 are read from the files.
A seed gives the same schedule; what meets what depends on the machine. A seed that failed joins
`seeds.txt`, which `make test` replays for a moment.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import apsw

from tests.faults.invariants import Told, violations
from tests.faults.soak_providers import KEY, FaultyProvider

ROOT = Path(__file__).parents[2]
SEEDS = Path(__file__).with_name("seeds.txt")
SHARE = 0.4
"""Of answers that are faults."""
_FAILPOINTS = (
    "turn.before_a",
    "turn.after_a",
    "turn.after_reply",
    "settle.applied",
    "turn.after_b",
)
_ENDS = {"kill": 6, "term": 1, "failpoint": 2, "stdin": 1}
_PRICES = """
[budget]
day = 5000
question = 50
[prices]
"openai/gpt-4o" = { input = 2.5, output = 10 }
"openai/gpt-4o-mini" = { input = 0.15, output = 0.6 }
"grok/grok-3-mini" = { input = 0.3, output = 0.5 }
"grok/grok-4.3" = { input = 1.25, output = 2.5 }
"""
_OUT_OF_ORDER = """
SELECT late.id FROM turn AS early
JOIN turn AS late ON late.partition_key = early.partition_key AND late.ordinal > early.ordinal
JOIN message AS first ON first.turn_id = early.id
JOIN message AS then_ ON then_.turn_id = late.id
WHERE then_.seq < first.seq
"""
MOST = 40
"""Violations that are told: one fault may break many rows."""
_GRACE_S = 90.0
"""For a program to end what it has begun; one that takes longer hangs."""


@dataclass
class Soaked:
    """What came of it."""

    seed: int
    seconds: float
    turns: int = 0
    faults: int = 0
    kills: int = 0
    violations: list[str] = field(default_factory=list)
    by_fault: Counter[str] = field(default_factory=Counter)


class Soak:
    """One run in a home of its own."""

    def __init__(self, home: Path, seed: int, seconds: float) -> None:
        self._home = home
        self._journal = home / "gitbridge.db"
        self._draw = random.Random(f"{seed}/schedule")  # noqa: S311  a schedule, not a secret
        self._told = Told()
        self._complaints: list[str] = []
        self.result = Soaked(seed, seconds)

    async def run(self) -> Soaked:
        """Soak, let everything end, and look."""
        result = self.result
        (self._home / "config.toml").write_text(_PRICES)
        (self._home / "config.toml").chmod(0o600)
        seed = result.seed
        async with (
            FaultyProvider("openai", f"{seed}/openai", SHARE) as openai,
            FaultyProvider("xai", f"{seed}/xai", SHARE) as xai,
        ):
            self._environment = {
                **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                "GITBRIDGE_HOME": str(self._home),
                "OPENAI_API_KEY": KEY,
                "XAI_API_KEY": KEY,
                "OPENAI_BASE_URL": openai.url,
                "XAI_BASE_URL": xai.url,
            }
            end = time.monotonic() + result.seconds
            holding = asyncio.create_task(self._hold_the_journal())
            generation = 0
            while time.monotonic() < end:
                generation += 1
                await self._generation(f"{seed}/{generation}", end - time.monotonic())
            holding.cancel()
            await asyncio.wait([holding])
            openai.share = xai.share = 0.0
            await self._finish()
            result.by_fault += openai.played + xai.played
        result.faults = result.by_fault.total()
        self._look()
        return result

    async def _generation(self, seed: str, left_s: float) -> None:
        """Start a hub, let it work for a while, and end it one way or another."""
        [how] = self._draw.choices(list(_ENDS), list(_ENDS.values()))
        more = {"GITBRIDGE_FAIL_AT": self._draw.choice(_FAILPOINTS)} if how == "failpoint" else {}
        lives_s = min(self._draw.uniform(2.0, 8.0), left_s)
        program, reading = await self._start(seed, **more)
        await asyncio.wait([reading], timeout=lives_s)
        if how == "kill":
            program.kill()
        elif how == "term":
            program.terminate()
        else:
            program.stdin.close()
        await self._ended(program, reading, hangs=how != "kill")
        if program.returncode == -signal.SIGKILL:
            self.result.kills += 1
            self.result.by_fault[f"3 killed, {how}"] += 1
        elif program.returncode not in (0, 128 + signal.SIGTERM, -signal.SIGTERM):
            self._complaints.append(f"the hub ended with {program.returncode} ({how})")

    async def _finish(self) -> None:
        """Run to its end what the dead left, with providers that behave."""
        program, reading = await self._start("finish")
        program.stdin.close()
        await self._ended(program, reading, hangs=True)
        if program.returncode:
            self._complaints.append(f"the last hub ended with {program.returncode}")

    async def _start(self, seed: str, **more: str):
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.soak_hub", seed,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, cwd=ROOT, env={**self._environment, **more},
        )  # fmt: skip
        return program, asyncio.create_task(self._read(program))

    async def _ended(self, program, reading, *, hangs: bool) -> None:
        try:
            async with asyncio.timeout(_GRACE_S):
                await reading
                await program.wait()
        except TimeoutError:
            if hangs:
                self._complaints.append("I7: the hub did not end")
            program.kill()
            await program.wait()

    async def _read(self, program) -> None:
        """Take what a hub says until it is gone; a line that was cut is no promise."""
        complaining = asyncio.create_task(program.stderr.read())
        async for line in program.stdout:
            text = line.decode()
            if KEY in text:
                self._complaints.append("I6: the key was printed")
            word, _, rest = text.rstrip("\n").partition(" ")
            if text.endswith("\n") and word == "ack":
                self._told.messages.append(rest)
            elif word == "fault":
                self.result.by_fault[rest] += 1
        complaint = (await complaining).decode(errors="replace")
        if KEY in complaint:
            self._complaints.append("I6: the key was printed to stderr")
        if "Traceback" in complaint and "KeyboardInterrupt" not in complaint:
            self._complaints.append(f"a traceback: {complaint[:2000]} ... {complaint[-2000:]}")

    async def _hold_the_journal(self) -> None:
        """Hold the write lock now and then, as another program would."""
        while True:
            await asyncio.sleep(self._draw.uniform(0.5, 2.0))
            if self._journal.exists():
                await asyncio.to_thread(self._hold, self._draw.uniform(0.01, 0.5))

    def _hold(self, seconds: float) -> None:
        connection = apsw.Connection(str(self._journal), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_timeout(2_000)
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)  # noqa: TID251  the lock is held in real time
            connection.execute("ROLLBACK")
            self.result.by_fault["12 locked"] += 1
        except apsw.Error:
            return
        finally:
            connection.close()

    def _look(self) -> None:
        """Read the invariants from what lies there now."""
        found = [*self._complaints, *violations(self._journal, self._told)]
        # The clock jumped by days: when turns began says nothing here, what they posted does.
        found = [line for line in found if "a turn began before" not in line]
        found += [
            f"I6: the key is in {path.relative_to(self._home)}"
            for path in self._home.rglob("*")
            if path.is_file() and KEY.encode() in path.read_bytes()
        ]
        connection = apsw.Connection(str(self._journal), flags=apsw.SQLITE_OPEN_READONLY)
        late = connection.execute(_OUT_OF_ORDER).fetchall()
        found += [f"I4: turn {turn} posted before one that was in line ahead" for (turn,) in late]
        self.result.turns = connection.execute("SELECT count(*) FROM turn").fetchall()[0][0]
        connection.close()
        self.result.violations = found[:MOST]


async def soak(seed: int, seconds: float, home: Path) -> Soaked:
    """Soak a hub in an empty folder; see the module."""
    return await Soak(home, seed, seconds).run()


def main() -> int:
    """Soak, print what came of it, and keep a seed that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="an empty folder for the home, which stays")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", file=sys.stderr if arguments.json else sys.stdout, flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        home = arguments.keep or Path(folder)
        home.mkdir(mode=0o700, exist_ok=True)
        result = asyncio.run(soak(arguments.seed, arguments.seconds, home))
    if arguments.json:
        shown = {name: value for name, value in vars(result).items() if name != "by_fault"}
        print(json.dumps(shown))  # noqa: T201
    else:
        _print(result)
    if result.violations:
        with SEEDS.open("a") as seeds:
            seeds.write(f"{result.seed}\n")
    return 1 if result.violations else 0


def _print(result: Soaked) -> None:
    for name, count in sorted(result.by_fault.items()):
        print(f"{count:6} {name}")  # noqa: T201
    figures = f"{result.turns} turns, {result.faults} faults, {result.kills} kills"
    print(f"{figures} in {result.seconds:g} s; {len(result.violations)} violations")  # noqa: T201
    for violation in result.violations:
        print(f"  {violation}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
