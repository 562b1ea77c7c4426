from __future__ import annotations

import asyncio
import socket

import pytest

pytestmark = pytest.mark.anyio


def test_a_test_cannot_reach_beyond_this_machine():
    with (
        socket.socket() as sock,
        pytest.raises(pytest.fail.Exception, match="stay on this machine"),
    ):
        sock.connect(("192.0.2.1", 80))


def test_a_test_cannot_look_up_names():
    with pytest.raises(pytest.fail.Exception, match=r"api\.openai\.com"):
        socket.getaddrinfo("api.openai.com", 443)


def test_a_test_without_the_mark_cannot_open_loopback():
    with socket.socket() as sock, pytest.raises(pytest.fail.Exception, match="network"):
        sock.bind(("127.0.0.1", 0))


@pytest.mark.network
async def test_a_marked_test_can_serve_and_call_on_loopback():
    async def answer(_reader, writer):
        writer.write(b"hello")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    heard = await reader.read()
    writer.close()
    server.close()

    assert heard == b"hello"


async def test_the_loop_itself_works_without_the_mark():
    assert await asyncio.to_thread(lambda: 1) == 1
