"""What the journal costs: durable appends, pages, search and the start of the program, at a million messages.

`python -m benchmarks.storage [--json] [--messages N]`. Group commit is measured in turns with the
same store limited to one change a transaction, 64 producers each, `synchronous=FULL`. Reading is
timed around `Store.read`, threads and decoding included. Not measured: a cold page cache, other
disks than this one, several programs writing at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

import apsw

from benchmarks.start import GITBRIDGE
from benchmarks.terminal import Terminal, supported
from hub.domain.change import CreateThread, PostMessage
from hub.domain.ids import ThreadId, message_id
from hub.domain.query import Messages, Query, Search
from hub.domain.thread import Message, MessageKind, Thread
from hub.storage import writer
from hub.storage.sqlite import SQLiteStore
from ui.wiring import SystemClock

_PRODUCERS = 64
_EACH = 40
"""Messages that each producer posts in one round."""
_DISCUSSED = 8
"""Threads that the producers post in: eight agents each."""
_ROUNDS = 7
_THREADS = 10_000
_LARGE = ThreadId("large")
"""The thread that holds a tenth of all messages."""
_WORDS = re.findall(
    r"\w+",
    "the design keeps one journal and every turn is costed before it is sent so that nothing "
    "is paid twice while agents answer one another about caches retries ledgers and queues",
)
_RARE = "zyzzyva"
_PAGE = 50


async def group_commit(folder: Path) -> dict[str, float]:
    """Return appends per second with group commit over those one at a time, and latencies."""
    store = await SQLiteStore.open(folder / "commit.db", home=folder, clock=SystemClock())
    rates: dict[int, list[float]] = {writer.BATCH: [], 1: []}
    waits: list[float] = []
    try:
        for number in range(_DISCUSSED):
            await store.commit(CreateThread(Thread(ThreadId(f"t{number}"), "a thread", 0)))
        for round_ in range(_ROUNDS + 1):
            for limit, found in rates.items():
                writer.BATCH = limit
                took, waited = await _produce(store, _EACH if limit > 1 else _EACH // 8)
                if round_:  # the first one warms up
                    found.append(took)
                    waits += waited if limit > 1 else []
    finally:
        writer.BATCH = max(rates)
        await store.close()
    together, alone = median(rates[max(rates)]), median(rates[1])
    return {
        "group_commit_ratio": round(together / alone, 1),
        "appends_per_s": round(together),
        "one_at_a_time_per_s": round(alone),
        "commit_p99_ms": round(quantiles(waits, n=100)[98] * 1_000, 1),
    }


async def _produce(store: SQLiteStore, each: int) -> tuple[float, list[float]]:
    """Return the appends per second of all producers, and how long each append took."""
    waits: list[float] = []

    async def produce(number: int) -> None:
        for _ in range(each):
            message = _message(ThreadId(f"t{number % _DISCUSSED}"))
            began = time.perf_counter()
            await store.commit(PostMessage(message))
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as producers:
        for number in range(_PRODUCERS):
            producers.create_task(produce(number))
    return _PRODUCERS * each / (time.perf_counter() - began), waits


def _message(thread: ThreadId) -> Message:
    body, at = "Which of the two designs is simpler, and why? " * 4, SystemClock().now()
    return Message(message_id(at), thread, 0, "ada", MessageKind.REPLY, body, at)


def fill(path: Path, messages: int) -> None:
    """Write so many messages into an empty journal, a tenth of them into one thread."""
    connection = apsw.Connection(str(path))
    connection.pragma("synchronous", "OFF")
    with connection:
        connection.executemany(
            "INSERT INTO thread (id, title, created_at, last_seq) VALUES (?, ?, ?, ?)",
            _threads(messages),
        )
        connection.executemany(
            "INSERT INTO message (id, thread_id, seq, author, kind, body, mentions, to_agents,"
            " attachments, pinned, created_at) VALUES (?, ?, ?, 'ada', 'reply', ?, '[]', '[]',"
            " '[]', 0, ?)",
            _rows(messages),
        )
        connection.execute(writer.INDEX)
    connection.close()


def _threads(messages: int) -> Iterator[tuple[str, str, int, int]]:
    small = (messages - messages // 10) // _THREADS
    for number in range(_THREADS):
        yield f"small{number}", f"Question {number}", number, small
    yield _LARGE, "A long one", _THREADS, messages - small * _THREADS


def _rows(messages: int) -> Iterator[tuple[str, str, int, str, int]]:
    small = (messages - messages // 10) // _THREADS
    for number in range(messages):
        place, thread = divmod(number, _THREADS)
        known = place < small
        name = f"small{thread}" if known else _LARGE
        seq = place + 1 if known else number - small * _THREADS + 1
        start = number * 7 % len(_WORDS)
        text = " ".join(["the", *_WORDS[start:], *_WORDS[:start]])
        rare = number in (messages // 3, messages // 2)
        yield f"m{number}", name, seq, f"{text} {_RARE}" if rare else text, number


async def reading(folder: Path) -> dict[str, float]:
    """Return how long a page and a search take, in milliseconds."""
    store = await SQLiteStore.open(folder / "gitbridge.db", home=folder, clock=SystemClock())
    before = _resident()
    try:
        half = (await store.read(Messages(_LARGE, limit=1)))[0].seq // 2
        pages: dict[str, Query[object]] = {
            "last_page_p50_ms": Messages(_LARGE, limit=_PAGE),
            "middle_page_p50_ms": Messages(_LARGE, before=half, limit=_PAGE),
        }
        searches: dict[str, Query[object]] = {
            "search_rare_ms": Search(_RARE),
            "search_common_ms": Search("the"),
            "search_two_common_ms": Search("the journal"),
            "search_common_in_thread_ms": Search("the", ThreadId("small7")),
        }
        figures = {}
        for name, query in {**pages, **searches}.items():
            figures[name] = await _p50_ms(store, query)
    finally:
        await store.close()
    return {**figures, "memory_growth_mb": round((_resident() - before) / 1024, 1)}


async def _p50_ms(store: SQLiteStore, query: Query[object], times: int = 200) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        await store.read(query)
        took.append(time.perf_counter() - began)
    return round(median(took) * 1_000, 3)


def _resident() -> int:
    """Return the most memory that this process has had, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def start_ratio(full: Path, runs: int = 7) -> float | None:
    """Return how much longer the application takes to its first picture than with an empty store."""
    if not supported():
        return None
    with tempfile.TemporaryDirectory() as empty:
        took: dict[str, list[float]] = {str(full): [], empty: []}
        for round_ in range(runs + 1):
            for home, found in took.items():
                environment = {**os.environ, "GITBRIDGE_HOME": home}
                with Terminal([GITBRIDGE], environment) as terminal:
                    painted = terminal.first_paint_s()
                if round_:
                    found.append(painted)
        return round(median(took[str(full)]) / median(took[empty]), 2)


async def measure(messages: int) -> dict[str, float | None]:
    """Measure everything."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        print("64 producers ...", file=sys.stderr)
        figures: dict[str, float | None] = {**await group_commit(folder)}
        path = folder / "gitbridge.db"
        store = await SQLiteStore.open(path, home=folder, clock=SystemClock())
        await store.close()
        print(f"writing {messages:,} messages ...", file=sys.stderr)
        began = time.perf_counter()
        fill(path, messages)
        figures["fill_s"] = round(time.perf_counter() - began, 1)
        figures["bytes_a_message"] = round(path.stat().st_size / messages)
        print("pages and searches ...", file=sys.stderr)
        figures |= await reading(folder)
        print("first screen ...", file=sys.stderr)
        return {**figures, "start_ratio": start_ratio(folder)}


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    parser.add_argument("--messages", type=int, default=1_000_000, help="(default a million)")
    arguments = parser.parse_args()
    figures = asyncio.run(measure(max(_THREADS * 10, arguments.messages)))
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:24}{value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
