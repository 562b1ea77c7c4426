"""OpenAI's agent over real HTTP on loopback."""

from __future__ import annotations

import json

import pytest

from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.domain.turn import FinishReason
from tests.agents.calls import KEY, settings, view
from tests.loopback import LoopbackProvider

pytestmark = [pytest.mark.anyio, pytest.mark.network]


async def test_a_reply_is_streamed_counted_and_timed(clock):
    async with LoopbackProvider(key=KEY) as provider:
        agent = OpenAIAgent(settings(provider.url), NetworkSettings(), clock)
        deltas = []
        reply = await agent.reply(view(), deltas.append)
        await agent.close()

    assert reply.text == "".join(deltas)
    assert "ada says" in reply.text
    assert len(deltas) > 3
    assert reply.finish is FinishReason.STOP
    assert not reply.usage.estimated
    assert reply.usage.completion_tokens == len(reply.text.split())
    assert reply.first_token_s is not None
    assert reply.request_id == "req_loopback_1"
    assert (reply.tries, reply.notes) == (1, ())


async def test_the_request_is_what_the_seed_asked_for(clock):
    async with LoopbackProvider() as provider:
        agent = OpenAIAgent(settings(provider.url), NetworkSettings(), clock)
        await agent.reply(view(), lambda _: None)
        await agent.close()

    body = json.loads(provider.seen[0].body)
    assert body["max_tokens"] == 4_000
    assert body["temperature"] == 0.3
    assert body["stream_options"] == {"include_usage": True}
    assert provider.seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert provider.seen[0].headers["accept-encoding"] == "identity"


async def test_one_connection_serves_many_calls(clock):
    async with LoopbackProvider() as provider:
        agent = OpenAIAgent(settings(provider.url), NetworkSettings(), clock)
        for _ in range(5):
            await agent.reply(view(), lambda _: None)
        connections = provider.connections
        await agent.close()

    assert connections == 1
