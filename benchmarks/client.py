"""What our client costs beside bare httpx and the openai SDK, asking a server that thinks for no time.

`python -m benchmarks.client [--json]`. Rounds of all of them alternate in one run, so that a busy
machine is busy for each; figures are ratios of medians. Not measured: TLS, distance, HTTP/2, a
server that is slow to accept.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import httpx
from pydantic import SecretStr

from agents.openai import OpenAIAgent
from benchmarks.canned import serving
from hub.config import Credential, NetworkSettings, ProviderSettings
from hub.domain.agent import Persona
from hub.domain.ids import ThreadId, TurnId
from hub.domain.turn import Part, PartRole, Purpose, View
from hub.ports import Agent, OnDelta
from ui.wiring import SystemClock

_ROUNDS = 40
_CALLS = 25
"""Calls in one round, of which the mean is one figure."""
_AT_ONCE = 50
_PROMPT = "Which of the two designs is simpler, and why? " * 10
Call = Callable[[], Awaitable[object]]


def agent_at(url: str, *, stream: bool) -> OpenAIAgent:
    """Return a client of a server on loopback."""
    key = Credential(value=SecretStr("sk-measured"), source="the benchmark")
    mine = ProviderSettings(name="openai", kind="openai", base_url=url, key=key, stream=stream)
    return OpenAIAgent(mine, NetworkSettings(), SystemClock())


def asking(agent: Agent, on_delta: OnDelta = lambda _: None, question: str = _PROMPT) -> Call:
    """Return a call that asks an agent a question."""
    persona = Persona("ada", "critic", "Be brief.")
    parts = (Part(PartRole.SYSTEM, "You are ada."), Part(PartRole.USER, question))
    view = View(TurnId("t1"), ThreadId("th1"), persona, Purpose.REPLY, parts, 120, "gpt-4o")
    return lambda: agent.reply(view, on_delta)


def _bare(client: httpx.AsyncClient, url: str) -> Call:
    """Ask by httpx alone: the same request, the same JSON out of it."""
    body = {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "You are ada."},
            {"role": "user", "content": _PROMPT},
        ],
        "max_tokens": 4_000,
        "temperature": 0.3,
    }

    async def call() -> object:
        answer = await client.post(
            f"{url}/chat/completions",
            content=json.dumps(body),
            headers={"authorization": "Bearer sk-measured", "content-type": "application/json"},
        )
        return json.loads(answer.content)["choices"][0]["message"]["content"]

    return call


async def _sdk(url: str, stack: AsyncExitStack) -> tuple[Call, Call] | None:
    """Return the openai SDK's whole and streamed call, or None where it is not installed."""
    try:
        import openai
    except ImportError:
        return None
    client = openai.AsyncOpenAI(api_key="sk-measured", base_url=url, max_retries=0)
    await stack.enter_async_context(client)
    messages = [{"role": "user", "content": _PROMPT}]

    async def whole() -> object:
        found = await client.chat.completions.create(model="gpt-4o", messages=messages)
        return found.choices[0].message.content

    async def streamed() -> object:
        text = ""
        async for chunk in await client.chat.completions.create(
            model="gpt-4o",
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
        ):
            if chunk.choices:
                text += chunk.choices[0].delta.content or ""
        return text

    return whole, streamed


async def _awaited(call: Call) -> None:
    await call()


async def _in_turn(call: Call) -> float:
    began = time.perf_counter()
    for _ in range(_CALLS):
        await call()
    return (time.perf_counter() - began) / _CALLS


async def _at_once(call: Call) -> float:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(_awaited(call))
    return (time.perf_counter() - began) / _AT_ONCE


async def measure(rounds: int) -> Mapping[str, list[float]]:
    """Return seconds per call, one figure a round, for each way of asking."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(serving())
        bare = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        whole, streaming = agent_at(url, stream=False), agent_at(url, stream=True)
        stack.push_async_callback(whole.close)
        stack.push_async_callback(streaming.close)
        ways: dict[str, tuple[Call, Callable[[Call], Awaitable[float]]]] = {
            "httpx, whole": (_bare(bare, url), _in_turn),
            "httpx, whole, 50 at once": (_bare(bare, url), _at_once),
            "ours, whole": (asking(whole), _in_turn),
            "ours, whole, 50 at once": (asking(whole), _at_once),
            "ours, stream": (asking(streaming), _in_turn),
        }
        if (sdk := await _sdk(url, stack)) is not None:
            ways |= {"openai, whole": (sdk[0], _in_turn), "openai, stream": (sdk[1], _in_turn)}
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds + 2):
            for name, (call, pace) in ways.items():
                gc.collect()
                taken[name].append(await pace(call))
    return {name: times[2:] for name, times in taken.items()}


def figures(taken: Mapping[str, list[float]]) -> Mapping[str, float | None]:
    """Return the ratios of medians; None for what was not measured."""
    medians = {name: statistics.median(times) for name, times in taken.items()}

    def ratio(above: str, below: str) -> float | None:
        if above not in medians or below not in medians:
            return None
        return round(medians[above] / medians[below], 2)

    return {
        "whole_vs_httpx": ratio("ours, whole", "httpx, whole"),
        "openai_vs_whole": ratio("openai, whole", "ours, whole"),
        "openai_vs_stream": ratio("openai, stream", "ours, stream"),
        "concurrent_50_vs_1": ratio("ours, whole, 50 at once", "ours, whole"),
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the ratios alone, as JSON")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    arguments = parser.parse_args()
    taken = asyncio.run(measure(arguments.rounds))
    if arguments.json:
        print(json.dumps(figures(taken)))
        return 0
    for name, times in taken.items():
        low, middle, high = statistics.quantiles([t * 1e6 for t in times], n=4)
        print(f"{name:28}{middle:9.0f} us a call   (quartiles {low:.0f} to {high:.0f})")
    for name, value in figures(taken).items():
        print(f"{name:28}{'not measured: openai is not installed' if value is None else value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
