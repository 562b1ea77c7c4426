"""Stopped before it is sent, while it streams, while it is written: FAULTS, row 38.

The hub is the real one, over HTTP on loopback, in this process: its loop must never be blocked
(every asynchronous test watches that), and none of its tasks may be left.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import apsw
import pytest

from hub.config import load
from hub.domain.ask import Ask, Mode
from hub.domain.change import BeginTurn
from hub.domain.event import Delta
from tests.fakes.clock import settle
from tests.fakes.hubs import PATIENCE_S
from tests.faults.invariants import Journal, violations
from tests.faults.program import CONFIG, KEY, Provider
from tests.faults.server import delta, stall, stream
from ui.wiring import open_hub

pytestmark = [pytest.mark.anyio, pytest.mark.network, pytest.mark.fault(38)]

ONE = Ask("Why?", agents=("critic",), provider="openai", model="gpt-4o")


@pytest.fixture
async def provider():
    async with Provider() as provider:
        yield provider


@pytest.fixture
def settings(home, provider, monkeypatch):
    (home / "config.toml").write_text(CONFIG)
    (home / "config.toml").chmod(0o600)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", provider.url)
    return load()


@asynccontextmanager
async def opened(settings):
    """Open the hub; once it is closed none of its tasks is left."""
    before = asyncio.all_tasks()
    async with open_hub(settings) as hub:
        yield hub
    left = {task for task in asyncio.all_tasks() - before if "HttpServer" not in repr(task)}
    assert left == set()
    assert violations(settings.database) == []


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await settle(1)


def calls(settings):
    with Journal(settings.database) as journal:
        return journal.rows(
            "SELECT call.state, estimated, coalesce(ledger.cost, 0) > 0 FROM call"
            " LEFT JOIN ledger ON call_id = call.id ORDER BY call.started_at"
        )


async def test_a_turn_stopped_before_it_is_sent_costs_nothing(settings, provider):
    async with opened(settings) as hub:
        begun, store = asyncio.Event(), hub._parts.store
        commit = store.commit

        async def noted(change):
            if isinstance(change, BeginTurn):
                begun.set()
            return await commit(change)

        store.commit = noted
        asking = asyncio.create_task(hub.ask(ONE))
        await begun.wait()
        await hub.stop()
        answer = await asking

    assert answer.stopped == "person"
    assert provider.questions == 0
    assert calls(settings) == [("not_sent", None, 0)]


async def test_a_turn_stopped_while_it_streams_closes_its_request_and_is_booked_at_an_estimate(
    settings, provider
):
    provider.script(stream(delta("Well, "), delta("I think"), stall()))
    async with opened(settings) as hub:
        with hub.subscribe() as events:
            asking = asyncio.create_task(hub.ask(ONE))
            await until(lambda: any(isinstance(event, Delta) for event in events.drain()))
            await hub.stop()
            answer = await asking
        await until(lambda: provider.seen[-1].closed_by_client)

    assert (answer.stopped, answer.messages) == ("person", ())
    assert calls(settings) == [("unknown", 1, 1)]


async def test_a_turn_stopped_while_it_is_written_is_kept_since_it_is_paid_for(settings, provider):
    provider.silent = {("critic", "reply")}
    async with opened(settings) as hub:
        asking = asyncio.create_task(hub.ask(ONE))
        await provider.stalled()
        other = apsw.Connection(str(settings.database))
        other.execute("BEGIN IMMEDIATE")
        provider.answer_held()
        await until(lambda: not any(m.inflight for m in hub._parts.router.metrics()))
        stopping = asyncio.create_task(hub.stop())
        await asyncio.sleep(0)
        other.close()
        await stopping
        answer = await asking

    assert len(answer.messages) == 1
    assert calls(settings) == [("done", 0, 1)]


async def test_stopping_a_deliberation_stops_every_request_at_once(settings, provider):
    names = ("proposer", "critic", "synthesist")
    provider.silent = {(name, "draft") for name in names}
    async with opened(settings) as hub:
        ask = Ask("Tabs?", Mode.DECIDE, options=("tabs", "spaces"), model="gpt-4o")
        asking = asyncio.create_task(hub.ask(ask))
        await provider.stalled(3)
        assert await hub.stop() == 3
        answer = await asking
        asked = [seen for seen in provider.seen if seen.path.endswith("completions")]
        await until(lambda: all(seen.closed_by_client for seen in asked))

    assert answer.decision is not None
    assert answer.decision.stop_reason == "person"
    assert calls(settings) == [("unknown", 1, 1)] * 3
