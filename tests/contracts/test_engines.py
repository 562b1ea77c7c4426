"""What every `TurnEngine` promises (STORAGE: TurnEngine)."""

from __future__ import annotations

import asyncio

import pytest

from hub.domain.ids import TurnId
from hub.engine.embedded import EmbeddedEngine
from hub.engine.slots import Slots
from hub.ports import TurnEngine
from tests.fakes.clock import settle

pytestmark = pytest.mark.anyio

ENGINES = {"embedded": EmbeddedEngine}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> TurnEngine:
    return ENGINES[request.param]()


class Turns:
    """Stands in for `hub.queue`: records what runs, and ends each turn when told to."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.running: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}
        self.changed = asyncio.Event()

    async def run(self, turn: TurnId) -> None:
        partition = turn[0]
        assert partition not in {name[0] for name in self.running}, "two turns of one partition"
        self.running.add(turn)
        self._note(f"start {turn}")
        try:
            if gate := self.gates.get(turn):
                await gate.wait()
            self._note(f"end {turn}")
        except asyncio.CancelledError:
            await settle(5)  # what a cancelled turn still has to write
            self._note(f"cancelled {turn}")
        finally:
            self.running.discard(turn)

    def hold(self, *turns: str) -> None:
        self.gates.update({turn: asyncio.Event() for turn in turns})

    def release(self, turn: str) -> None:
        self.gates[turn].set()

    async def seen(self, *lines: str) -> None:
        async with asyncio.timeout(10):
            while not set(lines) <= set(self.log):
                self.changed.clear()
                await self.changed.wait()

    def _note(self, line: str) -> None:
        self.log.append(line)
        self.changed.set()


async def enqueue(engine: TurnEngine, *turns: str) -> None:
    for turn in turns:
        await engine.enqueue(TurnId(turn), turn[0])


async def test_a_partition_keeps_the_order_queued_whatever_others_do(engine: TurnEngine):
    turns = Turns()
    await engine.start(turns.run)

    await enqueue(engine, *(f"{part}{n}" for n in range(5) for part in "abc"))
    await turns.seen("end a4", "end b4", "end c4")

    for part in "abc":
        ended = [line for line in turns.log if line.startswith(f"end {part}")]
        assert ended == [f"end {part}{n}" for n in range(5)]
    await engine.stop()


async def test_a_turn_that_is_held_up_holds_up_its_own_partition_alone(engine: TurnEngine):
    turns = Turns()
    turns.hold("a0")
    await engine.start(turns.run)

    await enqueue(engine, "a0", "a1", "b0")
    await turns.seen("end b0")
    assert "start a1" not in turns.log
    turns.release("a0")
    await turns.seen("end a1")
    await engine.stop()


async def test_enqueueing_again_is_harmless_in_line_and_while_running(engine: TurnEngine):
    turns = Turns()
    turns.hold("a0")
    await engine.start(turns.run)

    await enqueue(engine, "a0", "a1")
    await turns.seen("start a0")
    await enqueue(engine, "a0", "a1", "a1")
    turns.release("a0")
    await turns.seen("end a1")
    await engine.stop()

    assert turns.log == ["start a0", "end a0", "start a1", "end a1"]


async def test_what_is_enqueued_before_the_start_runs_in_order_after_it(engine: TurnEngine):
    turns = Turns()

    await enqueue(engine, "a0", "a1")
    await engine.start(turns.run)
    await turns.seen("end a1")
    await engine.stop()

    assert turns.log == ["start a0", "end a0", "start a1", "end a1"]


async def test_cancel_returns_when_the_turn_has_written_its_end_and_the_line_goes_on(
    engine: TurnEngine,
):
    turns = Turns()
    turns.hold("a0")
    await engine.start(turns.run)
    await enqueue(engine, "a0", "a1")
    await turns.seen("start a0")

    await engine.cancel(TurnId("a0"))
    assert "cancelled a0" in turns.log
    await turns.seen("end a1")
    await engine.stop()


async def test_cancelling_twice_breaks_off_nothing(engine: TurnEngine):
    turns = Turns()
    turns.hold("a0")
    await engine.start(turns.run)
    await enqueue(engine, "a0")
    await turns.seen("start a0")

    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(engine.cancel(TurnId("a0")))
    await engine.stop()

    assert turns.log == ["start a0", "cancelled a0"]


async def test_a_turn_cancelled_in_line_never_starts_and_an_unknown_one_is_no_error(
    engine: TurnEngine,
):
    turns = Turns()
    turns.hold("a0")
    await engine.start(turns.run)
    await enqueue(engine, "a0", "a1", "a2")
    await turns.seen("start a0")

    await engine.cancel(TurnId("a1"))
    await engine.cancel(TurnId("nobody"))
    turns.release("a0")
    await turns.seen("end a2")
    await engine.stop()

    assert "start a1" not in turns.log


async def test_a_turn_that_breaks_leaves_its_partition_working(engine: TurnEngine):
    turns, defects = Turns(), []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: defects.append(context["exception"]))

    async def run(turn: TurnId) -> None:
        if turn == "a0":
            raise ZeroDivisionError
        await turns.run(turn)

    await engine.start(run)
    await enqueue(engine, "a0", "a1")
    await turns.seen("end a1")
    await engine.stop()
    loop.set_exception_handler(None)

    assert [type(defect) for defect in defects] == [ZeroDivisionError]


async def test_stop_finishes_what_runs_and_starts_nothing_that_waits(engine: TurnEngine):
    turns = Turns()
    turns.hold("a0", "b0")
    await engine.start(turns.run)
    await enqueue(engine, "a0", "a1", "b0")
    await turns.seen("start a0", "start b0")

    stopping = asyncio.create_task(engine.stop())
    await settle()
    await enqueue(engine, "c0")
    turns.release("a0")
    turns.release("b0")
    await stopping

    assert sorted(turns.log) == ["end a0", "end b0", "start a0", "start b0"]


async def test_stop_cancels_what_does_not_finish_in_time_and_waits_for_its_end(engine: TurnEngine):
    turns = Turns()
    turns.hold("a0")
    await engine.start(turns.run)
    await enqueue(engine, "a0", "a1")
    await turns.seen("start a0")

    await engine.stop(grace_s=0)

    assert turns.log == ["start a0", "cancelled a0"]


async def test_turns_that_wait_for_a_free_place_do_not_start_once_it_is_stopping():
    turns, engine = Turns(), EmbeddedEngine(Slots(1))
    turns.hold("a0")
    await engine.start(turns.run)
    await enqueue(engine, "a0", "b0")
    await turns.seen("start a0")

    stopping = asyncio.create_task(engine.stop())
    await settle()
    turns.release("a0")
    await stopping

    assert turns.log == ["start a0", "end a0"]
