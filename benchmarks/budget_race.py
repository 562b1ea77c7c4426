"""Two hundred turns race for a budget that pays for fifty: the cap holds, whoever comes first.

`python -m benchmarks.budget_race [--json] [--runs N]`. Each run is a whole hub over a journal of its
own, with scripted agents, and is seeded: the order of the turns, how long each answer takes, which
budget has the cap, and what an answer costs where it may cost less. In turns:

- `exact`: each call costs exactly what it reserved; fifty run, in one process.
- `processes`: the same over three processes on one journal.
- `cheaper`: calls cost a share of what they reserved; more of them run, and the cap still holds.
- `crash`: a process is killed while its calls are under way. What they held stays counted, before and
  after its turns are dropped, and is listed as possibly charged.

All turns may run at once. A trigger in each journal notes every reservation and settlement after which
a budget stood over its cap.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import apsw

from agents.scripted import ScriptedAgent
from hub.config import Settings, load
from hub.domain.ask import Ask
from hub.domain.change import SetBudget
from hub.domain.turn import FinishReason, Reply, View
from hub.domain.usage import Usage
from hub.errors import BudgetRefusedError
from hub.hub import Hub
from hub.storage.sqlite import SQLiteStore
from ui.wiring import SystemClock, open_hub

TURNS = 200
PAID = 50
COST = 4_000
"""Micro-dollars of a call: 4,000 tokens of answer at a micro-dollar each; the prompt is free."""
PROCESSES = 3
LOST = 20
"""Calls under way when the process is killed."""
_SLOWEST_S = 0.03
"""Seconds that an answer takes at most: long enough that many calls are under way at once."""
_CONFIGURED = """
[router]
strategy = "cost_optimized"
[budget]
time_zone = "UTC"
[providers.acme]
base_url = "https://acme.invalid/v1"
models = ["racer"]
slots = 200
[prices."acme/racer"]
input = 0
output = 1
[agents.racer]
role = "Races"
"""
_SCOPES = ("day", "month", "agent:racer", "provider:acme", "tag:race")
_WATCH = """
CREATE TABLE over_cap (id TEXT, spent INTEGER, reserved INTEGER, cap INTEGER);
CREATE TRIGGER watched AFTER UPDATE OF reserved ON budget
    WHEN new.spent + new.reserved > new.cap BEGIN
    INSERT INTO over_cap VALUES (new.id, new.spent, new.reserved, new.cap);
END;
"""
"""A call is booked first and gives its hold back then, in one transaction: what counts is after that."""


@dataclass(frozen=True, slots=True)
class Race:
    """What became of a race."""

    ran: int = 0
    refused: int = 0
    failed: int = 0
    """Turns that ended with any other error: there should be none."""
    spent: int = 0
    """Micro-dollars, as the budget has them."""
    reserved: int = 0
    over_cap: int = 0
    """Reservations and settlements after which a budget stood over its cap."""
    possible_charges: int = 0
    """Calls of unknown outcome that the journal lists."""
    peak: int = 0
    """Most calls under way at once, over all processes at most."""

    def plus(self, other: Race) -> Race:
        """Return both together: turns add up, the budget is the later one's."""
        return replace(
            other,
            ran=self.ran + other.ran,
            refused=self.refused + other.refused,
            failed=self.failed + other.failed,
            peak=self.peak + other.peak,
        )


def prepare(home: Path, seed: int) -> str:
    """Make a journal whose cap pays for fifty calls; return which budget has it."""
    scope = random.Random(f"scope {seed}").choice(_SCOPES)  # noqa: S311  a seeded choice
    (home / "config.toml").write_text(_CONFIGURED, encoding="utf-8")
    (home / "config.toml").chmod(0o600)

    async def capped() -> None:
        store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=SystemClock())
        await store.commit(SetBudget(scope, PAID * COST))
        await store.close()

    asyncio.run(capped())
    connection = apsw.Connection(str(home / "gitbridge.db"))
    connection.execute(_WATCH)
    connection.close()
    return scope


def settings_of(home: Path) -> Settings:
    """Return the settings of a race."""
    os.environ["GITBRIDGE_HOME"] = str(home)
    return load(folder=home)


