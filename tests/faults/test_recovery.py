"""Reservations of the dead, and several programs on one journal: FAULTS, rows 12, 16 and 40."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import apsw
import pytest

from hub.domain.ask import Ask
from hub.domain.event import MessagePosted
from tests.fakes.clock import FakeClock
from tests.fakes.hubs import House
from tests.faults.invariants import Journal, violations
from tests.faults.program import MESSAGE, Program, Provider

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.skipif(sys.platform == "win32", reason="os.kill with 9 is POSIX"),
]

HOUR_S = 3_600


@pytest.fixture
async def provider():
    async with Provider() as provider:
        yield provider


@pytest.fixture
def program(home, provider):
    return Program.at(home, provider.url)


@contextmanager
def locked(path):
    """Hold the journal as another program that writes does; `release` before the end is fine."""
    connection = apsw.Connection(str(path))
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.fault(40)
async def test_what_a_dead_program_held_counts_as_possibly_spent_and_is_never_free(home, program):
    killed = await program.killed_at("turn.after_a", *MESSAGE)
    with Journal(program.journal) as journal:
        [(call, amount)] = journal.rows(
            "SELECT DISTINCT call_id, amount FROM reservation WHERE state = 'held'"
        )
        before = dict(journal.rows("SELECT id, reserved FROM budget"))
    assert set(before.values()) == {amount}

    async with House(home, FakeClock(time.time_ns() // 1_000)) as house:
        await house.ask(Ask("Soon after?"))
        assert house.books.value("SELECT count(*) FROM reservation WHERE state = 'held'") > 0
        await house.clock.advance(2 * HOUR_S)
        await house.ask(Ask("Much later?"))

        assert {c.call_id for c in await house.hub.possible_charges()} == {call}
    with Journal(program.journal) as journal:
        after = dict(journal.rows("SELECT id, reserved FROM budget"))
    assert {budget: after[budget] for budget in before} == before
    assert violations(program.journal, killed.told, waiting=True) == []


@pytest.mark.fault(12)
async def test_an_answer_waits_visibly_for_a_program_that_holds_the_journal(program, provider):
    provider.silent = {("critic", "reply")}
    run = await program.start(*MESSAGE)
    await provider.stalled()
    with locked(program.journal):
        provider.answer_held()
        await run.until(lambda e: e["event"] == "notice" and "kept" in e["text"])
    await run.until(lambda e: e["event"] == "notice" and "stored" in e["text"])

    assert (await run.ended()).status == 0
    assert provider.questions == 1
    assert violations(program.journal, run.told) == []


@pytest.mark.fault(16)
async def test_programs_on_one_journal_see_each_other_and_keep_order_and_budget(
    home, program, provider
):
    config = home / "config.toml"
    config.write_text(config.read_text() + "[budget]\nday = 0.30\n")
    first = await program(*MESSAGE)

    async with House(home) as house:
        async with asyncio.TaskGroup() as group:
            asks = [group.create_task(program(*MESSAGE, "--thread", "last")) for _ in range(3)]
            watching = group.create_task(
                house.pass_until(lambda: len(house.events(MessagePosted)) == 6)
            )
        assert watching.exception() is None
        seen = [event.message.seq for event in house.events(MessagePosted)]

    runs = [first, *(ask.result() for ask in asks)]
    assert [run.status for run in runs] == [0, 0, 0, 0]
    assert seen == [3, 4, 5, 6, 7, 8]
    assert provider.peak == 1, "turns of one thread ran side by side"
    with Journal(program.journal) as journal:
        days = journal.column("SELECT id FROM budget WHERE id LIKE 'day:%'")
        order = dict(journal.rows("SELECT id, seq FROM message"))
    for run in runs:
        # A program tells its own message at once, and then what others posted before it.
        assert len(set(run.told.messages)) == len(run.told.messages)
        told = replace(run.told, messages=sorted(run.told.messages, key=order.__getitem__))
        assert violations(program.journal, told, refusing=days) == []
