"""What the peers' programs share: each line of stdin asks for so many turns, each answer is a line.

The programs run in the peers' own environments, by path, so that nothing of ours is on their way.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable

BASE_URL = os.environ.get("PEER_BASE_URL", "")
QUESTION = "Which of the two designs is simpler, and why?"
SYSTEM = "You are proposer. Give one concrete answer first, then the two strongest reasons for it."
MODEL = "gpt-4o"
KEY = "sk-measured"


async def _nothing() -> None:
    pass


def serve(turn: Callable[[], Awaitable[object]], after: Callable[[], Awaitable[object]] = _nothing):
    """Make turns as asked; print the seconds that each took as a JSON list.

    Args:
        turn: One turn, which is timed.
        after: Run behind each, untimed.
    """
    asyncio.run(_serve(turn, after))


async def _serve(turn, after):
    print("ready", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        took = []
        for _ in range(int(line)):
            began = time.perf_counter()
            await turn()
            took.append(time.perf_counter() - began)
            await after()
        print(json.dumps(took), flush=True)
