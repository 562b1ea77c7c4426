import asyncio

import pytest

from hub.domain.ids import TurnId
from hub.engine.embedded import EmbeddedEngine

pytestmark = pytest.mark.anyio


class Work:
    """Records the order of turns and lets the test decide when each ends."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.cancelled: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.changed = asyncio.Event()

    async def run(self, turn: TurnId) -> None:
        self.started.append(turn)
        self.changed.set()
        try:
            if turn in self.gates:
                await self.gates[turn].wait()
            self.ended.append(turn)
        except asyncio.CancelledError:
            self.cancelled.append(turn)
        self.changed.set()

    async def until(self, count: int, what: list[str]) -> None:
        while len(what) < count:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 5)


async def test_turns_of_a_partition_run_one_at_a_time_in_order():
    work, engine = Work(), EmbeddedEngine()
    work.gates["a"] = asyncio.Event()
    await engine.start(work.run)

    await engine.enqueue(TurnId("a"), "p")
    await engine.enqueue(TurnId("b"), "p")
    await work.until(1, work.started)
    assert work.started == ["a"]
    work.gates["a"].set()
    await work.until(2, work.ended)

    assert work.ended == ["a", "b"]


async def test_partitions_run_side_by_side():
    work, engine = Work(), EmbeddedEngine()
    work.gates = {"a": asyncio.Event(), "b": asyncio.Event()}
    await engine.start(work.run)

    await engine.enqueue(TurnId("a"), "p")
    await engine.enqueue(TurnId("b"), "q")
    await work.until(2, work.started)

    assert set(work.started) == {"a", "b"}
    await engine.stop(grace_s=0)


async def test_what_was_enqueued_before_the_start_runs_after_it():
    work, engine = Work(), EmbeddedEngine()

    await engine.enqueue(TurnId("a"), "p")
    await engine.start(work.run)
    await work.until(1, work.ended)

    assert work.ended == ["a"]


async def test_enqueueing_twice_runs_once():
    work, engine = Work(), EmbeddedEngine()
    work.gates["a"] = asyncio.Event()
    await engine.start(work.run)

    await engine.enqueue(TurnId("a"), "p")
    await work.until(1, work.started)
    await engine.enqueue(TurnId("a"), "p")
    work.gates["a"].set()
    await engine.enqueue(TurnId("b"), "p")
    await work.until(2, work.ended)

    assert work.started == ["a", "b"]


async def test_a_cancelled_turn_has_ended_when_cancel_returns_and_the_line_goes_on():
    work, engine = Work(), EmbeddedEngine()
    work.gates["a"] = asyncio.Event()
    await engine.start(work.run)
    await engine.enqueue(TurnId("a"), "p")
    await engine.enqueue(TurnId("b"), "p")
    await work.until(1, work.started)

    await engine.cancel(TurnId("a"))
    assert work.cancelled == ["a"]
    await work.until(1, work.ended)

    assert work.ended == ["b"]


async def test_a_cancelled_turn_that_waits_in_line_never_starts():
    work, engine = Work(), EmbeddedEngine()
    work.gates["a"] = asyncio.Event()
    await engine.start(work.run)
    await engine.enqueue(TurnId("a"), "p")
    await engine.enqueue(TurnId("b"), "p")
    await work.until(1, work.started)

    await engine.cancel(TurnId("b"))
    work.gates["a"].set()
    await engine.stop()

    assert work.started == ["a"]


async def test_stop_lets_running_turns_finish_and_starts_nothing_new():
    work, engine = Work(), EmbeddedEngine()
    work.gates["a"] = asyncio.Event()
    await engine.start(work.run)
    await engine.enqueue(TurnId("a"), "p")
    await engine.enqueue(TurnId("b"), "p")
    await work.until(1, work.started)

    work.gates["a"].set()
    await engine.stop()

    assert (work.started, work.ended) == (["a"], ["a"])


async def test_stop_cancels_what_does_not_finish_in_time():
    work, engine = Work(), EmbeddedEngine()
    work.gates["a"] = asyncio.Event()
    await engine.start(work.run)
    await engine.enqueue(TurnId("a"), "p")
    await work.until(1, work.started)

    await engine.stop(grace_s=0)

    assert work.cancelled == ["a"]
