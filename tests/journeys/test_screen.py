"""A whole session on a real terminal, by keys alone: ask, watch, vote, cancel, export, quit."""

import asyncio
import os
import shutil
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.faults.server import chunk, delta, event, stall, stream
from tests.journeys.conftest import KEY

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux"),
]
PATIENCE = 800
"""Looks at the screen after which a test gives up, however slow the machine is."""


class Tmux:
    """One window of a tmux server of its own."""

    def __init__(self, folder, environment):
        self._base = ["tmux", "-f", os.devnull, "-S", str(folder / "tmux")]
        self._environment = environment

    async def run(self, *words):
        process = await asyncio.create_subprocess_exec(
            *self._base, *words, env=self._environment, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def keys(self, *keys):
        """Press named keys."""
        await self.run("send-keys", *keys)

    async def type(self, text):
        """Type a text as it is."""
        await self.run("send-keys", "-l", text)

    async def screen(self):
        return await self.run("capture-pane", "-p")

    async def until(self, *texts, without=""):
        """Wait until all of these are on the screen, and one is not."""
        for _ in range(PATIENCE):
            shown = await self.screen()
            if all(text in shown for text in texts) and (not without or without not in shown):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{texts} never stood on the screen, but:\n{shown}")


@asynccontextmanager
async def on_a_terminal(program, home, size=(120, 34)):
    """Run `gitbridge` in tmux; its exit status goes to a file."""
    command = shutil.which("gitbridge", path=str(Path(sys.executable).parent))
    status = home / "status"
    kept = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "SHELL": "/bin/sh"}
    tmux = Tmux(home, {**program.environment, **kept})
    line = f"'{command}'; echo $? > '{status}'"
    width, height = map(str, size)
    await tmux.run("new-session", "-d", "-x", width, "-y", height, line)
    try:
        yield tmux, status
    finally:
        if not status.exists():
            await tmux.run("kill-server")


async def ended(status):
    """Return the exit status once the program has ended."""
    for _ in range(PATIENCE):
        if status.exists() and (text := status.read_text()):
            return text
        await asyncio.sleep(0.05)
    raise AssertionError("the program did not end")


async def test_a_whole_session_is_driven_by_keys_alone(gitbridge, openai, xai, home):
    async with on_a_terminal(gitbridge, home) as (tmux, status):
        await tmux.until("Message the thread", "openai")

        await ask_and_vote(tmux)
        await start_and_cancel(tmux, openai, xai)
        await tmux.type("/export markdown")
        await tmux.keys("Enter")
        await tmux.until("exported to")
        await tmux.keys("C-o", "d")
        await tmux.until("Dashboard", "gpt-4o")
        await tmux.keys("Escape")
        await tmux.until("Message the thread")
        await tmux.keys("C-q")
        assert await ended(status) == "0\n"

    (exported,) = (home / "exports").iterdir()
    text = exported.read_text()
    assert "Which shall it be?" in text
    assert KEY not in text


async def ask_and_vote(tmux):
    await tmux.type("Tabs or spaces?")
    await tmux.keys("Enter")
    await tmux.until("Tabs or spaces?", "done", without="thinking")
    await tmux.type("/decide Which shall it be? | tabs | spaces")
    await tmux.keys("Enter")
    await tmux.until("Decided: ")
    await tmux.keys("F8")
    await tmux.until("Decision", "quorum", "Rule: ")
    await tmux.keys("Escape")
    await tmux.until("Message the thread")


async def start_and_cancel(tmux, *providers):
    beginning = stream(event(chunk({"role": "assistant"})), delta("Half a sen"), stall())
    for provider in providers:
        provider.script(beginning, beginning)
    await tmux.type("/discuss And who pays?")
    await tmux.keys("Enter")
    await tmux.until("Half a sen", "writing")
    await tmux.keys("C-c")
    await tmux.until("stopped", "cancelled")
