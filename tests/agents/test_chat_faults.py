"""What each fault of a provider becomes: one typed error that knows what it may have cost."""

from __future__ import annotations

import asyncio
import json

import pytest

from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.domain.turn import FinishReason
from hub.errors import (
    AuthenticationError,
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
    bomb,
    chunk,
    comment_flood,
    delta,
    done,
    event,
    full_backlog,
    latency,
    raw,
    redirect,
    refuse,
    reply,
    reset,
    slow_loris,
    split,
    stall,
    stream,
    tls_self_signed,
    truncate,
    usage,
    verbatim,
)

pytestmark = [pytest.mark.anyio, pytest.mark.network]

PATH = "/v1/chat/completions"
GOOD = stream(delta("Hello"), usage(9, 2), done())
RATE = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
REJECTED, UNKNOWN, NOT_SENT = SendOutcome.REJECTED, SendOutcome.UNKNOWN, SendOutcome.NOT_SENT


async def ask(server, *scripts, clock=None, on_delta=lambda _: None, **more):
    """One call against a server that plays these scripts; the reply or the error."""
    if scripts:
        server.on(PATH, *scripts)
    url = server if isinstance(server, str) else server.url
    agent = OpenAIAgent(settings(url), NetworkSettings(), clock or HastyClock())
    try:
        return await agent.reply(view(**more), on_delta)
    except ProviderError as error:
        return error
    finally:
        await agent.close()


@pytest.mark.fault(18)
@pytest.mark.parametrize("header", ["retry-after", "retry-after-ms"])
async def test_a_short_rate_limit_is_waited_for_and_repeated(header):
    clock = HastyClock()
    async with FaultServer() as server:
        wait = {"retry-after": "1.5", "retry-after-ms": "1500"}[header]
        result = await ask(server, reply(429, {header: wait}, RATE), GOOD, clock=clock)

    assert (result.text, result.tries, server.count) == ("Hello", 2, 2)
    assert clock.slept[0] >= 1.5


@pytest.mark.fault(18)
async def test_a_long_rate_limit_goes_up_at_once():
    async with FaultServer() as server:
        error = await ask(server, reply(429, {"retry-after": "30"}, RATE))

    assert isinstance(error, RateLimitError)
    assert (error.retry_after_s, error.outcome, server.count) == (30.0, REJECTED, 1)


async def test_repeating_ends_after_three_times():
    async with FaultServer() as server:
        error = await ask(server, reply(503, {}, b""))

    assert isinstance(error, ProviderResponseError)
    assert (error.outcome, error.tries) == (REJECTED, server.count)
    assert 2 <= server.count <= 4


async def test_a_server_that_forbids_repeats_is_not_asked_again():
    async with FaultServer() as server:
        await ask(server, reply(503, {"x-should-retry": "false"}))

    assert server.count == 1


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"error": {"message": "You exceeded your current quota", "code": None,
                         "type": "insufficient_quota"}}, QuotaError),
        (402, {"error": {"message": "Payment required"}}, QuotaError),
        (400, {"error": {"message": "You have reached your specified API usage limits."}}, QuotaError),
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}",
                         "code": "invalid_api_key"}}, AuthenticationError),
        (403, {"error": {"message": "Not allowed"}}, AuthenticationError),
        (404, {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}},
         ModelError),
        (400, {"error": {"message": "This model's maximum context length is 8192 tokens"}},
         ContextLengthError),
        (400, {"error": {"message": "filtered", "code": "content_filter"}}, ContentFilterError),
        (307, b"", ProviderResponseError),
    ],
)  # fmt: skip
async def test_what_cannot_help_is_never_repeated(status, body, kind):
    async with FaultServer() as server:
        error = await ask(server, reply(status, {"x-request-id": "req_1"}, body))

    assert isinstance(error, kind)
    assert (server.count, error.outcome, error.status) == (1, REJECTED, status)
    assert error.request_id == "req_1"
    assert "OpenAI" in str(error)
    assert KEY not in str(error)


@pytest.mark.fault(21)
@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_servers_fault_may_have_cost_something(status):
    async with FaultServer() as server:
        error = await ask(server, reply(status, {"content-type": "text/html"}, "<html>"))

    assert isinstance(error, ProviderResponseError)
    assert (error.outcome, server.count) == (UNKNOWN, 1)


