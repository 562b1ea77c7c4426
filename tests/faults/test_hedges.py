"""Two calls under way for one turn, over HTTP: told, closed, killed with -9 and gone on with."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from hub.config import load
from hub.domain.ask import Ask
from tests.fakes.clock import settle
from tests.faults.invariants import Journal, violations
from tests.faults.program import KEY, PATIENCE_S, Program, Provider, unexplained
from ui.wiring import open_hub

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.skipif(sys.platform == "win32", reason="os.kill with 9 is POSIX"),
]

DEAR, CHEAP = "gpt-4o", "gpt-4o-mini"
HEDGED = """
[router]
strategy = "performance_optimized"
[providers.openai]
models = ["gpt-4o", "gpt-4o-mini"]
[agents.critic]
role = "Finds what breaks"
hedge = true
[prices]
"openai/gpt-4o" = { input = 2.5, output = 10 }
"openai/gpt-4o-mini" = { input = 0.2, output = 1 }
"""
WHOLE = HEDGED.replace("models", "stream = false\nmodels")
DEAR_BODY = b'"model":"gpt-4o",'
MESSAGE = ("ask", "Why?", "--agent", "critic", "--events", "jsonl")
ENOUGH = 30
"""Answers after which the router knows when a call is late."""


class Choosy(Provider):
    """Says nothing for some of its models."""

    def __init__(self):
        super().__init__()
        self.mute: set[str] = set()

    async def _complete(self, connection, body):
        if body["model"] in self.mute:
            await self._keep_waiting(connection, self._bill(body, 0, 0))
        await super()._complete(connection, body)


@pytest.fixture
async def provider():
    async with Choosy() as provider:
        yield provider


@pytest.fixture
async def program(home, provider, monkeypatch, request):
    """Return a program that has had enough answers of the dear model to know how quick it is."""
    program = Program.at(home, provider.url, getattr(request, "param", HEDGED))
    for name, value in {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider.url}.items():
        monkeypatch.setenv(name, value)
    async with open_hub(load()) as hub:
        for _ in range(ENOUGH):
            await hub.ask(Ask("Why?", agents=("critic",), model=DEAR))
    provider.bills.clear()
    return program


def calls(program):
    """Return model and state of the calls of the last turn, and what became of their money."""
    with Journal(program.journal) as journal:
        return journal.rows(
            "SELECT model, call.state, group_concat(DISTINCT reservation.state) FROM call"
            " LEFT JOIN reservation ON call_id = call.id"
            " WHERE turn_id = (SELECT id FROM turn ORDER BY rowid DESC LIMIT 1)"
            " GROUP BY call.id ORDER BY n"
        )


async def lost_together(program, provider, killed, *, asked):
    """Assert that both calls are of unknown outcome, and that one more was made alone."""
    assert violations(program.journal, killed.told, waiting=True) == []
    assert [state for _, state, _ in calls(program)] == ["intent", "intent"]
    provider.mute.clear()

    run = await program("resume", "--json")

    assert [turn["state"] for turn in run.json] == ["done"]
    assert len(provider.bills) in asked
    lost, hedge, answered = calls(program)
    assert lost == (DEAR, "unknown", "unsettled")
    assert hedge == (CHEAP, "unknown", "unsettled")
    assert answered[1:] == ("done", "settled")
    assert violations(program.journal, killed.told) == []
    with Journal(program.journal) as journal:
        assert unexplained(journal, provider.bills) == (0, 0)
        assert journal.value("SELECT count(*) FROM message") == 2 * (ENOUGH + 1)
    told = (await program("usage")).err
    assert told.count("Possible double charge: $") == 2


async def test_killed_before_the_second_call_is_sent_both_count_as_possibly_sent(program, provider):
    provider.mute = {DEAR}
    killed = await program.killed_at("turn.after_hedge", *MESSAGE)

    await lost_together(program, provider, killed, asked=(1, 2))  # the first may be on its way


async def test_killed_while_both_are_silent_the_turn_is_sent_once_more(program, provider):
    provider.mute = {DEAR, CHEAP}
    killed = await program.killed_when(provider.stalled(2), *MESSAGE)

    await lost_together(program, provider, killed, asked=(3,))


@pytest.mark.parametrize("failpoint", ["turn.after_reply", "settle.applied"])
async def test_killed_with_the_answer_of_the_second_one_in_hand_nothing_of_it_is_there(
    program, provider, failpoint
):
    provider.mute = {DEAR}
    killed = await program.killed_at(failpoint, *MESSAGE)

    await lost_together(program, provider, killed, asked=(3,))


async def test_a_second_program_that_dies_too_ends_the_turn(program, provider):
    provider.mute = {DEAR}
    await program.killed_at("turn.after_hedge", *MESSAGE)
    await program.killed_at("turn.after_a", "resume")

    run = await program("resume", "--json")

    assert [turn["state"] for turn in run.json] == ["unknown"]
    assert [state for _, state, _ in calls(program)] == ["unknown"] * 3


async def test_a_hedged_turn_is_told_explained_and_shown_with_both_its_calls(program, provider):
    provider.mute = {DEAR}

    asked = await program(*MESSAGE)

    events = [
        event for event in map(json.loads, asked.out.splitlines()) if "hedge" in event["event"]
    ]
    sent, ended = events
    assert (sent["event"], sent["route"]["model"]) == ("hedge_sent", CHEAP)
    assert sent["waited_s"] > 0
    assert (ended["event"], ended["goes_on"]) == ("hedge_ended", f"openai/{CHEAP}")
    assert (ended["stopped"], ended["failed"]) == (f"openai/{DEAR}", False)
    turn = ended["turn"]
    explained = (await program("route", "explain", turn)).out
    assert "Call 2:" in explained
    assert f"openai/{DEAR} has said nothing for " in explained
    shown = (await program("turn", "show", turn)).out
    assert f"Call 1: openai/{DEAR}, unknown" in shown
    assert f"given up, as openai/{CHEAP} was quicker" in shown
    assert f"Call 2: openai/{CHEAP}" in shown
    assert f"Route: openai/{CHEAP}: openai/{DEAR} has said nothing" in shown
    log = (program.home / "logs" / "routing_decisions.jsonl").read_text().splitlines()
    assert [json.loads(line)["strategy"] for line in log[-2:]] == ["performance_optimized", "hedge"]
    by_model = {
        row["key"]: row["calls"] for row in (await program("usage", "--by", "model", "--json")).json
    }
    assert by_model == {DEAR: ENOUGH + 1, CHEAP: 1}


@pytest.mark.parametrize("program", [HEDGED, WHOLE], indirect=True, ids=["streamed", "whole"])
async def test_the_request_that_was_overtaken_is_closed_and_the_other_one_answers(
    program, provider
):
    provider.mute = {DEAR}
    async with open_hub(load()) as hub:
        answer = await hub.ask(Ask("Why?", agents=("critic",)))
        silent = next(seen for seen in reversed(provider.seen) if DEAR_BODY in seen.body)
        async with asyncio.timeout(PATIENCE_S):
            while not silent.closed_by_client:
                await settle(1)

    assert answer.turns[0].model.startswith(CHEAP)
    states = [(DEAR, "unknown", "settled"), (CHEAP, "done", "settled")]
    assert calls(program) == states
    assert violations(program.journal) == []
