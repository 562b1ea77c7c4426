"""Error bodies of OpenAI, xAI and others, by class, wait and words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.classify import failure_of, problem_of
from agents.errors import (
    GrokAPIError,
    GrokAuthenticationError,
    GrokConnectionError,
    GrokRateLimitError,
    GrokResponseError,
    GrokTruncatedError,
    OpenAIAPIError,
    OpenAIBadRequestError,
    class_for,
)
from agents.redaction import redact
from agents.waiting import duration, retry_after
from agents.wire import Endpoint
from hub.config import NetworkSettings
from hub.domain.agent import ProviderKind
from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ContextLengthError,
    ModelError,
    ProviderConnectionError,
    ProviderError,
    ProviderResponseError,
    QuotaError,
    RateLimitError,
    TruncatedReplyError,
)
from tests.agents.calls import settings
from tests.fakes.clock import START

GROK = Endpoint.of(settings("https://api.x.ai/v1", "grok"), NetworkSettings())
TRANSCRIBED = Path(__file__).parents[3] / "shared" / "fixtures" / "transcribed_errors.json"


def classified(status, body, headers=None):
    text = body if isinstance(body, str) else json.dumps(body)
    return failure_of(GROK, status, headers or {}, problem_of(text), START)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"code": "invalid-argument", "error": "Incorrect API key provided: xa***21."},
         AuthenticationError),
        (400, {"code": "x", "error": "Model not found: grok-9"}, ModelError),
        (429, {"error": "Your team has either used all available credits or reached its limit"},
         QuotaError),
        (403, {"error": "Your newly created team doesn't have any credits or licenses yet."},
         QuotaError),
        (429, {"error": "Too many tokens for team x and model grok-4"}, RateLimitError),
        (429, {"error": {"message": "Request too large for gpt-4o on tokens per min (TPM)",
                         "code": "rate_limit_exceeded"}}, ContextLengthError),
        (429, {"error": {"message": "Rate limit reached. Add a payment method to your account at "
                         "https://platform.openai.com/account/billing."}}, RateLimitError),
        (400, {"error": {"message": "Invalid 'messages[3]'.", "param": "messages[3]"}},
         BadRequestError),
        (500, "", ProviderResponseError),
        (502, "<html>Bad gateway</html>", ProviderResponseError),
        (401, "", AuthenticationError),
        (422, "[" * 100_000, BadRequestError),
    ],
)  # fmt: skip
def test_an_error_has_its_class_whatever_its_shape(status, body, kind):
    assert classified(status, body).kind is kind


def test_transcribed_errors_have_the_class_their_source_says():
    if not TRANSCRIBED.exists():
        pytest.skip("the transcribed errors are not on this machine")
    for row in json.loads(TRANSCRIBED.read_text()):
        text = row["response_body_raw"] or json.dumps({"error": row.get("message", "")})
        quota = "quota" in row["name"] or "credits" in row["name"]

        found = classified(row["status"], text, row["response_headers"])

        assert found.kind is (QuotaError if quota else RateLimitError), row["name"]


@pytest.mark.parametrize(
    ("message", "parameter"),
    [
        ("Unsupported parameter: 'max_tokens' is not supported with this model.", "max_tokens"),
        ("Model grok-4 does not support parameter reasoningEffort.", "reasoning_effort"),
        ("response_format json_schema is not supported", "response_format"),
        ("Something else is not supported", None),
        ("temperature must be at most 2", None),
    ],
)
def test_a_refused_parameter_is_found_in_the_words(message, parameter):
    assert classified(400, {"error": message}).parameter == parameter


@pytest.mark.parametrize(
    ("headers", "message", "wait"),
    [
        ({"retry-after": "2"}, "", 2.0),
        ({"retry-after": "0.5"}, "", 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, "", 0.25),
        ({"retry-after": "Mon, 23 Nov 2026 00:00:07 GMT"}, "", 7.0),
        ({"retry-after": "Mon, 23 Nov 2026 00:00:07 GMT",
          "date": "Mon, 23 Nov 2026 00:00:04 GMT"}, "", 3.0),
        ({"retry-after": "Mon, 23 Nov 2020 00:00:07 GMT"}, "", 0.0),
        ({"retry-after": "-3"}, "", None),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "315360000"}, "", 315_360_000.0),
        ({}, "Please try again in 23.03s. Visit us", 23.03),
        ({}, "Please try again in 6ms.", 0.006),
        ({}, "Please try again in 1m2.5s.", 62.5),
        ({}, "Please retry after 20 seconds.", 20.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s"}, "", 62.5),
        ({"x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "1s"}, "", None),
        ({}, "", None),
    ],
)  # fmt: skip
def test_the_wait_is_read_in_every_form(headers, message, wait):
    found = retry_after(headers, message, START)

    assert found == (None if wait is None else pytest.approx(wait))


def test_a_duration_is_all_or_nothing():
    assert duration("1h2m3.4s") == pytest.approx(3723.4)
    assert duration("6m0s") == 360
    assert duration("1s later") is None
    assert duration("") is None


@pytest.mark.parametrize(
    "kind", [ProviderConnectionError, ProviderResponseError, AuthenticationError]
)
def test_every_error_of_grok_is_a_grok_error(kind):
    own = class_for(ProviderKind.GROK, kind)

    assert issubclass(own, GrokAPIError)
    assert issubclass(own, kind)


def test_the_seeds_names_stand_for_their_kinds():
    assert class_for(ProviderKind.GROK, ProviderConnectionError) is GrokConnectionError
    assert class_for(ProviderKind.GROK, ProviderResponseError) is GrokResponseError
    assert class_for(ProviderKind.GROK, TruncatedReplyError) is GrokTruncatedError
    assert class_for(ProviderKind.GROK, RateLimitError) is GrokRateLimitError
    assert class_for(ProviderKind.GROK, AuthenticationError) is GrokAuthenticationError
    assert class_for(ProviderKind.OPENAI, BadRequestError) is OpenAIBadRequestError
    assert class_for(ProviderKind.OPENAI, ProviderError) is OpenAIAPIError
    assert class_for(ProviderKind.COMPATIBLE, QuotaError) is QuotaError


def test_messages_name_provider_cause_and_remedy():
    sentence = classified(401, {"error": "No key"}).sentence

    assert (
        sentence
        == "xAI Grok refused the key (401): “No key”; check the key from environment TEST_KEY."
    )


@pytest.mark.control("S5")
@pytest.mark.parametrize(
    "text",
    ["key sk-proj-AbC_123 was", "xai-9aB8c7 was", "Bearer abc.def was", "sk-ab***yz was",
     "token 0123456789abcdef0123456789abcdef was"],
)  # fmt: skip
def test_everything_key_shaped_is_replaced(text):
    assert "[key]" in redact(text)
    assert redact(text).endswith("was")
    assert not any(secret in redact(text) for secret in ("123", "9aB8", "abc.def", "yz"))


def test_addresses_and_words_stay_readable():
    text = "You can find your API key at https://platform.openai.com/account/api-keys."

    assert redact(text) == text
