"""The integration trace: who asked what, with which key's source, and never the key."""

from __future__ import annotations

import os

import pytest

from agents.openai import OpenAIAgent
from agents.trace import Trace
from hub.config import NetworkSettings
from hub.errors import AuthenticationError
from tests.agents.calls import KEY, settings, view
from tests.faults.server import FaultServer, reply
from tests.loopback import LoopbackProvider

pytestmark = [pytest.mark.anyio, pytest.mark.network]
NAME = "openai_integration_trace.log"


def agent_of(server, folder, clock):
    trace = Trace(folder, "openai", clock)
    return OpenAIAgent(settings(server.url), NetworkSettings(), clock, trace)


async def test_a_call_leaves_where_its_key_came_from_what_answered_and_what_it_took(
    tmp_path, clock
):
    async with LoopbackProvider() as server:
        agent = agent_of(server, tmp_path / "logs", clock)
        assert agent.retries is None
        await agent.reply(view(), lambda _: None)
        assert agent.retries.calls == 1
        await agent.close()
    opened, answered, closed = (tmp_path / "logs" / NAME).read_text().splitlines()

    assert opened.startswith("2026-11-23T00:00:00.000+00:00 component=openai event=opened")
    assert 'key_from="environment TEST_KEY"' in opened
    assert "model=gpt-4o served=gpt-4o tries=1" in answered
    assert "request_id=req_loopback_1" in answered
    assert "event=closed calls=1 repeats=0 waited_s=0.000 saved=0 given_up=0" in closed


@pytest.mark.control("S5")
async def test_a_failure_is_traced_without_the_key_that_the_server_repeats(tmp_path, clock):
    async with FaultServer() as server:
        body = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
        server.on("/v1/chat/completions", reply(401, {}, body))
        agent = agent_of(server, tmp_path, clock)
        with pytest.raises(AuthenticationError):
            await agent.reply(view(), lambda _: None)
        await agent.close()
    text = (tmp_path / NAME).read_text()

    assert "error=OpenAIAuthenticationError status=401 outcome=rejected" in text
    assert KEY not in text


async def test_a_folder_that_takes_no_file_does_not_hold_up_a_call(tmp_path, clock):
    (tmp_path / "logs").write_text("a file where the folder should be")
    async with LoopbackProvider() as server:
        agent = agent_of(server, tmp_path / "logs", clock)
        answer = await agent.reply(view(), lambda _: None)
        await agent.close()

    assert answer.text


def test_a_full_file_is_moved_aside_and_one_older_one_is_kept(tmp_path, clock, monkeypatch):
    monkeypatch.setattr("hub.log_file.FULL", 200)
    trace = Trace(tmp_path / "logs", "openai", clock)
    for number in range(10):
        trace.tell("counted", number=number)
    paths = sorted((tmp_path / "logs").iterdir())
    kept = "".join(path.read_text() for path in paths)

    assert [path.name for path in paths] == [NAME, f"{NAME}.1"]
    assert "number=9" in kept
    assert all(path.stat().st_size < 300 for path in paths)


@pytest.mark.control("S5")
@pytest.mark.skipif(os.name == "nt", reason="the file's mode is POSIX")
def test_nobody_else_can_read_it_and_no_text_adds_a_line(tmp_path, clock):
    trace = Trace(tmp_path / "logs", "../evil name", clock)
    trace.tell("said", text="one\ntwo\r\nevent=forged \x1b[31m")
    (path,) = (tmp_path / "logs").iterdir()

    assert path.name == "_evil_name_integration_trace.log"
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text().splitlines()) == 1
    assert "\x1b" not in path.read_text()
