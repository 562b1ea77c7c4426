"""A server that repeats the key it was sent, wherever it can: nothing of it comes back (SECURITY S5)."""

from __future__ import annotations

import base64
import json

import pytest

from agents.openai import OpenAIAgent
from agents.trace import Trace
from hub.config import NetworkSettings
from hub.errors import ProviderError
from tests.agents.calls import HastyClock, settings, view
from tests.faults.server import FaultServer, chunk, delta, done, event, reply, stream

pytestmark = [pytest.mark.anyio, pytest.mark.network, pytest.mark.control("S5")]

PATH = "/v1/chat/completions"
KEY = "canary-7f3a-b41c-9e0d-55c1"
"""Looks like no key: only knowing it helps."""
SPELLED = {
    "plain": KEY,
    "escaped": "".join(f"\\u{ord(c):04x}" for c in KEY),
    "cut up": "\\u0000".join(KEY),
    "cut by a separator": "\\u001c".join(KEY),
    "base64": base64.b64encode(f"Bearer {KEY}".encode()).decode(),
    "long text": "x" * 290 + KEY,
}


def written(message):
    """An error body with a message that is in JSON's spelling already."""
    return b'{"error": {"message": "Incorrect key %s."}}' % message.encode()


async def said(tmp_path, *scripts):
    """Everything that comes of one call: error or reply, deltas, log."""
    clock, heard = HastyClock(), []
    async with FaultServer() as server:
        server.on(PATH, *scripts)
        server.on("/v1/models", *scripts)
        trace = Trace(tmp_path / "logs", "openai", clock)
        agent = OpenAIAgent(settings(server.url, key=KEY), NetworkSettings(), clock, trace)
        try:
            heard.append(await agent.reply(view(), heard.append))
        except ProviderError as error:
            heard.append({"said": str(error), **vars(error)})
        heard.append(await agent.health())
        await agent.close()
    (log,) = (tmp_path / "logs").iterdir()
    return f"{heard!r} {log.read_text()}"


def leaks(text):
    """Whether the key, or most of it, can be read out of a text."""
    pieces = (KEY[:14], KEY[-14:], base64.b64encode(f"Bearer {KEY}".encode()).decode()[9:24])
    return any(piece in text for piece in pieces)


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize("spelled", SPELLED.values(), ids=SPELLED)
async def test_in_an_error(tmp_path, spelled, status):
    text = await said(tmp_path, *[reply(status, {}, written(spelled))] * 9)

    assert not leaks(text)


@pytest.mark.parametrize("spelled", SPELLED.values(), ids=SPELLED)
async def test_in_an_error_inside_a_stream(tmp_path, spelled):
    broken = json.loads(written(spelled))
    text = await said(tmp_path, stream(delta("Hel"), event(broken)))

    assert not leaks(text)
    assert "Hel" in text


async def test_in_headers(tmp_path):
    headers = {"x-request-id": KEY, "retry-after": KEY, "x-should-retry": KEY}
    refused = await said(tmp_path, reply(401, headers, b"{}"))
    answered = await said(tmp_path, stream(delta("Hi"), done(), headers=headers))

    assert not leaks(refused + answered)


async def test_in_an_answer(tmp_path):
    whole = event(chunk({"content": f"Your key is {KEY}."}) | {"model": KEY})
    text = await said(tmp_path, stream(whole, done()))

    assert not leaks(text)
    assert "Your key is [key]." in text


async def test_in_an_answer_that_is_cut_inside_the_key_nothing_of_it_is_kept(tmp_path):
    text = await said(tmp_path, stream(delta(KEY[:9]), delta(KEY[9:]), done()))

    assert "Reply(text='[key]'" in text


async def test_in_a_refused_parameter(tmp_path):
    body = {"error": {"message": f"Unsupported parameter {KEY}", "param": KEY}}
    text = await said(tmp_path, *[reply(400, {}, body)] * 4)

    assert not leaks(text)
