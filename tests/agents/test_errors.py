"""Every error of the tree, from a body as a provider sends it, through the public clients."""

from __future__ import annotations

import pytest

from agents.compatible import CompatibleAgent
from agents.errors import GrokAPIError, OpenAIAPIError
from agents.grok import GrokAgent
from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    ModelError,
    ProviderConnectionError,
    ProviderError,
    ProviderResponseError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    SendOutcome,
    TruncatedReplyError,
)
from tests.agents.calls import KEY, HastyClock, settings, view
from tests.faults.server import (
    FaultServer,
    chunk,
    delta,
    done,
    event,
    refuse,
    reply,
    reset,
    stall,
    stream,
)

pytestmark = [pytest.mark.anyio, pytest.mark.network]

AGENTS = {"openai": OpenAIAgent, "grok": GrokAgent, "compatible": CompatibleAgent}
TITLES = {"openai": "OpenAI", "grok": "xAI Grok", "compatible": "compatible"}
REJECTED, UNKNOWN, NOT_SENT = SendOutcome.REJECTED, SendOutcome.UNKNOWN, SendOutcome.NOT_SENT
QUOTA_TEXT = "You exceeded your current quota, please check your plan and billing details."
CREDITS = "Your team has either used all available credits or reached its monthly spending limit."


def openai(status, message, code, kind="invalid_request_error", param=None, **headers):
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return reply(status, {"x-request-id": "req_1", **headers}, body)


def xai(status, message, code="invalid-argument", **headers):
    return reply(status, {"x-request-id": "req_1", **headers}, {"code": code, "error": message})


def failed(code, message):
    """A response that failed in the middle of its stream, as recorded."""
    error = {"code": code, "message": message}
    inner = {"id": "resp_1", "object": "response", "status": "failed", "error": error}
    return stream(
        event({"type": "response.created", "response": {"status": "in_progress"}}),
        event({"type": "response.failed", "response": inner}, name="response.failed"),
    )


FLAT = {"type": "error", "code": "insufficient_quota", "message": QUOTA_TEXT, "param": None}
NESTED = {"type": "error", "error": {"type": "insufficient_quota", "message": QUOTA_TEXT}}
NO_TEXT = [event(chunk({"role": "assistant", "content": ""})), done("length")]
FILTERED = [event(chunk({"role": "assistant", "content": ""})), done("content_filter")]

SENT = [
    ("openai", "chat", openai(401, f"Incorrect API key provided: {KEY}.", "invalid_api_key"),
     AuthenticationError, REJECTED),
    ("openai", "chat", reply(401, {"content-type": "text/plain"}, {"error": {"message": "no"}}),
     AuthenticationError, REJECTED),
    ("grok", "chat", xai(400, f"Incorrect API key provided: {KEY}. You can obtain an API key from "
                              "https://console.x.ai."), AuthenticationError, REJECTED),
    ("grok", "chat", xai(401, "No API key was given."), AuthenticationError, REJECTED),
    ("compatible", "chat", reply(401, {}, ""), AuthenticationError, REJECTED),
    ("openai", "chat", openai(404, "The model `gpt-9` does not exist or you do not have access.",
                              "model_not_found"), ModelError, REJECTED),
    ("openai", "responses", openai(400, "The requested model 'gpt-9' does not exist.",
                                   "model_not_found"), ModelError, REJECTED),
    ("grok", "chat", xai(400, "Model not found: grok-9"), ModelError, REJECTED),
    ("compatible", "chat", reply(404, {}, {"error": "model 'qwen' not found, try pulling it"}),
     ModelError, REJECTED),
    ("openai", "chat", openai(429, QUOTA_TEXT, None, "insufficient_quota"), QuotaError, REJECTED),
    ("grok", "chat", xai(429, CREDITS), QuotaError, REJECTED),
    ("grok", "chat", xai(403, "Your newly created team doesn't have any credits or licenses yet."),
     QuotaError, REJECTED),
    ("openai", "responses", stream(event(NESTED, name="error")), QuotaError, REJECTED),
    ("openai", "responses", stream(event(FLAT, name="error")), QuotaError, REJECTED),
    ("grok", "responses", failed("insufficient_quota", QUOTA_TEXT), QuotaError, REJECTED),
    ("openai", "chat", openai(429, "Rate limit reached. Please try again in 23.03s.",
                              "rate_limit_exceeded"), RateLimitError, REJECTED),
    ("grok", "chat", xai(429, "Too many requests for team t", **{"retry-after": "60"}),
     RateLimitError, REJECTED),
    ("openai", "responses", failed("rate_limit_exceeded", "Rate limit reached for gpt-4o"),
     RateLimitError, REJECTED),
    ("openai", "chat", openai(400, "This model's maximum context length is 8192 tokens.",
                              "context_length_exceeded"), ContextLengthError, REJECTED),
    ("grok", "chat", xai(400, "This model's maximum prompt length is 131072 but the request "
                              "contains 140000 tokens."), ContextLengthError, REJECTED),
    ("openai", "chat", openai(400, "The response was filtered.", "content_filter"),
     ContentFilterError, REJECTED),
    ("grok", "chat", xai(403, "Content violates usage guidelines. Failed check: SAFETY_CHECK"),
     ContentFilterError, REJECTED),
    ("openai", "chat", stream(*FILTERED), ContentFilterError, UNKNOWN),
    ("openai", "chat", openai(400, "Invalid 'messages[3]'.", "invalid_value", param="messages[3]"),
     BadRequestError, REJECTED),
    ("grok", "responses", xai(422, "Failed to deserialize the JSON body"), BadRequestError,
     REJECTED),
    ("openai", "chat", reply(500, {"content-type": "text/html"}, "<html>Oops</html>"),
     ProviderResponseError, UNKNOWN),
    ("grok", "chat", reply(502, {}, b""), ProviderResponseError, UNKNOWN),
    ("grok", "chat", xai(503, "The service is currently unavailable", **{"retry-after": "9"}),
     ProviderResponseError, REJECTED),
    ("compatible", "chat", reply(200, {}, {"error": {"message": "CUDA error"}}),
     ProviderResponseError, UNKNOWN),
    ("openai", "chat", reply(200, {}, {"hello": "there"}), ProviderResponseError, UNKNOWN),
    ("openai", "responses", reply(200, {}, {"object": "response", "status": "queued"}),
     ProviderResponseError, UNKNOWN),
    ("openai", "chat", stream(*NO_TEXT), ProviderResponseError, UNKNOWN),
    ("openai", "chat", stream(delta("Hel")), TruncatedReplyError, UNKNOWN),
    ("grok", "responses", stream(event({"type": "response.output_text.delta", "delta": "Hel"})),
     TruncatedReplyError, UNKNOWN),
    ("openai", "chat", stream(delta("Hel"), reset()), ProviderConnectionError, UNKNOWN),
    ("grok", "chat", stall(), ProviderTimeoutError, UNKNOWN),
]  # fmt: skip


