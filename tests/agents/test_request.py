"""What is sent: by model, by schema, and after a refusal."""

from __future__ import annotations

import json

import pytest

from agents.capabilities import capabilities_of
from agents.chat import chat_request
from agents.compatible import CompatibleAgent
from agents.grok import GrokAgent
from agents.openai import OpenAIAgent
from agents.request import Asking
from agents.schema import answer_format
from hub.config import NetworkSettings
from hub.domain.agent import ProviderKind
from hub.errors import BadRequestError
from tests.agents.calls import settings, view
from tests.faults.server import reply
from tests.loopback import LoopbackProvider

SCHEMA = {
    "type": "object",
    "properties": {
        "choice": {"type": "string", "enum": ["A", "B"]},
        "maxLength": {"type": "string", "maxLength": 9},
        "list": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True},
    },
    "required": ["choice", "maxLength", "list"],
}


def request(kind, model, **more):
    able = capabilities_of(ProviderKind(kind), model)
    return chat_request(Asking(view(model=model, **more), able, frozenset(), 0.3, stream=True))


def test_reasoning_models_get_their_own_limit_and_no_temperature():
    body = request("openai", "o4-mini", temperature=0.9)

    assert body["max_completion_tokens"] == 4_000
    assert not {"max_tokens", "temperature"} & body.keys()


def test_grok_thinks_hard_where_it_takes_an_effort():
    assert request("grok", "grok-3-mini")["reasoning_effort"] == "high"
    assert request("grok", "grok-4.3")["reasoning_effort"] == "high"
    assert "reasoning_effort" not in request("grok", "grok-4-0709")
    assert "reasoning_effort" not in request("openai", "gpt-5")


def test_a_views_own_temperature_goes_first():
    assert request("openai", "gpt-4o", temperature=0.0)["temperature"] == 0.0


def test_windows_come_from_the_table():
    windows = {m: capabilities_of(ProviderKind.OPENAI, m).window for m in ("gpt-4o", "gpt-5-mini")}

    assert windows == {"gpt-4o": 128_000, "gpt-5-mini": 400_000}
    assert capabilities_of(ProviderKind.GROK, "grok-4.5").window == 500_000
    assert capabilities_of(ProviderKind.OPENAI, "gpt-5.5").window == 1_000_000


def test_a_strict_schema_loses_limits_and_keeps_names():
    sent = answer_format(SCHEMA, keep_limits=False)

    assert sent["strict"] is True
    assert sent["schema"]["additionalProperties"] is False
    assert sent["schema"]["properties"]["maxLength"] == {"type": "string"}
    assert sent["schema"]["properties"]["list"] == {"type": "array", "items": {"type": "string"}}


def test_optional_properties_are_not_sent_as_strict():
    loose = {**SCHEMA, "required": ["choice"]}

    assert answer_format(loose, keep_limits=False)["strict"] is False


def test_the_embedded_model_gets_the_schema_as_it_is():
    assert answer_format(SCHEMA, keep_limits=True)["schema"] == SCHEMA


def refusal(parameter):
    error = {
        "message": f"Unsupported parameter: '{parameter}' is not supported with this model.",
        "type": "invalid_request_error",
        "param": parameter,
        "code": "unsupported_parameter",
    }
    return reply(400, {}, {"error": error})


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize(
    ("parameter", "note"),
    [
        ("temperature", "asked without temperature: the model refused it"),
        ("max_tokens", "asked with max_completion_tokens: the model refused max_tokens"),
        ("stream", "asked without stream: the model refused it"),
        ("response_format", "asked without response_format: the model refused it"),
        ("messages[0].role", "asked without a system message: the model refused it"),
    ],
)
async def test_a_refused_parameter_is_learned_once_and_said(clock, parameter, note):
    async with LoopbackProvider() as provider:
        provider.script(refusal(parameter))
        agent = CompatibleAgent(
            settings(provider.url, "compatible", name="lab"), NetworkSettings(), clock
        )
        first = await agent.reply(view(schema=SCHEMA), lambda _: None)
        second = await agent.reply(view(schema=SCHEMA), lambda _: None)
        await agent.close()

    assert (first.notes, first.tries) == ((note,), 2)
    assert (second.notes, second.tries) == ((), 1)
    assert parameter not in provider.asked[-1]
    if parameter == "messages[0].role":
        assert provider.asked[-1]["messages"][0]["role"] == "user"


@pytest.mark.anyio
@pytest.mark.network
async def test_a_refusal_that_leaves_no_way_on_is_an_error(clock):
    async with LoopbackProvider() as provider:
        provider.script(refusal("max_tokens"), refusal("max_completion_tokens"))
        agent = OpenAIAgent(settings(provider.url), NetworkSettings(), clock)
        with pytest.raises(BadRequestError):
            await agent.reply(view(), lambda _: None)
        await agent.close()

    assert provider.questions == 2


@pytest.mark.anyio
@pytest.mark.network
async def test_grok_counts_thinking_and_books_what_was_billed(clock):
    async with LoopbackProvider(provider="xai") as provider:
        agent = GrokAgent(settings(provider.url, "grok"), NetworkSettings(), clock)
        answer = await agent.reply(view(model="grok-3-mini"), lambda _: None)
        await agent.close()

    body = json.loads(provider.seen[0].body)
    assert (body["temperature"], body["reasoning_effort"]) == (0.4, "high")
    assert answer.usage.reasoning_tokens == 7
    assert answer.usage.completion_tokens == 7 + len(answer.text.split())
    assert answer.usage.billed == answer.usage.prompt_tokens + answer.usage.completion_tokens


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_provider_is_asked_as_its_person_set_it(clock, api, stream):
    async with LoopbackProvider() as provider:
        asked_so = settings(provider.url, api=api, stream=stream, effort="xhigh")
        agent = OpenAIAgent(asked_so, NetworkSettings(), clock)
        await agent.reply(view(model="gpt-5-mini"), lambda _: None)
        await agent.close()

    body = json.loads(provider.seen[0].body)
    assert bool(body.get("stream")) is stream
    assert "temperature" not in body
    if api == "chat":
        assert body["reasoning_effort"] == "high"
    else:
        assert body["reasoning"]["effort"] == "high"
        assert body["store"] is False
