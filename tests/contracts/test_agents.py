"""What every agent keeps to, whoever answers: OpenAI, Grok, a compatible server, a script, ours."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from agents.compatible import CompatibleAgent
from agents.embedded_process import MODEL
from agents.errors import GrokAPIError, OpenAIAPIError
from agents.grok import GrokAgent
from agents.local import LocalAgent
from agents.openai import OpenAIAgent
from agents.scripted import ScriptedAgent
from hub.config import NetworkSettings
from hub.domain.turn import FinishReason
from hub.errors import ProviderError, ProviderResponseError, SendOutcome
from tests.agents.calls import settings, view
from tests.fakes.embedded import shared_process
from tests.loopback import LoopbackProvider

pytestmark = [pytest.mark.anyio, pytest.mark.network]

HOSTED = {
    "openai": (OpenAIAgent, "openai", "gpt-4o"),
    "grok": (GrokAgent, "xai", "grok-4.3"),
    "compatible": (CompatibleAgent, "openai", "gpt-4o"),
}
SCHEMA = {
    "type": "object",
    "properties": {"choice": {"type": "string", "enum": ["A", "B"]}},
    "required": ["choice"],
    "additionalProperties": False,
}


WAYS = [
    *HOSTED,
    *(f"{name} responses" for name in HOSTED),
    "openai whole",
    "grok responses whole",
    "scripted",
    pytest.param("local", marks=pytest.mark.embedded),
]
"""Each provider by both protocols, streamed and whole."""


@pytest.fixture(params=WAYS)
async def agent(request, clock):
    """An agent of each kind, with a model it serves."""
    async with AsyncExitStack() as stack:
        name, *way = request.param.split()
        if name in HOSTED:
            kind, provider, model = HOSTED[name]
            server = await stack.enter_async_context(LoopbackProvider(provider=provider))
            asked = {"api": "responses" if "responses" in way else None}
            mine = settings(server.url, name, stream="whole" not in way, **asked)
            made = kind(mine, NetworkSettings(), clock)
        elif name == "scripted":
            model = "scripted"
            made = ScriptedAgent(_say, clock)
        else:
            model = MODEL
            mine = settings("", "local", key=None)
            made = LocalAgent(mine, NetworkSettings(), clock, process=shared_process())
        made.asks = lambda text="Say hello.", limit=24, **more: view(
            text, model, max_output=limit, **more
        )
        yield made
        await made.close()


def _say(asked):
    return json.dumps({"choice": "A"}) if asked.schema else "Hello there, all of you."


async def test_the_pieces_are_the_text(agent):
    pieces = []
    reply = await agent.reply(agent.asks(), pieces.append)

    assert "".join(pieces) == reply.text
    assert reply.text.strip()
    assert reply.finish in (FinishReason.STOP, FinishReason.LENGTH)


async def test_a_reply_is_counted_and_named(agent):
    reply = await agent.reply(agent.asks(), lambda _: None)

    assert reply.usage.prompt_tokens > 0
    assert reply.usage.completion_tokens > 0
    assert reply.model == agent.asks().model
    assert reply.tries == 1


async def test_a_schema_is_kept_to(agent):
    reply = await agent.reply(
        agent.asks("Vote.\n\nA: tabs\nB: spaces", schema=SCHEMA, limit=120), lambda _: None
    )

    assert json.loads(reply.text)["choice"] in ("A", "B")


async def test_calls_at_once_do_not_mix(agent):
    async def one():
        pieces = []
        reply = await agent.reply(agent.asks(), pieces.append)
        return "".join(pieces) == reply.text

    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(one()) for _ in range(3)]

    assert all(call.result() for call in calls)


async def test_a_cancelled_call_leaves_the_agent_usable(agent):
    call = asyncio.create_task(agent.reply(agent.asks(), lambda _: call.cancel()))
    await asyncio.wait((call,))
    reply = await agent.reply(agent.asks(), lambda _: None)

    assert reply.text


async def test_health_lists_the_model(agent):
    await agent.reply(agent.asks(), lambda _: None)
    health = await agent.health()

    assert health.ok is True
    assert agent.asks().model in health.models
    assert health.error == ""


async def test_closing_twice_is_harmless(agent):
    await agent.close()
    await agent.close()


@pytest.mark.parametrize("name", [*HOSTED, "scripted"])
async def test_a_failure_is_a_provider_error_that_says_what_it_cost(clock, name):
    async with LoopbackProvider(fail="500") as server:
        if name == "scripted":
            error = ProviderResponseError("no", provider=name, outcome=SendOutcome.UNKNOWN)
            agent = ScriptedAgent([error], clock)
        else:
            kind, _, _ = HOSTED[name]
            agent = kind(settings(server.url, name), NetworkSettings(), clock)
        with pytest.raises(ProviderError) as caught:
            await agent.reply(view(), lambda _: None)
        await agent.close()

    family = {"openai": OpenAIAPIError, "grok": GrokAPIError}.get(name, ProviderResponseError)
    assert isinstance(caught.value, family)
    assert caught.value.outcome is SendOutcome.UNKNOWN
    assert caught.value.provider == name


@pytest.mark.parametrize("name", HOSTED)
async def test_health_reports_what_is_wrong_instead_of_raising_it(clock, name):
    kind, provider, _ = HOSTED[name]
    async with LoopbackProvider(provider=provider, key="another") as server:
        agent = kind(settings(server.url, name), NetworkSettings(), clock)
        health = await agent.health()
        await agent.close()

    assert health.ok is False
    assert "refused the key" in health.error
    assert "TEST_KEY" in health.error
