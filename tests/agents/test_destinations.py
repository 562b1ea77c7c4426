"""Where a key may go: its provider's configured origin, and nowhere else (SECURITY S8)."""

from __future__ import annotations

import socket

import pytest

from agents.connection import Connections
from agents.openai import OpenAIAgent
from agents.wire import Endpoint
from hub.addresses import address_is_forbidden
from hub.config import NetworkSettings
from hub.errors import ConfigError, ProviderError, SendOutcome
from tests.agents.calls import KEY, HastyClock, settings, view
from tests.faults.http import HttpServer
from tests.faults.server import FaultServer, redirect, reply, tls_self_signed

pytestmark = [pytest.mark.anyio, pytest.mark.network, pytest.mark.control("S8")]

PATH = "/v1/chat/completions"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


async def asked(url, network=None):
    agent = OpenAIAgent(settings(url), network or NetworkSettings(), HastyClock())
    try:
        return await agent.reply(view(), lambda _: None)
    except ProviderError as error:
        return error
    finally:
        await agent.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_with_or_without_the_key(status):
    async with FaultServer() as other, FaultServer() as server:
        server.on(PATH, reply(status, {"location": other.origin + PATH}, b""))
        error = await asked(server.url)

    assert "not followed" in str(error)
    assert other.seen == []
    assert [s.headers["authorization"] for s in server.seen] == [f"Bearer {KEY}"]


async def test_a_redirect_of_the_ping_is_not_followed_either():
    async with FaultServer() as other, FaultServer() as server:
        server.on("/v1/models", redirect(other.origin))
        agent = OpenAIAgent(settings(server.url), NetworkSettings(), HastyClock())
        health = await agent.health()
        await agent.close()

    assert not health.ok
    assert other.seen == []


class Trap(HttpServer):
    """A proxy that nobody configured."""

    async def answer(self, connection):
        await reply(200, {}, {"data": []})(connection)


async def test_no_proxy_variable_is_obeyed(monkeypatch):
    async with Trap() as trap, FaultServer() as server:
        for name in VARIABLES:
            monkeypatch.setenv(name, trap.origin)
        monkeypatch.setenv("NO_PROXY", "")
        server.on(PATH, reply(401, {}, b"{}"))
        await asked(server.url)

    assert len(server.seen) == 1
    assert trap.seen == []


async def test_a_server_whose_certificate_nobody_vouches_for_gets_no_key(tmp_path):
    context = tls_self_signed(tmp_path)
    if context is None:
        pytest.skip("no openssl to make a certificate with")
    async with FaultServer(tls=context) as server:
        error = await asked(server.url)

    assert "certificate that is not trusted" in str(error)
    assert error.outcome is SendOutcome.NOT_SENT
    assert server.seen == []


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"])
async def test_no_variable_adds_a_certificate(tmp_path, monkeypatch, name):
    context = tls_self_signed(tmp_path)
    if context is None:
        pytest.skip("no openssl to make a certificate with")
    found = tmp_path / "certificate.pem"
    monkeypatch.setenv(name, str(tmp_path if name.endswith("DIR") else found))
    async with FaultServer(tls=context) as server:
        error = await asked(server.url)

    assert "certificate that is not trusted" in str(error)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.254.169.254.",
        "1.1",
    ],
)
def test_an_address_of_machine_credentials_is_forbidden_however_it_is_written(host):
    assert address_is_forbidden(host)


@pytest.mark.parametrize("host", ["api.openai.com", "10.0.0.2", "::1", "2001:db8::1", "a1.example"])
def test_other_addresses_are_not(host):
    assert not address_is_forbidden(host)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/v1",
        "http://localhost.evil/v1",
        "http://127.0.0.1.evil/v1",
        "http://127.0.0.1@evil.example/v1",
        "https://user:secret@example.org/v1",
        "http://[::ffff:10.0.0.1]/v1",
        "https://[64:ff9b::a9fe:a9fe]/v1",
        "file:///etc/passwd",
        "//evil.example/v1",
    ],
)
def test_an_agent_is_not_made_for_an_address_that_may_see_no_key(url):
    with pytest.raises(ConfigError, match="cannot be used"):
        Endpoint.of(settings(url), NetworkSettings())


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, "169.254.169.254"),
        (socket.AF_INET6, "fe80::1%1"),
        (socket.AF_INET6, "::ffff:169.254.169.254"),
        (socket.AF_INET6, "64:ff9b::a9fe:a9fe"),
        (socket.AF_INET6, "fd00:ec2::254"),
    ],
)
async def test_an_address_that_a_name_leads_to_is_checked_as_well(family, address):
    endpoint = Endpoint.of(settings("https://models.example.org/v1"), NetworkSettings())
    connections = Connections(endpoint)

    with pytest.raises(OSError, match="link-local"):
        connections._socket((family, socket.SOCK_STREAM, 0, "", (address, 443, 0, 0)))


async def test_a_proxy_that_the_person_configured_is_not_used_to_this_machine():
    async with Trap() as trap, FaultServer() as server:
        server.on(PATH, reply(401, {}, b"{}"))
        await asked(server.url, NetworkSettings(proxy=trap.origin))

    assert trap.seen == []
    assert len(server.seen) == 1
