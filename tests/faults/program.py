"""Starts the real program in a state folder of its own, kills it, and goes on with what it left.

In a test::

    async with Provider() as provider:
        program = Program.at(home, provider.url)
        killed = await program.killed_at("turn.after_a", *ASK)
        await program("resume")
        assert violations(program.journal, killed.told) == []

The provider counts what it would bill; `unexplained` compares that with the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.http import Connection, Json
from tests.faults.invariants import Journal, Told
from tests.loopback import LoopbackProvider, agent_of

KEY = "sk-canary-0123456789abcdef"
MODEL = "gpt-4o"
MICROS = {"prompt": 2.5, "completion": 10.0}
"""Micro-dollars a token."""
CONFIG = """
[prices]
"openai/gpt-4o" = { input = 2.5, output = 10 }
"""
"""Servers on loopback cost nothing unless priced."""
ASK = ("Tabs or spaces?", "--option", "tabs", "--option", "spaces", "--model", f"openai/{MODEL}")
DELIBERATION = ("ask", *ASK, "--rounds", "2", "--events", "jsonl")
"""Three agents: drafts, critiques, ballots, and a decision."""
MESSAGE = ("ask", "Why?", "--agent", "critic", "--model", f"openai/{MODEL}", "--events", "jsonl")
"""One agent, one turn."""
PATIENCE_S = 120.0
"""A program that has not ended by then hangs, however slow the machine is."""
_LINE = 1 << 24
_INHERITED = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "LANG", "TERM")


@dataclass(frozen=True, slots=True)
class Bill:
    """What a request cost, whether or not anybody was there to read its answer."""

    agent: str
    purpose: str
    prompt: int
    completion: int

    @property
    def cost(self) -> int:
        """Micro-dollars."""
        return round(self.prompt * MICROS["prompt"] + self.completion * MICROS["completion"])


class Provider(LoopbackProvider):
    """Answers three agents, two of whom want tabs, and bills each request as it comes in."""

    def __init__(self, **options: Any) -> None:
        votes = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}
        super().__init__(**{"vote": votes, "key": KEY, **options})
        self.bills: list[Bill] = []
        self.silent: set[tuple[str, str]] = set()
        """Agent and purpose of the requests that are never answered."""
        self._stalls = 0
        self._stalled = asyncio.Event()
        self._held = asyncio.Event()

    def asked_for(self, purpose: str) -> list[str]:
        """Return who was asked for this, once for each request."""
        return sorted(bill.agent for bill in self.bills if bill.purpose == purpose)

    async def _complete(self, connection: Connection, body: Json) -> None:
        if (agent_of(body), _purpose(body)) in self.silent:
            await self._keep_waiting(connection, self._bill(body, 0, 0))
        await super()._complete(connection, body)

    async def _keep_waiting(self, connection: Connection, bill: Bill) -> None:
        """Say nothing until `answer_held`; a client that leaves before is billed all the same."""
        self._stalls += 1
        self._stalled.set()
        closed = asyncio.create_task(connection.until_closed())
        held = asyncio.create_task(self._held.wait())
        await asyncio.wait((closed, held), return_when=asyncio.FIRST_COMPLETED)
        for task in (held, closed):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task  # a client that left ends the conversation
        self.bills.remove(bill)

    async def stalled(self, times: int = 1) -> None:
        """Wait until so many requests in all wait for an answer that does not come."""
        async with asyncio.timeout(PATIENCE_S):
            while self._stalls < times:
                self._stalled.clear()
                await self._stalled.wait()

    def answer_held(self) -> None:
        """Answer after all whoever waits."""
        self._held.set()

    def _usage(self, body: Json, text: str) -> Json:
        counted = super()._usage(body, text)
        self._bill(body, counted["prompt_tokens"], counted["completion_tokens"])
        return counted

    def _bill(self, body: Json, prompt: int, completion: int) -> Bill:
        self.bills.append(Bill(agent_of(body), _purpose(body), prompt, completion))
        return self.bills[-1]


def _purpose(body: Json) -> str:
    if body.get("response_format"):
        return "ballot"
    task = body["messages"][-1]["content"]
    if "say what you agree with" in task:
        return "critique"
    return "draft" if task.startswith("Give your own answer") else "reply"


@dataclass(slots=True)
class Run:
    """A program that was started, and what it said so far."""

    process: asyncio.subprocess.Process
    told: Told = field(default_factory=Told)
    out: str = ""
    err: str = ""

    @property
    def status(self) -> int | None:
        """Exit status; minus the signal's number where one ended it; None while it runs."""
        return self.process.returncode

    @property
    def json(self) -> Any:
        """What stdout holds, which has to be one JSON value."""
        return json.loads(self.out)

    async def until(self, happens: Callable[[Json], bool]) -> None:
        """Read events until one of them is as wanted."""
        while not happens(await self.event()):
            pass

    async def event(self) -> Json:
        """Read one event; an error where the program ends instead."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = (await self.process.stdout.readline()).decode()
        self._take(line)
        if not line.endswith("\n"):
            rest = await self.process.stderr.read() if self.process.stderr else b""
            raise AssertionError(f"the program ended: {rest.decode()}")
        event: Json = json.loads(line)
        return event

    async def kill(self) -> bool:
        """Kill it, as the system does when memory is short; return whether it was in time."""
        in_time = self.process.returncode is None
        if in_time:
            self.process.kill()
        await self.ended()
        return in_time and self.status == -9

    async def ended(self) -> Run:
        """Read what it still says, and wait until it has ended."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                out, err = await self.process.communicate()
        except TimeoutError:
            self.process.kill()
            raise
        for line in out.decode().splitlines(keepends=True):
            self._take(line)
        self.err += err.decode()
        assert "Traceback" not in self.err, self.err
        assert KEY not in self.out + self.err
        return self

    def _take(self, line: str) -> None:
        self.out += line
        if line.endswith("\n"):
            self.told.hear(line)