class Racer(ScriptedAgent):
    """Answers after a seeded while, at a seeded cost; kills the process at its nth call, if told to."""

    def __init__(
        self, seed: int, *, cheaper: bool = False, dies_at: int | None = None, at_once: int = 0
    ) -> None:
        """Prepare.

        Args:
            seed: Decides how long and how dear answers are.
            cheaper: Answers cost a share of what they reserved.
            dies_at: The call at which the process is killed; until then nothing is answered.
            at_once: No answer comes before so many calls are under way.
        """
        super().__init__(self._say, SystemClock(), provider="acme", models=("racer",))
        self._draw = random.Random(seed)  # noqa: S311  seeded
        self._cheaper = cheaper
        self._dies_at = dies_at
        self._under_way = 0
        self._least = at_once
        self._begun = asyncio.Event()
        self.peak = 0
        """Most calls under way at once."""

    async def _say(self, view: View) -> Reply:
        if self._dies_at is not None:
            if len(self.asked) >= self._dies_at:
                os.kill(os.getpid(), 9)
            await asyncio.get_running_loop().create_future()
        self._under_way += 1
        self.peak = max(self.peak, self._under_way)
        if self.peak >= self._least:
            self._begun.set()
        await self._begun.wait()
        await asyncio.sleep(self._draw.uniform(0, _SLOWEST_S))
        self._under_way -= 1
        share = self._draw.random() if self._cheaper else 1.0
        usage = Usage(view.prompt_tokens, round(share * view.max_output))
        return Reply("Here.", "racer", usage, FinishReason.STOP, 0.0)


async def race(settings: Settings, racer: Racer, turns: int, seed: int) -> Race:
    """Ask all at once, each in a thread of its own."""
    results: list[BaseException | None] = []

    async def ask(hub: Hub, number: int) -> None:
        try:
            await hub.ask(Ask(f"Question {number}?", tags=("race",)))
        except Exception as error:  # noqa: BLE001  counted below
            results.append(error)
        else:
            results.append(None)

    numbers = list(range(turns))
    random.Random(seed).shuffle(numbers)  # noqa: S311  seeded
    opened = open_hub(settings, agents={"acme": racer}, at_once=turns)
    async with opened as hub, asyncio.TaskGroup() as group:
        for number in numbers:
            group.create_task(ask(hub, number))
    refused = sum(isinstance(result, BudgetRefusedError) for result in results)
    ran = results.count(None)
    failed = len(results) - ran - refused
    return Race(ran=ran, refused=refused, failed=failed, peak=racer.peak)


