"""The transcript alone in an app of its own, beside Markdown widgets: one case a process.

`python -m benchmarks.tui_transcript ours|widgets MESSAGES` prints one JSON object: seconds until the
messages stand, net milliseconds of an append (the pause that the pilot makes anyway is taken off), seconds
of a resize, and the most memory the process ever had. `benchmarks.tui` runs it.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from dataclasses import replace
from statistics import median

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Markdown
from typing_extensions import override

from hub.domain.ids import MessageId, ThreadId
from hub.domain.thread import Message, MessageKind, Thread
from ui.theme import register
from ui.view import View
from ui.widgets.transcript import TranscriptView

SIZE, NARROWER = (120, 40), (100, 40)
APPENDS = 20
_BODY = (
    "**Agent {n}** says: consider the *trade-off* between `latency` and cost for item {n}. It is "
    "worth noting that the router may prefer a smaller model here because the budget is limited."
    "\n\n- point one\n- point two"
)


def message(seq: int) -> Message:
    """Return one message of a discussion, as long as usual."""
    return Message(
        MessageId(f"m{seq}"),
        ThreadId("t"),
        seq,
        ("proposer", "critic", "synthesist")[seq % 3],
        MessageKind.REPLY,
        _BODY.format(n=seq),
        1_700_000_000_000_000 + seq * 1_000_000,
    )


def thread_of(count: int) -> View:
    """Return a view of a thread whose messages are all loaded."""
    rows = tuple(map(message, range(1, count + 1)))
    return View(thread=Thread(ThreadId("t"), "Measured", 0, count), opened=1, rows=rows)


class Ours(App[None]):
    """Our transcript."""

    def __init__(self, count: int) -> None:
        super().__init__()
        register(self)
        self.view = thread_of(count)

    @override
    def compose(self) -> ComposeResult:
        yield TranscriptView()

    def on_mount(self) -> None:
        """Show them all."""
        self.query_one(TranscriptView).show(self.view, 0)

    async def append(self) -> None:
        """Put one more message behind the others."""
        rows = (*self.view.rows, message(len(self.view.rows) + 1))
        self.view = replace(self.view, rows=rows)
        self.query_one(TranscriptView).show(self.view, 0)


class Widgets(App[None]):
    """A widget for each message, as most chat programs have it."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    @override
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for seq in range(1, self.count + 1):
                yield Markdown(message(seq).body)

    async def append(self) -> None:
        """Put one more message behind the others."""
        self.count += 1
        scroll = self.query_one(VerticalScroll)
        await scroll.mount(Markdown(message(self.count).body))
        scroll.scroll_end(animate=False)


async def measure(app: Ours | Widgets, since: float) -> dict[str, float]:
    """Return the figures of one app.

    Args:
        app: Not run yet.
        since: When its making began, by `time.perf_counter`.
    """
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        ready = time.perf_counter() - since
        rest = median([await _seconds(pilot) for _ in range(APPENDS)])
        appends = [await _seconds(pilot, append=app) for _ in range(APPENDS)]
        began = time.perf_counter()
        await pilot.resize_terminal(*NARROWER)
        await pilot.pause()
        resized = time.perf_counter() - began
    return {
        "ready_s": round(ready, 3),
        "append_ms": round(max(0.0, median(appends) - rest) * 1_000, 2),
        "resize_s": round(resized, 3),
        "rss_mb": memory_mb(),
    }


def memory_mb() -> float:
    """Return the most memory that this process ever had, in megabytes."""
    unit = 1_048_576 if sys.platform == "darwin" else 1_024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


async def _seconds(pilot: Pilot[None], append: Ours | Widgets | None = None) -> float:
    began = time.perf_counter()
    if append is not None:
        await append.append()
    await pilot.pause()
    return time.perf_counter() - began


def main(which: str, count: int) -> int:
    """Measure one case, and print it; the messages of ours are values before the clock starts."""
    if which == "ours":
        app: Ours | Widgets = Ours(count)
        began = time.perf_counter()
    else:
        began = time.perf_counter()
        app = Widgets(count)
    print(json.dumps(asyncio.run(measure(app, began))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2])))
