"""Recorded chat completions, replayed through the agents, against what the official SDK reads.

Where ours differs on purpose, `deliberate` says why; everything else has to be equal.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from agents.grok import GrokAgent
from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.errors import ProviderError, TruncatedReplyError
from tests.agents.calls import HastyClock, settings, view
from tests.faults.server import FaultServer, split, stream, verbatim

pytestmark = [pytest.mark.anyio, pytest.mark.network]

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures" / "recorded.jsonl.gz"
PATH = "/v1/chat/completions"


def rows():
    if not RECORDED.exists():
        pytest.skip("the recorded exchanges are not on this machine")
    with gzip.open(RECORDED, "rt", encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    return [r for r in found if r["endpoint"].endswith("chat/completions")]


def script(row, *faults):
    """The recorded answer: status, headers that matter, and the very bytes."""
    body = row["response_body_raw"].encode()
    kept = ("content-type", "retry-after", "x-request-id", "x-should-retry")
    headers = {k: v for k, v in row["response_headers"].items() if k in kept}
    return stream(*faults, verbatim(body), headers=headers, status=row["status"])


def differences(row, result) -> set[str]:
    """Return the fields in which a reply is not what the SDK read."""
    sdk = row["official_sdk"]
    usage, ours_usage = sdk["usage"], result.usage
    counted = [ours_usage.prompt_tokens, ours_usage.completion_tokens, ours_usage.cached_tokens]
    counted += [ours_usage.reasoning_tokens, ours_usage.billed, ours_usage.estimated]
    expected = None
    if usage is not None:
        billed = usage["ticks"] and round(usage["ticks"] / 10_000)
        expected = [usage["input"], usage["output"], usage["cached"] or 0]
        expected += [usage["reasoning"] or 0, billed, False]
    ours = {
        "text": result.text,
        "tools": [[tool["name"], tool["arguments"]] for tool in result.tool_calls],
        "finish": result.finish.value,
        "model": result.model,
        "usage": counted,
    }
    theirs = {
        "text": sdk["text"] or "",
        "tools": [list(tool) for tool in sdk["tools"]],
        "finish": sdk["finish"],
        "model": sdk["model"],
        "usage": expected,
    }
    return {field for field in ours if ours[field] != theirs[field]}


def deliberate(row, field, result) -> str | None:
    """Return why a reply differs from the SDK in a field, or None where it may not."""
    sdk, reason = row["official_sdk"], result.finish.value
    if field in ("text", "finish") and reason == "refusal" and not sdk["text"]:
        return "a refusal is the text of the answer, and its finish reason"
    if field == "finish" and (sdk["finish"], reason) == ("function_call", "tool_calls"):
        return "the old name of a tool call is a tool call"
    if field == "tools" and not sdk["tools"]:
        return "legacy and custom tool calls are carried too"
    if field == "usage" and sdk["usage"] is None and result.usage.estimated:
        return "missing usage is estimated"
    total = result.usage.prompt_tokens + result.usage.completion_tokens
    if field == "usage" and row["provider"] == "xai" and total == sdk["usage"]["total"]:
        return "xAI's reasoning is counted inside the completion"
    return None


def judged(row, result) -> dict[str, str | None]:
    """Return what is not equal in a row, each with the reason where there is one."""
    sdk = row["official_sdk"]
    if sdk is None:
        return {}
    if not isinstance(result, ProviderError):
        return {field: deliberate(row, field, result) for field in differences(row, result)}
    if row["status"] != 200:
        return {} if result.status == row["status"] else {"error": None}
    if isinstance(result, TruncatedReplyError) and sdk["finish"] is None:
        return {"error": "a stream without a finish reason is truncated"}
    if not sdk["text"] and not sdk["tools"] and sdk["finish"] == "length":
        return {"error": "an empty answer is an error"}
    return {"error": None}


@pytest.mark.parametrize(("faults", "step"), [((), 1), ((split(20),), 6)], ids=["whole", "cut"])
async def test_recorded_chat_completions_are_read_as_the_official_sdk_reads_them(faults, step):
    unequal, clock = {}, HastyClock()
    async with FaultServer() as server:
        openai = OpenAIAgent(settings(server.url), NetworkSettings(), clock)
        grok = GrokAgent(settings(server.url, "grok"), NetworkSettings(), clock)
        for row in rows()[::step]:
            server.on(PATH, script(row, *faults))
            agent = grok if row["provider"] == "xai" else openai
            unequal[row["id"]] = judged(row, await outcome(agent, row))
        await openai.close()
        await grok.close()

    assert {row: found for row, found in unequal.items() if None in found.values()} == {}


async def outcome(agent, row):
    """Return the reply, or the error of our tree; any other fails the test."""
    seen = []
    try:
        model = (row["request"] or {}).get("model", "gpt-4o")
        reply = await agent.reply(view(model=model), seen.append)
    except ProviderError as error:
        return error
    assert "".join(seen) == reply.text
    return reply
