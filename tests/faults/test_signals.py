"""A program that is told to end, or whose terminal is gone: FAULTS, row 8."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress

import pytest

from tests.faults.invariants import Journal, violations
from tests.faults.program import MESSAGE, MODEL, PATIENCE_S, Program, Provider, unexplained

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.skipif(sys.platform == "win32", reason="signals, and a pseudo-terminal"),
    pytest.mark.fault(8),
]

VOTE = ("ask", "Tabs?", "--option", "tabs", "--option", "spaces", "--rounds", "1",
        "--model", f"openai/{MODEL}")  # fmt: skip
RESTORED = (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1006l", b"\x1b[?25h")


class Terminal:
    """A program on a pseudo-terminal of its own."""

    def __init__(self, handle, process):
        self._handle, self.process = handle, process
        self.shown = b""
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(handle, self._read)

    def _read(self):
        piece = b""
        with suppress(OSError):  # the program has closed its end
            piece = os.read(self._handle, 65_536)
        self.shown += piece
        self._more.set()
        if not piece:
            asyncio.get_running_loop().remove_reader(self._handle)

    async def until(self, text):
        async with asyncio.timeout(PATIENCE_S):
            while text not in self.shown:
                self._more.clear()
                await self._more.wait()

    def type(self, text):
        os.write(self._handle, text)

    def hang_up(self):
        if self._handle >= 0:
            asyncio.get_running_loop().remove_reader(self._handle)
            os.close(self._handle)
            self._handle = -1

    async def ended(self):
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()


@asynccontextmanager
async def on_terminal(program, *words):
    """Start the program as a shell in a terminal window does."""
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    code = (
        "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "from ui.main import main; raise SystemExit(main(sys.argv[1:]))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *words,
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=program.home, start_new_session=True,
        env={**program.environment, "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(theirs)
    terminal = Terminal(ours, process)
    try:
        yield terminal
    finally:
        terminal.hang_up()
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def states(program, table="turn"):
    with Journal(program.journal) as journal:
        return journal.column(f"SELECT state FROM {table} ORDER BY rowid")  # noqa: S608  a literal


async def goes_on(program, provider):
    """Assert that what was put back in line is booked, waits there, and is gone on with."""
    assert violations(program.journal, waiting=True) == []
    with Journal(program.journal) as journal:
        assert journal.column("SELECT estimated FROM ledger JOIN call ON call.id = call_id"
                              " WHERE state = 'unknown'") == [1]  # fmt: skip
    provider.silent.clear()
    run = await program("resume")
    assert run.status == 0, run.err
    assert violations(program.journal) == []


async def is_told_to_end(program, provider, number):
    """Send a signal while one of three drafts does not come."""
    run = await program.start(*VOTE, "--events", "jsonl")
    for _ in range(3):  # the question and two drafts
        await run.until(lambda event: event["event"] == "message_posted")
    await provider.stalled()
    run.process.send_signal(number)
    ended = await run.ended()
    assert "stays in line" in ended.err
    return ended.status


async def loses_its_terminal(program, provider):
    """Close the terminal window while one of three drafts does not come."""
    async with on_terminal(program, *VOTE) as terminal:
        await provider.stalled()
        await terminal.until(b"synthesist says")
        await terminal.until(b"proposer says")
        terminal.hang_up()
        return await terminal.ended()


ENDINGS = {
    "terminated": lambda *both: is_told_to_end(*both, signal.SIGTERM),
    "hung up": lambda *both: is_told_to_end(*both, signal.SIGHUP),
    "terminal gone": loses_its_terminal,
}


async def test_what_is_not_done_in_time_goes_back_into_line_and_is_gone_on_with(home):
    async def one(name):
        async with Provider() as provider:
            provider.silent = {("critic", "draft")}
            program = Program.at(home / name, provider.url)
            assert await ENDINGS[name](program, provider) == 130
            assert sorted(states(program)) == ["done", "done", "queued"]
            assert list(program.home.glob("logs/error-*")) == []
            await goes_on(program, provider)
            asked = provider.asked_for("draft")
            assert asked == ["critic", "critic", "proposer", "synthesist"]
            with Journal(program.journal) as journal:
                assert journal.value("SELECT count(*) FROM ballot") == 3

    async with asyncio.TaskGroup() as group:  # each waits 5 s for what does not come
        for name in ENDINGS:
            group.create_task(one(name))


async def test_what_ends_in_time_is_kept(home):
    async with Provider() as provider:
        program = Program.at(home, provider.url)
        provider.silent = {("critic", "reply")}
        run = await program.start(*MESSAGE)
        await provider.stalled()
        run.process.send_signal(signal.SIGTERM)
        assert run.process.stderr is not None
        await run.process.stderr.readuntil(b"Ending;")
        provider.answer_held()

        assert (await run.ended()).status == 130
        assert states(program) == ["done"]
        assert (await program("resume", "--json")).json == []
        with Journal(program.journal) as journal:
            assert unexplained(journal, provider.bills) == (0, 0)
        assert violations(program.journal, run.told) == []


async def test_the_screen_leaves_the_turn_in_line_and_restores_its_terminal(home):
    async def one(name, number, *, gone):
        async with Provider() as provider:
            provider.silent = {("proposer", "reply")}
            program = Program.at(home / name, provider.url)
            async with on_terminal(program) as terminal:
                await terminal.until(b" ms")  # the provider was pinged, so the hub is open
                terminal.type(b"Why?\r")
                await provider.stalled()
                if gone:
                    terminal.hang_up()
                else:
                    terminal.process.send_signal(number)

                assert await terminal.ended() == 128 + number
                assert gone or all(sequence in terminal.shown for sequence in RESTORED)
            assert states(program) == ["queued"]
            await goes_on(program, provider)

    async with asyncio.TaskGroup() as group:
        group.create_task(one("terminated", signal.SIGTERM, gone=False))
        group.create_task(one("terminal gone", signal.SIGHUP, gone=True))
