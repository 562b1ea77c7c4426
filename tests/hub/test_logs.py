"""The logs of the seed: usage by provider, and the router's decisions."""

from __future__ import annotations

import json
import stat

import pytest

from hub.domain.ask import Ask
from hub.domain.turn import FinishReason, Reply
from hub.domain.usage import Usage
from hub.log_file import LogFile
from tests.fakes.hubs import House
from tests.fakes.voices import MODELS, Voice, failure

pytestmark = pytest.mark.anyio


def lines(home, name):
    return [json.loads(line) for line in (home / "logs" / name).read_text().splitlines()]


def reply(**facts) -> Reply:
    return Reply("Because.", "grok-4.3", Usage(1_000, 100, **facts), FinishReason.STOP, 0.5)


async def test_each_call_leaves_a_line_with_tokens_prompt_length_and_costs_apart(home):
    async with House(home) as house:
        house.grok.says(reply(cached_tokens=200, reasoning_tokens=50))
        answer = await house.ask(Ask("Why?"))
        [view] = house.asked

    [line] = lines(home, "grok_usage.jsonl")
    assert line == {
        "time": "2026-11-23T00:00:00.000000Z",
        "provider": "grok",
        "model": "grok-4.3",
        "agent": "proposer",
        "thread": answer.thread.id,
        "call": line["call"],
        "prompt_length": sum(len(part.text) for part in view.parts),
        "prompt_tokens": 1_000,
        "completion_tokens": 100,
        "total_tokens": 1_100,
        "cached_tokens": 200,
        "reasoning_tokens": 50,
        "estimated": False,
        "prompt_cost_usd": (800 * 1.25 + 200 * 0.2) / 1e6,
        "completion_cost_usd": 100 * 2.5 / 1e6,
        "cost_usd": (800 * 1.25 + 200 * 0.2 + 100 * 2.5) / 1e6,
    }


async def test_what_the_provider_billed_is_split_and_adds_up(home):
    async with House(home) as house:
        house.grok.says(reply(billed=1_234))
        await house.ask(Ask("Why?"))

    [line] = lines(home, "grok_usage.jsonl")
    assert line["prompt_cost_usd"] + line["completion_cost_usd"] == pytest.approx(0.001234)


async def test_each_decision_leaves_a_line_with_fallback_and_confidence(home):
    async with House(home) as house:
        house.grok.says(failure())
        await house.ask(Ask("Why?"))

    first, second = lines(home, "routing_decisions.jsonl")
    assert (first["provider"], first["strategy"], first["fallback"]) == (
        "grok",
        "cost_optimized",
        False,
    )
    assert 0 < first["confidence"] < 1
    assert first["chain"] == ["openai/gpt-4o"]
    assert first["weights"] == {"cost": 1.0}
    assert first["cost_usd"] > 0
    assert first["tokens"] > 0
    assert (second["provider"], second["fallback"], second["confidence"]) == ("openai", True, 1.0)
    assert "failed in this turn" in second["candidates"][1]["removed"]
    [usage] = lines(home, "openai_usage.jsonl")
    assert usage["cost_usd"] > 0


async def test_no_text_and_nothing_key_shaped_is_ever_in_them(home):
    secret = "sk-canary0123456789abcdef"
    async with House(home) as house:
        house.grok.says(
            Reply(f"I say {secret}.", f"grok-{secret}", Usage(1, 1), FinishReason.STOP, 0.1)
        )
        await house.ask(Ask(f"My key is {secret}, who are you?"))

    written = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert secret not in written
    assert "who are you" not in written
    assert "[key]" in written


async def test_the_files_are_the_owner_s_alone_and_full_ones_are_moved_aside(home, monkeypatch):
    monkeypatch.setattr("hub.log_file.FULL", 2_000)
    async with House(home) as house:
        for number in range(12):
            await house.ask(Ask(f"Question {number}?"))

    paths = sorted((home / "logs").glob("routing_decisions.jsonl*"))
    assert paths[-1].name == "routing_decisions.jsonl.1"
    assert len(paths) <= 2
    for path in paths:
        assert path.stat().st_size < 20_000
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [json.loads(line)["strategy"] for line in path.read_text().splitlines()]


async def test_logs_that_cannot_be_written_stop_nothing(home):
    (home / "logs").write_text("a file where the folder should be")
    async with House(home) as house:
        answer = await house.ask(Ask("Why?"))

        assert answer.messages
        house.books.agree()


async def test_a_provider_of_the_person_s_own_has_a_log_of_its_own_in_the_folder(home, clock):
    names = {"openai": Voice("openai", clock), "grok": Voice("grok", clock)}
    async with House(home, clock, voices=names) as house:
        await house.ask(Ask("Why?", model=f"openai/{MODELS['openai']}"))

    assert sorted(path.name for path in (home / "logs").iterdir()) == [
        "collaboration.log",
        "openai_usage.jsonl",
        "routing_decisions.jsonl",
    ]


async def test_who_spoke_is_in_the_collaboration_log_without_what_was_said(home):
    async with House(home) as house:
        house.grok.says(reply())
        await house.ask(Ask("The question nobody may read"))

    text = (home / "logs" / "collaboration.log").read_text()
    question, answer = text.splitlines()
    assert question.startswith("2026-11-23T00:00:00.000000Z component=hub event=posted thread=")
    assert "author=you kind=question" in question
    assert "author=proposer kind=reply" in answer
    assert "nobody" not in text
    assert "Because" not in text


async def test_two_programs_that_fill_a_log_at_once_lose_no_old_file(home, monkeypatch):
    monkeypatch.setattr("hub.log_file.FULL", 100)
    path = home / "logs" / "x.log"
    mine, theirs = LogFile(path), LogFile(path)
    mine.append("a" * 200)  # moved aside
    theirs.append("b")

    assert (home / "logs" / "x.log.1").read_text() == "a" * 200 + "\n"
    assert path.read_text() == "b\n"
