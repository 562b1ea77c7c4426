"""One of several programs that reserve on the same budgets at once; `test_budget_race` starts it.

`python -m tests.faults.race HOME hold|settle` opens the journal, says `ready`, waits for a line on
stdin, then begins its turns side by side. It prints how many were granted and what they cost.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from hub.domain.turn import Turn
from hub.domain.usage import Hold
from hub.errors import BudgetRefusedError
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, begin, booking, call, end, queue
from tests.fakes.clock import FakeClock

TURNS = 50
AMOUNT = 130
"""Micro-dollars that each turn reserves."""
PAID = 60
"""Micro-dollars that each turn costs in the end."""
CAP = 10_000
BUDGETS = ("day:2026-11-23", "month:2026-11")
HOLDS = tuple(Hold(budget, AMOUNT, CAP, refuse=True) for budget in BUDGETS)


async def race(home: Path, *, settling: bool) -> dict[str, int]:
    """Begin the turns; where told to, settle those that were granted."""
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())
    turns = [await queue(store, await a_thread(store)) for _ in range(TURNS)]
    counts = {"granted": 0, "refused": 0, "spent": 0}

    async def one(turn: Turn) -> None:
        made = call(turn)
        try:
            begun = await store.commit(begin(turn, *HOLDS, first=made))
        except BudgetRefusedError:
            counts["refused"] += 1
            return
        counts["granted"] += 1
        if settling:
            await store.commit(end(begun, made, booking=booking(turn, made, PAID, 0)))
            counts["spent"] += PAID

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    async with asyncio.TaskGroup() as group:
        for turn in turns:
            group.create_task(one(turn))
    await store.close()
    return counts


if __name__ == "__main__":
    done = asyncio.run(race(Path(sys.argv[1]), settling=sys.argv[2] == "settle"))
    sys.stdout.write(f"{json.dumps(done)}\n")