async def raised(name, api, url, **more):
    agent = AGENTS[name](settings(url, name, api=api), NetworkSettings(), HastyClock())
    try:
        with pytest.raises(ProviderError) as caught:
            await agent.reply(view(**more), lambda _: None)
    finally:
        await agent.close()
    return caught.value


def check(error, name, kind, outcome):
    assert type(error).mro()[0] is kind or kind in type(error).__bases__, type(error)
    assert isinstance(error, {"openai": OpenAIAPIError, "grok": GrokAPIError}.get(name, kind))
    assert (error.provider, error.outcome) == (name, outcome)
    assert str(error).startswith(TITLES[name])
    assert ";" in str(error)  # what happened; what to do
    assert str(error).endswith(".")
    assert KEY not in str(error)
    assert KEY not in repr(error.__cause__)


@pytest.mark.control("S5")
@pytest.mark.parametrize(("name", "api", "answer", "kind", "outcome"), SENT)
async def test_an_answer_that_is_none_becomes_the_error_it_is(name, api, answer, kind, outcome):
    async with FaultServer() as server:
        for path in ("/v1/chat/completions", "/v1/responses"):
            server.on(path, answer)
        timeout_s = 0.2 if kind is ProviderTimeoutError else None
        error = await raised(name, api, server.url, timeout_s=timeout_s)

    check(error, name, kind, outcome)
    transient = (ProviderConnectionError, ProviderTimeoutError, ProviderResponseError)
    assert error.retry_may_help is issubclass(kind, (*transient, RateLimitError))
    assert error.maybe_billed is (outcome is UNKNOWN)


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_an_address_where_nobody_answers_is_a_connection_error(name, api):
    error = await raised(name, api, refuse())

    check(error, name, ProviderConnectionError, NOT_SENT)
    assert error.retry_may_help
    assert not error.maybe_billed


@pytest.mark.parametrize(
    ("headers", "message", "wait"),
    [({"retry-after": "60"}, "", 60.0), ({}, "Please try again in 23.03s.", 23.03)],
)
async def test_what_the_provider_said_of_it_is_kept(headers, message, wait):
    async with FaultServer() as server:
        answer = openai(429, message, "rate_limit_exceeded", **headers)
        server.on("/v1/chat/completions", answer)
        error = await raised("openai", "chat", server.url)

    assert (error.status, error.request_id, error.tries) == (429, "req_1", 1)
    assert error.retry_after_s == pytest.approx(wait)
