"""Deadlines, repeats, keys and bodies, below the protocol."""

from __future__ import annotations

import gzip
import socket
from dataclasses import replace

import httpx
import pytest
from aiohttp.client_proto import ResponseHandler

from agents import connection
from agents.deadlines import Deadlines
from agents.failure import FailedCallError, Failure, worth_repeating
from agents.retry import retry_with_backoff
from agents.transport import Transport
from agents.wire import Endpoint
from hub.config import NetworkSettings
from hub.domain.agent import ProviderKind
from hub.errors import (
    AuthenticationError,
    ConfigError,
    ProviderConnectionError,
    ProviderTimeoutError,
    RateLimitError,
    SendOutcome,
)
from tests.agents.calls import KEY, HastyClock, settings
from tests.faults.server import FaultServer, comment_flood, delta, reply, stall, stream

pytestmark = [pytest.mark.anyio, pytest.mark.network]

PATH = "/v1/chat/completions"


def transport(url, **more):
    return Transport(Endpoint.of(settings(url, **more), NetworkSettings()), HastyClock())


async def read(wire, deadlines, *, content=1):
    """Read a body; the first pieces count as content."""
    got = []
    async with wire.post("/chat/completions", {}, deadlines) as exchange:
        async for piece in exchange.pieces():
            got.append(piece)
            if len(got) <= content:
                exchange.content_came()
    return b"".join(got)


@pytest.mark.fault(24)
async def test_silence_before_the_first_token_has_its_own_deadline():
    async with FaultServer() as server:
        server.on(PATH, stall())
        wire = transport(server.url)
        with pytest.raises(
            FailedCallError, match=r"did not begin to answer within 0\.1 s"
        ) as error:
            await read(wire, Deadlines(first_token_s=0.1))
        await wire.close()

    assert error.value.failure.kind is ProviderTimeoutError
    assert error.value.failure.outcome is SendOutcome.UNKNOWN


@pytest.mark.fault(25)
@pytest.mark.fault(26)
@pytest.mark.parametrize("fault", [stall(), comment_flood(0.01)], ids=["stall", "comments"])
async def test_comments_do_not_count_as_content(fault):
    async with FaultServer() as server:
        server.on(PATH, stream(delta("Hel"), fault))
        wire = transport(server.url)
        with pytest.raises(FailedCallError, match=r"said nothing more for 0\.1 s"):
            await read(wire, Deadlines(idle_s=0.1))
        await wire.close()


async def test_the_total_counts_repeats_too():
    async with FaultServer() as server:
        server.on(PATH, reply(503), stall())
        wire = transport(server.url)
        with pytest.raises(FailedCallError, match=r"was not done after 0\.2 s") as error:
            await read(wire, Deadlines(total_s=0.2))
        await wire.close()

    assert error.value.tries == 2


async def test_a_compressed_body_is_read_all_the_same():
    async with FaultServer() as server:
        server.on(PATH, reply(200, {"content-encoding": "gzip"}, gzip.compress(b"{}" * 100)))
        wire = transport(server.url)
        body = await read(wire, Deadlines())
        await wire.close()

    assert body == b"{}" * 100


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_body_that_cannot_be_decoded_is_said(encoding):
    async with FaultServer() as server:
        server.on(PATH, reply(200, {"content-encoding": encoding}, b"{}"))
        wire = transport(server.url)
        with pytest.raises(FailedCallError, match="cannot be read"):
            await read(wire, Deadlines())
        await wire.close()


@pytest.mark.parametrize(
    ("failure", "again"),
    [
        (Failure(ProviderConnectionError, "", SendOutcome.NOT_SENT), True),
        (Failure(ProviderConnectionError, "", SendOutcome.UNKNOWN), False),
        (Failure(ProviderConnectionError, "", SendOutcome.NOT_SENT, should_retry=False), False),
        (Failure(RateLimitError, "", SendOutcome.REJECTED, 429), True),
        (Failure(RateLimitError, "", SendOutcome.REJECTED, 429, retry_after_s=2.1), False),
        (Failure(AuthenticationError, "", SendOutcome.NOT_SENT), False),
    ],
)
async def test_only_what_is_free_and_may_help_is_repeated(failure, again):
    assert worth_repeating(FailedCallError(failure)) is again


async def test_waits_grow_are_jittered_and_end():
    clock = HastyClock()
    loop = retry_with_backoff(max_retries=2, base_delay=1.0, clock=clock, draw=lambda: 0.5)

    async def fail():
        raise FailedCallError(Failure(RateLimitError, "", SendOutcome.REJECTED, 429))

    with pytest.raises(FailedCallError):
        await loop(fail)

    assert loop.statistics["attempt_number"] == 3
    assert clock.slept == [0.5, 1.0]


