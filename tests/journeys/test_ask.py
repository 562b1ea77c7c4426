"""`gitbridge ask` as its users run it: a process, HTTP on loopback, and the journal on disk."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import pytest

from tests.faults.http import Answer, Connection
from tests.faults.server import delta, stall, stream
from tests.journeys.conftest import KEY, ended

pytestmark = [pytest.mark.anyio, pytest.mark.network]

CLOSED = ("Tabs or spaces?", "--option", "tabs", "--option", "spaces")


def holding() -> tuple[Answer, asyncio.Event]:
    """Return an answer that never comes, and what is set once it was asked for."""
    held = asyncio.Event()

    async def hold(connection: Connection) -> None:
        held.set()
        await connection.until_closed()

    return hold, held


async def test_a_decision_agrees_with_the_journal_the_ledger_and_what_the_servers_sent(
    gitbridge, openai, xai
):
    result = await gitbridge("ask", *CLOSED, "--json")

    answer = result.json
    decision = answer["decision"]
    assert result.status == (0 if decision["outcome"] != "no consensus" else 5)
    voters = sorted(ballot["voter"] for ballot in decision["ballots"])
    assert voters == ["critic", "proposer", "synthesist"]
    assert {b["family"] for b in decision["ballots"]} == {"gpt", "grok"}
    for ballot in decision["ballots"]:
        assert ballot["choice"] == {"gpt": "tabs", "grok": "spaces"}[ballot["family"]]
    assert len(answer["routes"]) == openai.questions + xai.questions
    assert all(route["reason"] for route in answer["routes"])

    shown = (await gitbridge("thread", "show", answer["thread"], "--json")).json
    stored = {message["id"]: message for message in shown["messages"]}
    assert [stored[m["id"]]["body"] for m in answer["messages"]] == [
        m["body"] for m in answer["messages"]
    ]
    assert shown["decisions"] == [decision]
    rows = (await gitbridge("usage", "--json")).json
    for key in ("prompt_tokens", "completion_tokens"):
        assert sum(row[key] for row in rows) == answer["usage"][key]
    assert sum(row["cost_usd"] for row in rows) == pytest.approx(answer["usage"]["cost_usd"])
    assert sum(row["calls"] for row in rows) == openai.questions + xai.questions


async def test_what_turn_show_prints_is_what_the_server_was_sent(gitbridge, openai):
    answer = (
        await gitbridge("ask", "Tabs?", "--agent", "critic", "--model", "openai", "--json")
    ).json

    record = (await gitbridge("turn", "show", answer["routes"][0]["turn"], "--json")).json

    (body,) = openai.asked
    sent = [(part["role"], part["text"]) for part in record["sent"]["parts"]]
    assert sent == [
        (m["role"].replace("developer", "system"), m["content"]) for m in body["messages"]
    ]
    assert record["reply"] == answer["messages"][1]["body"]


async def test_in_a_pipe_stdout_holds_the_answer_alone(gitbridge):
    result = await gitbridge("ask", "-", "--agent", "critic", stdin="Tabs?")

    assert result.status == 0
    assert result.out.startswith("critic says:")
    assert result.out.count("\n") == 1
    assert "Estimated: 1 call" in result.err


async def test_two_questions_at_once_are_both_answered_and_both_booked(gitbridge, openai, xai):
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(gitbridge("ask", *CLOSED, "--json")) for _ in range(2)]

    first, second = (task.result().json for task in both)
    assert first["thread"] != second["thread"]
    rows = (await gitbridge("usage", "--by", "thread", "--json")).json
    assert {row["key"] for row in rows} == {first["thread"], second["thread"]}
    for answer in (first, second):
        (row,) = [row for row in rows if row["key"] == answer["thread"]]
        assert row["prompt_tokens"] == answer["usage"]["prompt_tokens"]


async def test_two_questions_at_once_in_one_thread_are_each_answered_once(gitbridge):
    thread = (await gitbridge("ask", "First?", "--agent", "critic", "--json")).json["thread"]

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(gitbridge("ask", "Then?", "--agent", "critic", "--thread", thread))

    shown = (await gitbridge("thread", "show", thread, "--json")).json["messages"]
    assert [message["seq"] for message in shown] == [1, 2, 3, 4, 5, 6]
    asked = {message["id"]: message["seq"] for message in shown if message["author"] == "you"}
    answers = [message for message in shown if message["author"] == "critic"]
    assert {answer["reply_to"] for answer in answers} == set(asked)
    assert all(answer["seq"] > asked[answer["reply_to"]] for answer in answers)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_ctrl_c_counts_what_was_paid_for_prints_it_and_exits_with_130(gitbridge, openai, xai):
    hold, held = holding()
    xai.script(*[hold] * 9)
    process = await gitbridge.start("ask", *CLOSED, "--json", "--rounds", "1")
    assert process.stderr is not None
    async with asyncio.timeout(30):
        await held.wait()
        await process.stderr.readuntil(b" tokens, $")
    process.send_signal(signal.SIGINT)

    result = await ended(process)

    assert result.status == 130
    answer = result.json
    assert answer["usage"]["prompt_tokens"] > 0
    assert "Stopping" in result.err
    thread = (await gitbridge("thread", "show", answer["thread"], "--json")).json
    assert len(thread["messages"]) >= len(answer["messages"])


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_a_second_ctrl_c_quits_without_a_traceback(gitbridge, openai):
    openai.script(stream(delta("Well"), stall()))
    process = await gitbridge.start("ask", "q", "--agent", "critic", "--model", "openai")
    assert process.stderr is not None
    async with asyncio.timeout(30):
        await process.stderr.readuntil(b"Well")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)

    result = await ended(process)

    assert result.status == 130


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("patience", ["listed", "resumed"])
async def test_a_killed_program_loses_no_message_and_its_turns_are_taken_over_or_ended(
    gitbridge, openai, patience
):
    hold, held = holding()
    openai.script(hold)
    words = ("ask", "q", "--agent", "critic", "--model", "openai/gpt-4o", "--json")
    process = await gitbridge.start(*words)
    async with asyncio.timeout(30):
        await held.wait()
    os.kill(process.pid, signal.SIGKILL)
    await process.communicate()

    (thread,) = (await gitbridge("thread", "list", "--json")).json
    assert thread["messages"] == 1
    blocked = await gitbridge("ask", "again", "--thread", "last", "--agent", "critic")
    assert blocked.status == 1
    assert "resume" in blocked.err
    if patience == "listed":
        assert (await gitbridge("stop", "--all")).status == 0
    else:
        (turn,) = (await gitbridge("resume", "--json")).json
        assert turn["state"] == "done"
    again = await gitbridge("ask", "again", "--thread", "last", "--agent", "critic")
    assert again.status == 0


async def test_the_key_is_nowhere_in_the_home_folder(gitbridge, home):
    await gitbridge("ask", *CLOSED, "--json")
    await gitbridge(
        "ask", "q", "--agent", "critic", "--model", "openai", OPENAI_API_KEY="sk-wrong-0123456789"
    )

    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert KEY.encode() not in content
            assert b"sk-wrong-0123456789" not in content


async def test_events_stream_as_json_lines(gitbridge):
    result = await gitbridge("ask", *CLOSED, "--events", "jsonl")

    events = [json.loads(line) for line in result.out.splitlines()]
    assert events[-1]["event"] == "answer"
    assert {"delta", "route_chosen", "usage_recorded", "ballot_cast"} <= {
        e["event"] for e in events
    }
