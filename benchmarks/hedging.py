"""What hedging does to the tail of a slow model, and what it costs: on and off, side by side.

`python -m benchmarks.hedging [--json] [--turns N] [--tail SHARE]`. A provider on loopback
(`benchmarks.tailed`) has two models. The dear one is the better one, by the marks of the first turns,
so that `adaptive` asks it; some of its answers take ten times as long as the others. The cheap one
costs a tenth. Two whole hubs with their journals, one whose agent hedges and one whose does not, are
asked the same questions in turns; each question takes as long in both.

Printed: median, 95th and 99th percentile of a turn in seconds; second calls that were sent, and that
were heard; the cost that they add, as it was booked (a call that was overtaken before a word counts
its prompt), and as it would be if every request were billed in full.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import SecretStr

from benchmarks.settings import settings_in
from benchmarks.tailed import CHEAP, DEAR, Tailed, tailed
from hub.config import (
    AgentSettings,
    Credential,
    PriceSettings,
    ProviderSettings,
    RouterSettings,
    Settings,
)
from hub.domain.ask import Ask, Mode
from hub.domain.route import HEDGE
from hub.hub import Hub
from ui.wiring import open_hub

_AGENT, _PROVIDER = "ada", "loopback"
_SIDES = ("off", "on")
_FIRST, _MARKED = 40, 20
"""Answers of the dear model before anything is measured, and marks of each."""
_PRICES = {
    DEAR: PriceSettings(input=2_500_000, output=10_000_000),
    CHEAP: PriceSettings(input=250_000, output=1_000_000),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two hubs."""

    p50_s: float
    p95_s: float
    p99_s: float
    mean_s: float
    booked_usd: float
    if_all_billed_usd: float
    hedges: int
    heard: int
    """Hedges whose answer was the turn's."""


def _settings(home: Path, place: Tailed, *, hedge: bool) -> Settings:
    key = Credential(value=SecretStr("sk-measured"), source="the benchmark")
    provider = ProviderSettings(
        name=_PROVIDER, kind="compatible", base_url=place.url, key=key, models=(DEAR, CHEAP)
    )
    return settings_in(
        home,
        router=RouterSettings(strategy="adaptive"),
        providers={_PROVIDER: provider},
        agents=(AgentSettings(name=_AGENT, role="Answers", hedge=hedge),),
        prices=_PRICES,
    )


async def _ask(hub: Hub, number: int, model: str | None = None) -> tuple[float, str]:
    """Ask a question; return the seconds that it took, and the answer's id."""
    began = time.monotonic()
    ask = Ask(f"Question {number}: why?", Mode.MESSAGE, agents=(_AGENT,), model=model)
    answer = await hub.ask(ask)
    return time.monotonic() - began, answer.messages[0].id


async def _teach(hub: Hub) -> None:
    """Let the router see how quick the dear model is, and that it is the better one."""
    for number in range(_FIRST):
        for model in (DEAR, CHEAP)[: 2 if number < _MARKED else 1]:
            _, message = await _ask(hub, 1_000_000 + number, model)
            if number < _MARKED:
                await hub.mark(message, right=model == DEAR)


_EACH = {DEAR: 120 * 2.5 + 100 * 10.0, CHEAP: 120 * 0.25 + 100 * 1.0}
"""Micro-dollars of an answer, as the provider counts."""


async def _side(hub: Hub, took: list[float], since: int, asked: dict[str, int]) -> Side:
    """Return what one hub's turns came to.

    Args:
        hub: Whose.
        took: Seconds of each turn.
        since: UTC microseconds before the first of them.
        asked: Requests that its provider got for them, by model.
    """
    calls = await hub.calls(since=since)
    hedges = [call for call in calls if call.strategy == HEDGE]
    took = sorted(took)
    return Side(
        p50_s=round(statistics.median(took), 4),
        p95_s=round(took[int(0.95 * len(took))], 4),
        p99_s=round(took[int(0.99 * len(took))], 4),
        mean_s=round(statistics.fmean(took), 4),
        booked_usd=round(sum(call.cost or 0 for call in calls) / 1e6, 6),
        if_all_billed_usd=round(sum(_EACH[name] * n for name, n in asked.items()) / 1e6, 6),
        hedges=len(hedges),
        heard=sum(call.ok for call in hedges),
    )


async def measure(turns: int, tail: float) -> dict[str, Side]:
    """Return what both came to: `off` and `on`."""
    sides: dict[str, Side] = {}
    async with AsyncExitStack() as stack:
        places = {name: stack.enter_context(tailed(tail)) for name in _SIDES}
        hubs: dict[str, Hub] = {}
        for name, place in places.items():
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = _settings(home, place, hedge=name == "on")
            hubs[name] = await stack.enter_async_context(open_hub(settings))
            await _teach(hubs[name])
        took: dict[str, list[float]] = {name: [] for name in hubs}
        since = time.time_ns() // 1_000
        for number in range(turns):
            for name in _SIDES if number % 2 else reversed(_SIDES):
                seconds, _ = await _ask(hubs[name], number)
                took[name].append(seconds)
        for name, hub in hubs.items():
            asked = places[name].asked()
            asked[DEAR] -= _FIRST
            asked[CHEAP] -= _MARKED
            sides[name] = await _side(hub, took[name], since, asked)
    return sides


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hedging", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    parser.add_argument("--turns", type=int, default=400, help="turns of each hub")
    parser.add_argument("--tail", type=float, default=0.1, help="share of the slow answers")
    arguments = parser.parse_args()
    sides = asyncio.run(measure(arguments.turns, arguments.tail))
    off, on = sides["off"], sides["on"]
    found = {
        "turns": arguments.turns,
        "tail": arguments.tail,
        **{name: asdict(side) for name, side in sides.items()},
        "hedged_share": round(on.hedges / arguments.turns, 4),
        "extra_cost_share": round(on.booked_usd / off.booked_usd - 1, 4),
        "extra_cost_share_if_all_billed": round(
            on.if_all_billed_usd / off.if_all_billed_usd - 1, 4
        ),
    }
    if arguments.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:32}{value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
