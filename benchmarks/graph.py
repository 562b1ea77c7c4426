"""What the interaction graph costs to keep, to build anew and to draw, however much was said.

200 agents, 10,000 to 1,000,000 interactions. `per_message_us` is what one more message takes at that
size (median of the last tenth, a thousand at once): it must not grow. `rebuild_s` reads the same from nothing, `graph_ms` makes the
value that screens and exports get, `layout_ms` places it, `png_ms` and `svg_ms` draw it, `dot_ms`
and `graphml_ms` write it for other programs.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import TypeVar

from hub.analytics.kept import KeptGraphs
from hub.domain.ids import ThreadId
from hub.domain.interaction import News, Place, Spending, Utterance

T = TypeVar("T")

AGENTS = 200
DAY_US = 86_400_000_000
SIZES = (10_000, 100_000, 1_000_000)
BATCH = 1_000
"""Messages that come at once, as they do from the journal."""
BAR = 3.0
"""A message at the largest size may take so many times as long as at the smallest: by then every pair of
every thread and day has its sums, some millions, which no cache holds."""


def talk(count: int, seed: int = 7) -> Iterator[News]:
    """Yield so many messages with one addressee or two, and their bookings, over 30 days."""
    draw = random.Random(seed)  # noqa: S311  figures that can be had again, no secret
    names = [f"agent{k}" for k in range(AGENTS)]
    threads = [ThreadId(f"thread{k}") for k in range(40)]
    there = frozenset(threads)
    for first in range(0, count, BATCH):
        said, spent = [], []
        for n in range(first, min(first + BATCH, count)):
            author, target, third = draw.sample(names, 3)
            at, thread = 1 + n * 30 * DAY_US // count, threads[n % len(threads)]
            more = (third,) if n % 5 == 0 else ()
            said.append(Utterance(thread, author, at, target, n % 3 != 0, (), more, 120, 900))
            spent.append(Spending(thread, author, "openai", 120, 900, at))
        place = Place(message=first + BATCH, booking=first + BATCH)
        yield News(place, there, tuple(said), tuple(spent))


def measure(count: int) -> dict[str, float]:
    """Return the figures at one size."""
    news = list(talk(count))
    kept = KeptGraphs(lambda at: f"day {at // DAY_US}")
    tail = max(1, len(news) // 10)
    took = []
    for part in news:
        _, took_ms = _timed(partial(kept.take, part))
        took.append(took_ms)
    figures = {
        "interactions": count,
        "per_message_us": median(took[-tail:]) / BATCH * 1e3,
        "rebuild_s": sum(took) / 1e3,
    }
    graph, figures["graph_ms"] = _timed(lambda: kept.of().graph("all"))
    from hub.analytics.layout import place
    from hub.exports.dot import to_dot
    from hub.exports.graphml import to_graphml
    from hub.exports.picture import draw

    draw(graph, {}, format="svg")  # loads matplotlib
    places, figures["layout_ms"] = _timed(lambda: place(graph))
    _, figures["png_ms"] = _timed(lambda: draw(graph, places, format="png"))
    _, figures["svg_ms"] = _timed(lambda: draw(graph, places, format="svg"))
    _, figures["dot_ms"] = _timed(lambda: to_dot(graph))
    _, figures["graphml_ms"] = _timed(lambda: to_graphml(graph))
    return {name: round(value, 3) for name, value in figures.items()}


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    result = work()
    return result, (time.perf_counter() - started) * 1e3


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and print the figures; exit status 1 where a message takes longer among many."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="leave larger sizes out")
    args = parser.parse_args(argv)
    rows = []
    for size in SIZES:
        if size <= args.most:
            print(f"  {size:,} interactions", file=sys.stderr)
            rows.append(measure(size))
    growth = round(rows[-1]["per_message_us"] / rows[0]["per_message_us"], 2)
    if args.json:
        print(json.dumps({"agents": AGENTS, "rows": rows, "growth": growth, "bar": BAR}))
    else:
        print("  ".join(f"{name:>14}" for name in rows[0]))
        for row in rows:
            print("  ".join(f"{value:>14,}" for value in row.values()))
        print(f"a message among the most: {growth} x one among the fewest (bar {BAR})")
    return 0 if growth <= BAR else 1


if __name__ == "__main__":
    raise SystemExit(main())
