"""What providers list for free: models, prices, the state of a key; and the ping made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.compatible import CompatibleAgent
from agents.errors import GrokAuthenticationError, GrokResponseError
from agents.grok import GrokAgent
from agents.listing import key_trouble, listed_prices, model_names
from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.domain.usage import Price
from tests.agents.calls import KEY, HastyClock, settings
from tests.faults.server import FaultServer, reply
from tests.loopback import LoopbackProvider

MODELS = {"object": "list", "data": [{"id": "grok-4.3", "object": "model"}]}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


@given(json_values | st.fixed_dictionaries({"models": json_values, "data": json_values}))
def test_no_list_of_a_provider_can_break_its_reader(found):
    names, prices = model_names(found), listed_prices(found)

    assert names is None or all(isinstance(name, str) for name in names)
    assert prices is None or all(isinstance(price, Price) for price in prices.values())
    assert key_trouble(found) is None or isinstance(found, dict)


@pytest.mark.anyio
@pytest.mark.network
async def test_xais_price_list_is_read_in_cents_per_hundred_million_tokens(clock):
    async with LoopbackProvider(provider="xai") as server:
        agent = GrokAgent(settings(server.url, "grok"), NetworkSettings(), clock)
        prices = await agent.prices()
        await agent.close()

    price = Price(1_250_000, 2_500_000, 200_000, source="xAI's price list")
    assert prices == {"grok-4.3": price, "grok-4.3-latest": price}


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(200, {}, {"data": []}), GrokResponseError),
        (
            reply(400, {}, {"code": "x", "error": f"Incorrect API key {KEY}"}),
            GrokAuthenticationError,
        ),
    ],
)
async def test_a_price_list_that_does_not_come_is_an_error_of_the_tree(clock, answer, kind):
    async with FaultServer() as server:
        server.on("/v1/language-models", answer)
        agent = GrokAgent(settings(server.url, "grok"), NetworkSettings(), clock)
        with pytest.raises(kind) as caught:
            await agent.prices()
        await agent.close()

    assert "xAI Grok" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize(
    ("blocked", "words"),
    [
        ("team_blocked", "blocked the team"),
        ("api_key_blocked", "blocked this key"),
        ("api_key_disabled", "switched off"),
    ],
)
async def test_a_blocked_key_is_unhealthy_although_the_models_are_listed(clock, blocked, words):
    async with FaultServer() as server:
        server.on("/v1/api-key", reply(200, {}, {blocked: True}))
        server.on("/v1/models", reply(200, {}, MODELS))
        agent = GrokAgent(settings(server.url, "grok"), NetworkSettings(), clock)
        health = await agent.health()
        await agent.close()

    assert health.ok is False
    assert words in health.error
    assert "TEST_KEY" in health.error


@pytest.mark.anyio
@pytest.mark.network
async def test_a_server_that_cannot_say_what_it_thinks_of_a_key_is_let_off(clock):
    async with FaultServer() as server:
        server.on("/v1/api-key", reply(404, {}, ""))
        server.on("/v1/models", reply(200, {}, MODELS))
        agent = GrokAgent(settings(server.url, "grok"), NetworkSettings(), clock)
        health = await agent.health()
        await agent.close()

    assert health.ok is True
    assert health.models == ("grok-4.3",)


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize(("status", "served"), [(200, True), (404, False)])
async def test_a_model_that_is_not_listed_is_asked_for_by_its_name(clock, status, served):
    async with FaultServer() as server:
        server.on("/v1/models", reply(200, {}, MODELS))
        server.on("/v1/models/org/gpt-9", reply(status, {}, {"id": "org/gpt-9"}))
        agent = OpenAIAgent(settings(server.url), NetworkSettings(), clock)
        health = await agent.health(model="org/gpt-9")
        await agent.close()

    assert health.ok is served
    assert health.tries == 1
    assert served or "does not serve org/gpt-9" in health.error


@pytest.mark.anyio
@pytest.mark.network
async def test_a_ping_repeats_its_free_question_as_often_as_it_is_told_to():
    clock = HastyClock()
    async with FaultServer() as server:
        server.on("/v1/models", reply(500, {}, ""), reply(503, {}, ""), reply(200, {}, MODELS))
        agent = CompatibleAgent(settings(server.url, "compatible"), NetworkSettings(), clock)
        first = await agent.health()
        second = await agent.health(retries=2)
        await agent.close()

    assert (first.ok, first.tries) == (False, 1)
    assert (second.ok, second.tries) == (True, 2)


@pytest.mark.anyio
@pytest.mark.network
@pytest.mark.parametrize(("headers", "asked"), [({}, 4), ({"retry-after": "30"}, 1)])
async def test_a_busy_provider_is_asked_again_with_growing_waits_unless_it_names_a_long_one(
    headers, asked
):
    clock = HastyClock()
    async with FaultServer() as server:
        server.on("/v1/models", reply(429, headers, {"error": {"message": "Rate limit"}}))
        agent = OpenAIAgent(settings(server.url), NetworkSettings(), clock)
        health = await agent.health(retries=3)
        await agent.close()

    assert (health.tries, server.count) == (asked, asked)
    assert (health.ok, health.trouble, health.state()) == (False, "rate limited", "rate limited")