def counted(home: Path, scope: str, race: Race = Race()) -> Race:
    """Return the race with what the journal says of the capped budget."""
    connection = apsw.Connection(str(home / "gitbridge.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        [(spent, reserved)] = connection.execute(
            "SELECT sum(spent), sum(reserved) FROM budget WHERE id = ?1 OR id LIKE ?1 || ':%'",
            (scope,),
        )
        [(over,)] = connection.execute("SELECT count(*) FROM over_cap")
        [(lost,)] = connection.execute(
            "SELECT count(DISTINCT call_id) FROM reservation WHERE state = 'unsettled'"
        )
    finally:
        connection.close()
    sums: list[Any] = [spent, reserved, over, lost]
    return replace(
        race, spent=sums[0], reserved=sums[1], over_cap=sums[2], possible_charges=sums[3]
    )


def exact(home: Path, seed: int, *, cheaper: bool = False) -> Race:
    """Race in this process; all fifty calls that the cap pays for are under way at once."""
    scope = prepare(home, seed)
    racer = Racer(seed, cheaper=cheaper, at_once=PAID)
    return counted(home, scope, asyncio.run(race(settings_of(home), racer, TURNS, seed)))


def processes(home: Path, seed: int, *, cheaper: bool = False) -> Race:
    """Race over three processes, which begin together."""
    scope = prepare(home, seed)
    shares = [TURNS // PROCESSES + (number < TURNS % PROCESSES) for number in range(PROCESSES)]
    children = [
        _child(home, seed * 10 + number, share, "--cheaper" if cheaper else "")
        for number, share in enumerate(shares)
    ]
    for child in children:
        assert child.stdout is not None  # noqa: S101  a pipe was asked for
        child.stdout.readline()
    total = Race()
    for child in children:
        assert child.stdin is not None  # noqa: S101  as above
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        out, _ = child.communicate()
        total = total.plus(Race(**json.loads(out)))
    return counted(home, scope, total)


def crash(home: Path, seed: int) -> tuple[Race, Race, Race]:
    """Kill a process with calls under way; return the counts after that, after a race, after a drop."""
    scope = prepare(home, seed)
    child = _child(home, seed, LOST, "--dies")
    assert child.stdout is not None  # noqa: S101  a pipe was asked for
    child.stdout.readline()
    child.communicate("go\n")
    killed = counted(home, scope)
    settings = settings_of(home)
    raced = counted(home, scope, asyncio.run(race(settings, Racer(seed), TURNS, seed)))

    async def drop() -> None:
        async with open_hub(settings, agents={"acme": Racer(seed)}) as hub:
            await hub.drop()

    asyncio.run(drop())
    return killed, raced, counted(home, scope)


def _child(home: Path, seed: int, turns: int, *flags: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.budget_race", "--child", str(home)]
    command += ["--seed", str(seed), "--turns", str(turns), *filter(None, flags)]
    pipe = subprocess.PIPE
    root = Path(__file__).parents[1]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root)


def _run_child(args: argparse.Namespace) -> None:
    settings = settings_of(args.child)
    racer = Racer(args.seed, cheaper=args.cheaper, dies_at=args.turns if args.dies else None)
    print("ready", flush=True)
    sys.stdin.readline()
    done = asyncio.run(race(settings, racer, args.turns, args.seed))
    print(json.dumps(asdict(done)))


def measure(runs: int) -> dict[str, Any]:
    """Return what all runs came to; `held` is true where every one of them was as promised."""
    cap, began = PAID * COST, time.monotonic()
    found: dict[str, list[Race]] = {
        "exact": [],
        "processes": [],
        "cheaper": [],
        "cheaper_processes": [],
    }
    crashes: list[tuple[Race, Race, Race]] = []
    for seed in range(runs):
        found["exact"].append(_in_scratch(exact, seed))
        found["processes"].append(_in_scratch(processes, seed))
        cheaper = processes if seed % 2 else exact
        name = "cheaper_processes" if seed % 2 else "cheaper"
        found[name].append(_in_scratch(cheaper, seed, cheaper=True))
        crashes.append(_in_scratch(crash, seed))
    result: dict[str, Any] = {"runs": runs, "turns": TURNS, "paid_for": PAID, "cap": cap}
    for name, races in found.items():
        result[name] = _summary(races)
    result["crash"] = {
        "lost": LOST,
        "reserved_after_kill": _range([killed.reserved for killed, _, _ in crashes]),
        "ran_after_it": _range([raced.ran for _, raced, _ in crashes]),
        "reserved_after_drop": _range([dropped.reserved for _, _, dropped in crashes]),
        "possible_charges": _range([dropped.possible_charges for _, _, dropped in crashes]),
        "over_cap": sum(dropped.over_cap for _, _, dropped in crashes),
    }
    races = [race for several in found.values() for race in several]
    exactly = (*found["exact"], *found["processes"])
    result["held"] = (
        all(race.ran == PAID and race.spent == cap for race in exactly)
        and all(race.spent <= cap and not race.over_cap and not race.failed for race in races)
        and all(as_promised(*crashed) for crashed in crashes)
    )
    result["seconds"] = round(time.monotonic() - began, 1)
    return result


def as_promised(killed: Race, raced: Race, dropped: Race) -> bool:
    """Tell whether a crash freed nothing: what its calls held counts at every later moment."""
    lost = LOST * COST
    return (
        killed.reserved == raced.reserved == dropped.reserved == lost
        and raced.ran == PAID - LOST
        and raced.spent == dropped.spent == (PAID - LOST) * COST
        and dropped.possible_charges == LOST
        and not dropped.over_cap
    )


def _in_scratch(run: Any, seed: int, **options: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), seed, **options)


def _summary(races: Sequence[Race]) -> dict[str, Any]:
    return {
        "races": len(races),
        "ran": _range([race.ran for race in races]),
        "peak": _range([race.peak for race in races]),
        "spent_max": max((race.spent for race in races), default=0),
        "over_cap": sum(race.over_cap for race in races),
        "failed": sum(race.failed for race in races),
    }


def _range(values: Sequence[int]) -> list[int]:
    return [min(values, default=0), max(values, default=0)]


def main() -> int:
    """Race, print, and return 1 where the cap did not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budget_race", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--turns", type=int, default=TURNS, help=argparse.SUPPRESS)
    parser.add_argument("--cheaper", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dies", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child is not None:
        _run_child(args)
        return 0
    result = measure(args.runs)
    if args.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name}: {value}")
    return 0 if result["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
