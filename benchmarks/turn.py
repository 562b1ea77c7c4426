"""What a whole turn costs: asked, routed, reserved, called, booked, posted and told, beside peers.

`python -m benchmarks.turn [--json]`. A server on loopback answers at once; rounds of all alternate in
one run, so that a busy machine is busy for each; figures are ratios of medians. The floor is one bare
httpx call and two fdatasyncs of four kilobytes on the disk that holds the journal. Ours is `Hub.ask`
of one agent, the question's own posting included, with whole answers as the peers ask for. The peers
keep nothing on the disk, but for LangGraph's checkpointer in SQLite, which is printed beside the one
in memory. Each peer runs in an environment of its own, made when it is missing. Not measured: TLS,
distance, several turns at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from statistics import median

import httpx
from pydantic import SecretStr

from benchmarks.canned import serving
from benchmarks.environments import python_of
from benchmarks.peers.rounds import MODEL, QUESTION, SYSTEM
from benchmarks.settings import settings_in
from hub.config import Credential, ProviderSettings
from hub.domain.ask import Ask, Mode
from hub.settings import PERSONAS
from ui.wiring import open_hub

_ROUNDS = 15
_TURNS = 20
"""Turns in one round; the first round of each warms up."""
_PEERS = {
    "openai": ("", "with_openai.py"),
    "litellm": ("litellm", "with_litellm.py"),
    "openai_agents": ("openai-agents", "with_openai_agents.py"),
    "langgraph": ("langgraph", "with_langgraph.py"),
    "langgraph_sqlite": ("langgraph", "with_langgraph.py", "--sqlite"),
    "autogen": ("autogen", "with_autogen.py"),
}
"""By name: environment ("": the benchmarks' own), program, arguments."""
_QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LANGSMITH_TRACING": "false",
    "OPENAI_API_KEY": "sk-measured",
    "PYTHONWARNINGS": "ignore",
}
"""Keeps the peers from asking anybody else."""
Round = Callable[[], Awaitable[list[float]]]


class _Peer:
    """A peer's program, which makes turns when told to."""

    def __init__(self, url: str, environment: str, program: str, *arguments: str) -> None:
        python = python_of(environment) if environment else Path(sys.executable)
        path = Path(__file__).with_name("peers") / program
        self.process = subprocess.Popen(
            [python, path, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **_QUIET, "PEER_BASE_URL": url},
        )
        self._line()

    async def turns(self) -> list[float]:
        """Return the seconds of each turn of a round."""
        assert self.process.stdin is not None  # noqa: S101  it is a pipe
        self.process.stdin.write(f"{_TURNS}\n")
        self.process.stdin.flush()
        found: list[float] = json.loads(await asyncio.to_thread(self._line))
        return found

    def _line(self) -> str:
        assert self.process.stdout is not None  # noqa: S101  it is a pipe
        return self.process.stdout.readline()

    def close(self) -> None:
        """End the program."""
        self.process.kill()
        self.process.communicate()


async def _ours(stack: AsyncExitStack, url: str, home: Path) -> Round:
    key = Credential(value=SecretStr("sk-measured"), source="the benchmark")
    models = (MODEL, f"{MODEL}-mini")
    provider = ProviderSettings(
        name="openai", kind="openai", base_url=url, key=key, models=models, stream=False
    )
    hub = await stack.enter_async_context(
        open_hub(
            settings_in(
                home,
                providers={"openai": provider},
                agents=PERSONAS,
            )
        )
    )
    ask = Ask(QUESTION, Mode.MESSAGE, agents=(PERSONAS[0].name,))

    async def turn() -> float:
        thread = await hub.create_thread("a turn")
        began = time.perf_counter()
        answer = await hub.ask(ask, thread.id)
        took = time.perf_counter() - began
        assert answer.messages  # noqa: S101  a turn that failed would be quick
        return took

    async def turns() -> list[float]:
        return [await turn() for _ in range(_TURNS)]

    return turns


async def _floor(stack: AsyncExitStack, url: str, home: Path) -> Round:
    client = await stack.enter_async_context(httpx.AsyncClient())
    file = stack.enter_context((home / "floor").open("wb", buffering=0))
    system, user = {"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}
    body = {"model": MODEL, "messages": [system, user], "max_tokens": 500}

    async def turn() -> float:
        began = time.perf_counter()
        answer = await client.post(f"{url}/chat/completions", json=body)
        assert answer.json()["choices"]  # noqa: S101  as above
        for _ in range(2):
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
        return time.perf_counter() - began

    async def turns() -> list[float]:
        return [await turn() for _ in range(_TURNS)]

    return turns


async def measure() -> dict[str, float]:
    """Return the median seconds of a turn of each."""
    async with AsyncExitStack() as stack:
        programs = stack.enter_context(ExitStack())
        url = programs.enter_context(serving())
        home = Path(programs.enter_context(tempfile.TemporaryDirectory()))
        rounds: dict[str, Round] = {
            "floor": await _floor(stack, url, home),
            "turn": await _ours(stack, url, home),
        }
        for name, how in _PEERS.items():
            peer = _Peer(url, *how)
            programs.callback(peer.close)
            rounds[name] = peer.turns
        took: dict[str, list[float]] = {name: [] for name in rounds}
        for number in range(_ROUNDS + 1):
            for name, turns in rounds.items():
                found = await turns()
                took[name] += found if number else []
    return {name: median(found) for name, found in took.items()}


def figures(seconds: dict[str, float]) -> dict[str, float]:
    """Return the ratios that are printed, and milliseconds that mean little by themselves."""
    turn = seconds["turn"]
    ratios = {f"{name}_vs_turn": round(seconds[name] / turn, 2) for name in _PEERS}
    times = {f"{name}_ms": round(took * 1_000, 2) for name, took in seconds.items()}
    return {"turn_vs_floor": round(turn / seconds["floor"], 2), **ratios, **times}


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turn", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    arguments = parser.parse_args()
    found = figures(asyncio.run(measure()))
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:24}{value}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
