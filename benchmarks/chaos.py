"""A run of the whole hub against a third-party simulator that breaks on demand and grades its client.

`llmock serve`, then `python -m benchmarks.chaos [--url URL] [--json]`; docs/chaos.md has the commands.
Each fault is played to one question, through every protocol; the simulator's verdict on what it saw
is printed and decides the exit code. A stream that breaks once text was shown is never sent again
unasked: there the client has to tell it as broken, and is then asked the same again by its caller.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from agents.catalog import agents
from benchmarks.client import asking
from hub.config import Settings, load
from hub.domain.ask import Ask
from hub.errors import GitBridgeError, ProviderError
from ui.wiring import SystemClock, open_hub

Fault = Mapping[str, object]
_WORDS = {"type": "reply", "text": "word " * 240, "times": 9}
"""Long enough that the simulator is still sending when its client leaves."""
_BROKEN_OFF = 12
"""Chunks after which a stream breaks that has shown text."""
_READING_S = 0.5
"""Seconds between an error that was shown and the next question of whoever read it."""


@dataclass(slots=True)
class Findings:
    """What the questions came to."""

    questions: int = 0
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    outside_tree: list[str] = field(default_factory=list)
    passed_for_whole: list[str] = field(default_factory=list)
    """Broken answers that were taken for answers."""


def faults() -> Iterator[tuple[str, Fault]]:
    """Yield each fault by name, as the simulator's scenario writes it."""
    for status in (408, 409, 429, 500, 502, 503, 504, 529):
        yield f"{status} once", {"type": "fail", "status": status}
    for status in (429, 503):
        yield f"{status} twice", {"type": "fail", "status": status, "times": 2}
        wait = {"type": "fail", "status": status, "times": 2, "retry_after": 0.7}
        yield f"{status} twice, with Retry-After", wait
        yield f"{status} for good", {"type": "fail", "status": status, "times": 9}
    for status in (400, 401, 403, 404, 422):
        yield f"{status} for good", {"type": "fail", "status": status, "times": 9}
    yield "a slow answer", {"type": "delay", "seconds": 0.5}
    yield "a slow first token", {"type": "slow_first_token", "seconds": 0.5}
    for kind in ("disconnect", "truncate", "malformed"):
        yield f"{kind} before any text", {"type": "stream_fault", "kind": kind, "after_chunks": 0}


def later_faults() -> Iterator[tuple[str, Fault]]:
    """Yield the faults that come once text was shown: nothing may be sent again unasked then."""
    for kind in ("disconnect", "truncate", "malformed"):
        fault = {"type": "stream_fault", "kind": kind, "after_chunks": _BROKEN_OFF}
        yield f"{kind} after text", fault


class Simulator:
    """The simulator's own interface."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Return what it answers.

        Raises:
            URLError: It does not run there.
        """
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/_llmock{path}", data=data, method=method)  # noqa: S310  the person's own
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def reset(self) -> None:
        """Forget what was seen and queued."""
        self.call("POST", "/reset")

    def queue(self, *behaviors: Fault) -> None:
        """Play these next, in the place of what is still queued."""
        self.call("DELETE", "/scenario")
        self.call("POST", "/scenario", {"behaviors": behaviors})


def configuration(url: str) -> str:
    """Return a configuration in which each protocol of each provider is one provider."""
    tables = []
    for name, path in (
        ("chat", "/v1"),
        ("responses", "/v1"),
        ("whole", "/v1"),
        ("grok", "/xai/v1"),
    ):
        lines = [f"[providers.{name}]", f'base_url = "{url}{path}"', 'models = ["gpt-4o"]']
        lines += ['key = "sk-chaos"']
        lines += ['api = "responses"'] if name == "responses" else []
        lines += ["stream = false"] if name == "whole" else []
        tables.append("\n".join(lines))
    return "\n\n".join(tables) + "\n"


async def run(simulator: Simulator, home: Path) -> tuple[Findings, Mapping[str, Any]]:
    """Play every fault through every protocol; return what came of it, and the verdict."""
    found = Findings()
    written = home / "config.toml"
    written.touch(mode=0o600)
    written.write_text(configuration(simulator.url), encoding="utf-8")
    settings = load(folder=home)
    await asyncio.to_thread(simulator.reset)
    for provider in ("chat", "responses", "whole", "grok"):
        print(f"  {provider} ...", file=sys.stderr)
        for name, fault in faults():
            if provider != "whole" or fault["type"] not in ("stream_fault", "slow_first_token"):
                await asyncio.to_thread(simulator.queue, _WORDS, fault)
                await _ask(settings, provider, name, found)
    await _break_off(simulator, settings, found)
    return found, await asyncio.to_thread(simulator.call, "GET", "/verdict")


async def _break_off(simulator: Simulator, settings: Settings, found: Findings) -> None:
    """Break streams that have shown text; ask the client again once it has told so."""
    clients = agents(settings, SystemClock())
    for provider in ("chat", "responses", "grok"):
        for name, fault in later_faults():
            await asyncio.to_thread(simulator.queue, _WORDS, fault)
            ask = asking(clients[provider], question=f"Tabs or spaces? {provider}, {name}.")
            try:
                await ask()
                found.passed_for_whole.append(f"{provider}: {name}")
            except ProviderError as error:
                found.errors[type(error).__name__] += 1
                await asyncio.sleep(_READING_S)
                await ask()
            found.questions += 1
            found.answered += 1
    for client in clients.values():
        await client.close()


async def _ask(settings: Settings, provider: str, name: str, found: Findings) -> bool:
    """Ask one question of one provider, of a hub that knows nothing; return whether it answered."""
    found.questions += 1
    ask = Ask(
        f"Tabs or spaces? The fault is {name}.",
        agents=("critic",),
        provider=provider,
        timeout_s=60.0,
    )
    fresh = {"database": settings.home / f"{found.questions}.db"}
    try:
        async with open_hub(settings.model_copy(update=fresh)) as hub:
            await hub.ask(ask)
    except GitBridgeError as error:
        found.errors[type(error).__name__] += 1
        return False
    except Exception as error:  # noqa: BLE001  to count these is the point
        found.outside_tree.append(f"{provider}, {name}: {error!r}")
        return False
    found.answered += 1
    return True


def main() -> int:
    """Run and print; 1 where the simulator finds anything, or we do."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the simulator runs")
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["GITBRIDGE_HOME"] = home
        try:
            found, verdict = asyncio.run(run(Simulator(arguments.url), Path(home)))
        except URLError as error:
            print(f"No simulator answers at {arguments.url}: {error.reason}.", file=sys.stderr)
            return 2
    figures = {
        "questions": found.questions,
        "answered": found.answered,
        "errors": dict(found.errors),
        "outside_tree": len(found.outside_tree),
        "broken_taken_for_whole": len(found.passed_for_whole),
        "attempts_seen": verdict["attempts"],
        "faults_injected": verdict["faults_injected"],
        "findings": verdict["findings"],
    }
    if arguments.json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name:24}{value}" for name, value in figures.items()))
        print("\n".join([*found.outside_tree, *found.passed_for_whole]))
    return 1 if verdict["findings"] or found.outside_tree or found.passed_for_whole else 0


if __name__ == "__main__":
    sys.exit(main())
