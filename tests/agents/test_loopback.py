"""The provider that whole journeys are tested against, as the process a shell starts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from agents.grok import GrokAgent
from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.errors import AuthenticationError, ProviderResponseError, QuotaError, RateLimitError
from tests.agents.calls import settings, view
from tests.loopback import LoopbackProvider

pytestmark = [pytest.mark.anyio, pytest.mark.network]

BALLOT = {
    "type": "object",
    "properties": {
        "choice": {"type": "string", "enum": ["A", "B", "abstain"]},
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "reason": {"type": "string", "maxLength": 400},
    },
    "required": ["choice", "confidence", "reason"],
}
VOTE = "Now vote.\n\nA: spaces\nB: tabs\n\nChoose one label."


@pytest.mark.parametrize(("vote", "label"), [("tabs", "B"), ("A", "A"), ({"ada": "tabs"}, "B")])
async def test_it_votes_as_told_by_text_label_or_agent(clock, vote, label):
    async with LoopbackProvider(vote=vote) as provider:
        agent = OpenAIAgent(settings(provider.url), NetworkSettings(), clock)
        reply = await agent.reply(view(VOTE, schema=BALLOT), lambda _: None)
        await agent.close()

    ballot = json.loads(reply.text)
    assert (ballot["choice"], ballot["confidence"]) == (label, 0.8)
    assert "ada" in ballot["reason"]


async def test_it_runs_as_a_process_of_its_own(clock):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.loopback", "--vote", "tabs", "--provider", "xai"),
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    url = (await process.stdout.readline()).decode().strip()
    agent = GrokAgent(settings(url, "grok"), NetworkSettings(), clock)
    reply = await agent.reply(view(VOTE, "grok-4.3", schema=BALLOT), lambda _: None)
    health = await agent.health()
    await agent.close()
    process.terminate()
    await process.communicate()

    assert json.loads(reply.text)["choice"] == "B"
    assert health.models == ("grok-3-mini", "grok-4.3")


@pytest.mark.parametrize(
    ("fail", "kind"),
    [
        ("500", ProviderResponseError),
        ("429", RateLimitError),
        ("401", AuthenticationError),
        ("quota", QuotaError),
        ("garbage", ProviderResponseError),
    ],
)
@pytest.mark.parametrize("name", ["openai", "grok"])
async def test_it_fails_as_told_in_the_providers_own_shape(clock, name, fail, kind):
    agent_class = OpenAIAgent if name == "openai" else GrokAgent
    provider = "openai" if name == "openai" else "xai"
    async with LoopbackProvider(provider=provider, fail=fail) as server:
        agent = agent_class(settings(server.url, name), NetworkSettings(), clock)
        with pytest.raises(kind):
            await agent.reply(view(), lambda _: None)
        await agent.close()

    assert server.questions == 1