@dataclass(frozen=True, slots=True)
class Program:
    """`gitbridge` in a state folder of its own, with one provider on loopback."""

    home: Path
    environment: dict[str, str]

    @classmethod
    def at(cls, home: Path, url: str, config: str = CONFIG) -> Program:
        """Return the program with its configuration written."""
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / "config.toml").write_text(config)
        (home / "config.toml").chmod(0o600)
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        keys = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": url}
        return cls(home, {**inherited, "GITBRIDGE_HOME": str(home), **keys})

    @property
    def journal(self) -> Path:
        """Where the journal lies."""
        return self.home / "gitbridge.db"

    async def start(self, *words: str, **more: str) -> Run:
        """Start a command and leave it running."""
        command = shutil.which("gitbridge", path=str(Path(sys.executable).parent))
        assert command, "gitbridge is not installed beside this Python: run make install"
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            command,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            cwd=self.home,
            env={**self.environment, **more},
            limit=_LINE,
        )
        return Run(process)

    async def __call__(self, *words: str, **more: str) -> Run:
        """Run a command to its end."""
        return await (await self.start(*words, **more)).ended()

    async def killed_at(self, failpoint: str, *words: str) -> Run:
        """Run a command that dies at a failpoint."""
        run = await self(*words, GITBRIDGE_FAIL_AT=failpoint)
        assert run.status == -9, (run.status, run.err)
        return run

    async def killed_when(self, ready: Awaitable[object], *words: str) -> Run:
        """Run a command and kill it once something has come about."""
        run = await self.start(*words)
        async with asyncio.timeout(PATIENCE_S):
            await ready
        assert await run.kill()
        return run


def unexplained(journal: Journal, bills: list[Bill]) -> tuple[int, int]:
    """Compare what the provider billed with what the journal knows.

    A request is accounted for when it is booked as it was billed, or when a call of unknown
    outcome, of the same agent and purpose, keeps enough money for it.

    Returns:
        Micro-dollars that nothing accounts for, and requests beyond one for each go of an agent
        and beyond those that are shown as possible double charges.
    """
    booked: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for agent, purpose, prompt, completion in journal.rows(
        "SELECT ledger.agent, turn.purpose, prompt_tokens, completion_tokens FROM ledger"
        " JOIN turn ON turn.id = ledger.turn_id"
    ):
        booked[agent, purpose].append((prompt, completion))
    kept: dict[tuple[str, str], list[int]] = defaultdict(list)
    for agent, purpose, amount in journal.rows(
        "SELECT turn.agent, turn.purpose, max(reservation.amount) FROM reservation"
        " JOIN call ON call.id = call_id JOIN turn ON turn.id = call.turn_id"
        " WHERE reservation.state = 'unsettled' GROUP BY call.id"
    ):
        kept[agent, purpose].append(amount)
    missing = repeated = 0
    asked: dict[tuple[str, str], list[Bill]] = defaultdict(list)
    for bill in bills:
        asked[bill.agent, bill.purpose].append(bill)
    for go, requests in asked.items():
        repeated += max(0, len(requests) - 1 - len(kept[go]))
        left = []
        for bill in requests:
            if (bill.prompt, bill.completion) in booked[go]:
                booked[go].remove((bill.prompt, bill.completion))
            else:
                left.append(bill)
        costs = sum(bill.cost for bill in left)
        lost = len(left) > len(kept[go]) or costs > sum(kept[go])
        missing += max(1, costs - sum(kept[go])) if lost else 0
    return missing, repeated