@pytest.mark.fault(23)
async def test_a_server_that_is_not_there_was_sent_nothing():
    error = await ask(refuse())

    assert isinstance(error, ProviderConnectionError)
    assert error.outcome is NOT_SENT
    assert "cannot be reached" in str(error)


@pytest.mark.fault(23)
async def test_a_server_that_accepts_nobody_was_sent_nothing():
    with full_backlog() as url:
        error = await ask(url, timeout_s=0.2)

    assert isinstance(error, ProviderTimeoutError)
    assert error.outcome is NOT_SENT


@pytest.mark.fault(23)
async def test_a_certificate_that_nobody_trusts_stops_the_call(tmp_path):
    context = tls_self_signed(tmp_path)
    if context is None:
        pytest.skip("there is no openssl to make a certificate with")
    async with FaultServer(tls=context) as server:
        error = await ask(server, GOOD)

    assert isinstance(error, ProviderConnectionError)
    assert (error.outcome, server.count) == (NOT_SENT, 0)
    assert "certificate" in str(error)


@pytest.mark.fault(24)
async def test_a_server_that_never_answers_meets_the_total_deadline():
    async with FaultServer() as server:
        error = await ask(server, stall(), timeout_s=0.2)

    assert isinstance(error, ProviderTimeoutError)
    assert error.outcome is UNKNOWN


@pytest.mark.fault(27)
@pytest.mark.parametrize(
    "script",
    [
        stream(delta("Hel"), stall()),
        stream(delta("Hel"), comment_flood(0.01)),
        stream(delta("Hel"), slow_loris(0.02), delta("lo" * 100)),
    ],
    ids=["stall", "comments", "slow"],
)
async def test_a_stream_that_never_ends_keeps_what_came(script):
    async with FaultServer() as server:
        error = await ask(server, script, timeout_s=0.3)

    assert isinstance(error, ProviderTimeoutError)
    assert (error.visible, error.partial, error.outcome) == (True, "Hel", UNKNOWN)
    assert "was not done" in str(error)


@pytest.mark.fault(28)
async def test_a_reset_line_after_visible_text_is_not_repeated():
    async with FaultServer() as server:
        error = await ask(server, stream(delta("Hel"), latency(0.02), reset()))

    assert isinstance(error, ProviderConnectionError)
    assert (error.visible, error.outcome, server.count) == (True, UNKNOWN, 1)


@pytest.mark.fault(29)
@pytest.mark.parametrize(
    "script",
    [
        stream(delta("Hel"), truncate(length=False)),
        stream(delta("Hello"), done(finish=None)),
        stream(delta("Hel"), verbatim(b'data: {"choices":[{"del')),
    ],
    ids=["no end", "no reason", "cut JSON"],
)
async def test_a_stream_without_its_end_is_truncated(script):
    async with FaultServer() as server:
        error = await ask(server, script)

    assert isinstance(error, TruncatedReplyError)
    assert (error.outcome, error.partial[:3]) == (UNKNOWN, "Hel")


@pytest.mark.fault(29)
async def test_a_body_shorter_than_promised_breaks_the_connection():
    async with FaultServer() as server:
        error = await ask(server, stream(delta("Hel"), truncate(length=True)))

    assert isinstance(error, ProviderError)
    assert (error.outcome, error.partial) == (UNKNOWN, "Hel")


@pytest.mark.fault(30)
@pytest.mark.parametrize("seed", range(5))
async def test_a_stream_cut_anywhere_reads_alike(seed):
    text = "Grüße \u2028 👋"
    async with FaultServer() as server:
        result = await ask(server, stream(split(seed), delta(text), usage(9, 2), done()))

    assert result.text == text


@pytest.mark.fault(31)
async def test_what_could_steer_a_terminal_never_arrives():
    deltas = []
    async with FaultServer() as server:
        await ask(
            server,
            stream(delta("a\x1b[2Jb\x9b\u202ec"), verbatim(b'data: {"choices":[{"delta":'
                   b'{"content":"\xff\\u0000\\ud800d"}}]}\n\n'), done()),
            on_delta=deltas.append,
        )  # fmt: skip

    assert "".join(deltas) == "a[2Jbc\ufffdd"