@pytest.mark.control("S8")
async def test_a_key_goes_to_its_own_origin_alone():
    wire = transport("https://api.example.org/v1")
    own = wire._auth(httpx.Request("GET", "https://api.example.org/v1/models"))
    port = wire._auth(httpx.Request("GET", "https://api.example.org:8443/v1/models"))
    plain = wire._auth(httpx.Request("GET", "http://api.example.org/v1/models"))
    await wire.close()

    assert own.headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in {**port.headers, **plain.headers}


@pytest.mark.control("S8")
@pytest.mark.parametrize(
    ("family", "address"),
    [(socket.AF_INET, ("169.254.169.254", 443)), (socket.AF_INET6, ("fe80::1%1", 443, 0, 1))],
)
async def test_a_name_that_resolves_to_a_link_local_address_is_not_sent_anything(
    monkeypatch, family, address
):
    found = [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    wire = transport("https://models.example.org/v1")
    with pytest.raises(FailedCallError, match="link-local") as error:
        await wire.get("/models", timeout_s=2.0)
    await wire.close()

    assert error.value.failure.outcome is SendOutcome.NOT_SENT


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "127.0.0.1:8080", "http://"])
async def test_a_proxy_that_cannot_be_one_is_refused_before_anything_is_sent(proxy):
    endpoint = Endpoint("far", ProviderKind.COMPATIBLE, "https://api.example.org/v1")
    endpoint = replace(endpoint, network=NetworkSettings.model_construct(proxy=proxy))
    with pytest.raises(ConfigError, match="`proxy`"):
        Transport(endpoint, HastyClock())


async def test_repeats_are_counted_for_the_scoreboard():
    async with FaultServer() as server:
        server.on("/v1/chat/completions", reply(429, {}, b"{}"), reply(503), reply(200, {}, b"{}"))
        wire = transport(server.url)
        await read(wire, Deadlines())
        counted = wire.statistics
        await wire.close()

    assert (counted.calls, counted.saved, counted.given_up) == (1, 1, 0)
    assert counted.repeats == {"RateLimitError": 1, "ProviderResponseError": 1}
    assert counted.waited_s > 0


async def test_a_kept_line_that_was_closed_meanwhile_is_not_taken_for_an_unknown_outcome(
    monkeypatch,
):
    lines, made, write = [], ResponseHandler.connection_made, connection._Sending.write

    def remember(self, line):
        lines.append(line)
        made(self, line)

    async def close_the_kept_one(self, writer):
        if len(lines) == len(server.seen) == 1:
            lines[0].close()
        await write(self, writer)

    monkeypatch.setattr(ResponseHandler, "connection_made", remember)
    monkeypatch.setattr(connection._Sending, "write", close_the_kept_one)
    async with FaultServer() as server:
        server.on(PATH, reply(200, {}, b"{}"), reply(200, {}, b"{}"))
        wire = transport(server.url)
        await read(wire, Deadlines())
        await read(wire, Deadlines())
        repeats = wire.statistics.repeats
        await wire.close()

    assert repeats == {"ProviderConnectionError": 1}
    assert len(server.seen) == 2


async def test_no_cookie_goes_back():
    async with FaultServer() as server:
        server.on("/v1/models", reply(200, {"set-cookie": "track=me; path=/"}, b"ok"))
        wire = transport(server.url)
        await wire.get("/models", timeout_s=2.0)
        await wire.get("/models", timeout_s=2.0)
        await wire.close()

    assert "cookie" not in server.seen[1].headers


@pytest.mark.control("S8")
async def test_proxy_variables_are_ignored(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with FaultServer() as server:
        server.on("/v1/models", reply(200, {}, b"ok"))
        wire = transport(server.url)
        body = await wire.get("/models", timeout_s=2.0)
        await wire.close()

    assert body == b"ok"


async def test_a_key_with_characters_that_no_header_takes_is_named():
    async with FaultServer() as server:
        wire = transport(server.url, key="sk-ключ")
        with pytest.raises(FailedCallError, match="characters that no key has") as error:
            await read(wire, Deadlines())
        await wire.close()

    assert error.value.failure.outcome is SendOutcome.NOT_SENT
    assert server.count == 0


@pytest.mark.control("S8")
@pytest.mark.parametrize("url", ["http://example.org/v1", "https://169.254.169.254/v1"])
async def test_an_address_that_may_see_no_key_is_refused(url):
    with pytest.raises(ConfigError, match="cannot be used"):
        Endpoint.of(settings(url), NetworkSettings())
