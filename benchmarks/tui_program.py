"""The whole application over a real journal, with four agents that stream: what `benchmarks.tui` drives.

`python -m benchmarks.tui_program fill HOME` writes the journal, `open HOME` prints how long a thread of
100,000 messages takes to stand on its last page, `stream HOME` runs the application on the terminal it
is given, asks all four agents at once and, when it ends, writes the longest time that its loop was busy
to `HOME/frames.json`. Only the agents are played: each streams 50 tokens a second.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from typing_extensions import override

from agents.scripted import ScriptedAgent
from benchmarks.settings import settings_in
from benchmarks.tui_transcript import memory_mb
from hub.bus import Subscription
from hub.config import AgentSettings, ProviderSettings, Settings
from hub.domain.ask import Ask, Mode
from hub.domain.change import CreateThread, PostMessage
from hub.domain.event import Delta
from hub.domain.ids import ThreadId, message_id
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.turn import FinishReason, Reply, View
from hub.domain.usage import Usage
from hub.ports import OnDelta
from hub.rework import Rework
from hub.storage.sqlite import SQLiteStore
from ui.app import GitBridgeApp
from ui.collector import spare_what_stays
from ui.wiring import SystemClock, open_hub

LARGE, SMALL = ThreadId("large"), ThreadId("small")
MESSAGES = 100_000
TOKENS_A_SECOND = 50
STREAMED_S = 12.0
NAMES = ("ada", "ben", "cleo", "dan")
AGENTS = len(NAMES)
_ITEM = 40
"""Words of a list's item."""
_PRODUCERS = 64
_PACE_S = 0.001
"""How often the loop is asked whether it is free."""
_WORDS = [
    "the",
    "*answer*",
    "weighs",
    "cost",
    "against",
    "latency",
    "and",
    "keeps",
    "`one`",
    "journal",
    "for",
    "all",
    "of",
    "it",
]


class Streamer(ScriptedAgent):
    """Writes Markdown at a steady pace."""

    @override
    async def reply(self, view: View, on_delta: OnDelta) -> Reply:
        """Stream for `STREAMED_S` seconds."""
        began, text = time.perf_counter(), ""
        for number in range(int(STREAMED_S * TOKENS_A_SECOND)):
            piece = _WORDS[number % len(_WORDS)] + (" " if (number + 1) % _ITEM else "\n\n- ")
            text += piece
            on_delta(piece)
            due = began + (number + 1) / TOKENS_A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        usage = Usage(view.prompt_tokens, len(text) // 4)
        return Reply(text, "streamed", usage, FinishReason.STOP, time.perf_counter() - began)


def settings(home: Path) -> Settings:
    """Return settings of four agents on one provider of this machine."""
    provider = ProviderSettings(
        name="played", kind="compatible", base_url="http://127.0.0.1:9/v1", models=("streamed",)
    )
    return settings_in(
        home,
        providers={"played": provider},
        agents=tuple(AgentSettings(name=name, role="speaks") for name in NAMES),
    )


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Rework]:
    """Open the hub with agents that stream."""
    agent = Streamer(["unused"], SystemClock(), provider="played", models=("streamed",))
    async with open_hub(settings(home), agents={"played": agent}) as hub:
        spare_what_stays()
        yield hub


async def fill(home: Path) -> None:
    """Write a thread of 100,000 messages and an empty one, as the hub does."""
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=SystemClock())
    for name in (LARGE, SMALL):
        await store.commit(CreateThread(Thread(name, name, 0)))

    async def produce() -> None:
        for _ in range(MESSAGES // _PRODUCERS + 1):
            at = SystemClock().now()
            body = "Which of the two designs is *simpler*, and why? " * 4
            one = Message(message_id(at), LARGE, 0, "ada", MessageKind.REPLY, body, at)
            await store.commit(PostMessage(one))

    async with asyncio.TaskGroup() as producers:
        for _ in range(_PRODUCERS):
            producers.create_task(produce())
    await store.close()


async def open_large(home: Path) -> dict[str, float]:
    """Return the seconds from wanting the large thread to seeing its last page, and the memory."""
    app = GitBridgeApp(lambda: opened(home), thread=SMALL)
    async with app.run_test(size=(120, 40)) as pilot:
        while app.view.thread_id != SMALL:
            await pilot.pause(0.005)
        await pilot.pause(0.5)
        began = time.perf_counter()
        app.open_thread(LARGE)
        while app.view.thread_id != LARGE:  # noqa: ASYNC110  the pilot has no event for it
            await asyncio.sleep(0.001)
        await pilot.pause()
        seconds = time.perf_counter() - began
        await pilot.pause(1)
        memory = memory_mb()
        await pilot.press("ctrl+q")
    return {"open_100k_s": round(seconds, 3), "app_rss_mb": memory}


async def watch(events: Subscription, file: Path) -> None:
    """Write down the longest time that the loop was busy at a stretch while agents wrote."""
    gaps: list[tuple[float, float]] = []
    until = time.perf_counter() + STREAMED_S
    while time.perf_counter() < until:
        before, worked = time.perf_counter(), time.thread_time()
        await asyncio.sleep(_PACE_S)
        gaps.append((time.perf_counter() - before - _PACE_S, time.thread_time() - worked))
    seen = events.drain()
    writers = len({event.turn_id for event in seen if isinstance(event, Delta)})
    worst = [round(gap * 1_000, 1) for gap, _ in sorted(gaps)[-5:]]
    worked = max(worked for _, worked in gaps)
    told = {
        "frame_max_ms": worst[-1],
        "worst_ms": worst,
        "worked_max_ms": round(worked * 1_000, 1),
        "writers": writers,
    }
    file.write_text(json.dumps(told))  # noqa: ASYNC240  the measuring is over


def stream(home: Path) -> int:
    """Run the application on this terminal with a question that all four answer at once."""
    question = Ask("What weighs more?", Mode.DECIDE, rounds=1)

    @asynccontextmanager
    async def watched() -> AsyncIterator[Rework]:
        async with opened(home) as hub:
            task = asyncio.create_task(begin(hub))
            yield hub
            task.cancel()

    async def begin(hub: Rework) -> None:
        with hub.subscribe() as events:
            async for event in events:
                if isinstance(event, Delta):
                    break
            await watch(events, home / "frames.json")

    app = GitBridgeApp(watched, thread=LARGE, question=question)
    app.run()
    return app.return_code or 0


def main(what: str, home: Path) -> int:
    """Do one of the three."""
    if what == "fill":
        asyncio.run(fill(home))
    elif what == "open":
        print(json.dumps(asyncio.run(open_large(home))))
    else:
        return stream(home)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