@pytest.mark.fault(33)
async def test_json_deeper_than_any_answer_is_nonsense():
    async with FaultServer() as server:
        error = await ask(server, reply(200, {}, b'{"choices":' + b"[" * 200_000))

    assert isinstance(error, ProviderResponseError)


@pytest.mark.fault(34)
async def test_a_body_that_unfolds_without_end_is_stopped():
    async with FaultServer() as server:
        error = await ask(server, bomb(200_000_000))

    assert isinstance(error, ProviderResponseError)
    assert "larger than 8 MB" in str(error)


@pytest.mark.fault(34)
async def test_headers_without_end_are_nonsense():
    async with FaultServer() as server:
        error = await ask(server, raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000))

    assert isinstance(error, ProviderResponseError)


@pytest.mark.fault(35)
@pytest.mark.parametrize(
    "script",
    [
        reply(204),
        reply(200, {}, b""),
        reply(200, {}, "<html>Welcome</html>"),
        reply(200, {}, {"choices": []}),
        reply(200, {}, {"choices": [{"message": {"content": None}, "finish_reason": "stop"}]}),
        reply(200, {}, "[1, 2]"),
        stream(event("nonsense"), done()),
        stream(delta("  "), done()),
        stream(done("length")),
    ],
)
async def test_no_answer_is_never_a_success(script):
    async with FaultServer() as server:
        error = await ask(server, script)

    assert isinstance(error, ProviderResponseError)


@pytest.mark.fault(35)
@pytest.mark.parametrize(
    "script",
    [
        reply(200, {}, RATE),
        stream(event({"error": RATE["error"]}, "error")),
        stream(event({"type": "error", **RATE["error"]})),
    ],
    ids=["whole", "nested", "flat"],
)
async def test_an_error_under_status_200_is_an_error(script):
    async with FaultServer() as server:
        error = await ask(server, script)

    assert isinstance(error, RateLimitError)
    assert error.outcome is REJECTED


@pytest.mark.fault(35)
async def test_an_error_after_text_may_have_cost_something():
    async with FaultServer() as server:
        error = await ask(server, stream(delta("Hel"), usage(9, 1), event(RATE)))

    assert (error.outcome, error.partial, error.spent[:2]) == (UNKNOWN, "Hel", (9, 1))


@pytest.mark.fault(35)
async def test_a_refusal_is_a_reply_that_says_so():
    refusal = event(chunk({"refusal": "I cannot help."}))
    async with FaultServer() as server:
        result = await ask(server, stream(refusal, done()))

    assert (result.text, result.finish) == ("I cannot help.", FinishReason.REFUSAL)


@pytest.mark.fault(36)
async def test_another_model_in_the_answer_is_said():
    async with FaultServer() as server:
        result = await ask(server, GOOD, model="gpt-4o-mini")

    assert result.model == "gpt-4o-2024-08-06"
    assert result.notes == ("gpt-4o-mini was served as gpt-4o-2024-08-06",)


@pytest.mark.fault(37)
@pytest.mark.control("S8")
async def test_no_redirect_is_followed():
    async with FaultServer() as other, FaultServer() as server:
        error = await ask(server, redirect(other.origin + PATH))

    assert "not followed" in str(error)
    assert other.count == 0


@pytest.mark.fault(38)
async def test_a_cancelled_call_closes_its_stream_at_once():
    began = asyncio.Event()
    async with FaultServer() as server:
        script = stream(delta("Hel"), stall())
        call = asyncio.create_task(ask(server, script, on_delta=lambda _: began.set()))
        await began.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.sleep(0.02)
        closed = server.seen[0].closed_by_client

    assert closed


@pytest.mark.control("S5")
async def test_a_key_that_a_provider_repeats_is_hidden():
    body = json.dumps({"error": {"message": f"bad {KEY} and sk-proj-abc123 and Bearer xyz"}})
    async with FaultServer() as server:
        error = await ask(server, reply(401, {}, body))

    assert KEY not in str(error)
    assert "sk-proj" not in str(error)
    assert "xyz" not in str(error)
    assert "TEST_KEY" in str(error)
