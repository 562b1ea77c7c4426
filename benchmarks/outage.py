"""A provider dies, slows tenfold, rate-limits or runs out of quota: what becomes of the turns.

`python -m benchmarks.outage [--json] [--before S --ill S --after S]`. Two providers on loopback
(`benchmarks.ailing`): the first answers in 50 ms and falls ill for a while, the second needs 250 ms
and stays well. Ours is a whole hub with its journal, by `performance_optimized`; beside it, under the
same script at the same time with providers of its own, runs LiteLLM's Router by latency with its
defaults, in an environment of its own. Turns begin at a steady pace, whatever becomes of them.

Printed for each: share of turns that failed; share of the requests that the first got before it fell
ill, without which the rest means nothing; seconds after the onset until the ill provider gets less
than a tenth of the requests for a second, and after its end until it gets most of them again (None:
not within the time measured; money that is out is believed for 15 minutes); requests that it got
while ill; the 95th percentile of a turn then. Exits with 1 where a turn of ours failed.
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
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import SecretStr

from benchmarks.ailing import ILL, ILLNESSES, WELL, Ward, ward
from benchmarks.environments import python_of
from benchmarks.peers.rounds import MODEL, QUESTION
from benchmarks.settings import settings_in
from hub.config import Credential, ProviderSettings, RouterSettings, Settings
from hub.domain.ask import Ask, Mode
from hub.errors import GitBridgeError
from hub.hub import Hub
from hub.settings import PERSONAS
from ui.wiring import open_hub

_EVERY_S = 0.1
_WINDOW_S = 1.0
_AWAY, _BACK = 0.1, 0.5
_QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOG": "CRITICAL",
    "PYTHONWARNINGS": "ignore",
}
Turn = tuple[float, float, bool]
"""When it began, the seconds it took, and whether it was answered."""


@dataclass(frozen=True, slots=True)
class Phases:
    """Seconds of health, illness and health again."""

    before: float
    ill: float
    after: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.before + self.ill + self.after


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an illness did to the turns of one router."""

    turns: int
    failed: int
    failed_share: float
    share_before: float
    away_s: float | None
    back_s: float | None
    requests_while_ill: int
    p95_while_ill_s: float


def outcome(turns: Sequence[Turn], asked: dict[str, list[float]], began: float, phases: Phases) -> Outcome:  # fmt: skip
    """Return what turns and requests came to.

    Args:
        turns: All of them.
        asked: When each provider was asked.
        began: When the first turn began, on the same clock.
        phases: How long each phase took.
    """
    onset, end = began + phases.before, began + phases.before + phases.ill
    failed = sum(not ok for _, _, ok in turns)
    took = sorted(seconds for at, seconds, _ in turns if onset <= at < end)
    over = began + phases.total
    return Outcome(
        turns=len(turns),
        failed=failed,
        failed_share=round(failed / len(turns), 4),
        share_before=round(_share(asked, began, onset) or 0.0, 3),
        away_s=_first(asked, onset, end, lambda share: share < _AWAY),
        back_s=_first(asked, end, over, lambda share: share > _BACK),
        requests_while_ill=sum(onset <= at < end for at in asked[ILL]),
        p95_while_ill_s=round(took[int(0.95 * len(took))], 3),
    )


def _first(asked: dict[str, list[float]], since: float, until: float, wanted: object) -> float | None:  # fmt: skip
    """Return the seconds after `since` at which a window begins whose share is as wanted."""
    assert callable(wanted)  # noqa: S101  for the types
    step = _WINDOW_S / 10
    for number in range(int((until - since - _WINDOW_S) / step) + 1):
        start = since + number * step
        share = _share(asked, start, start + _WINDOW_S)
        if share is not None and wanted(share):
            return round(start - since, 1)
    return None


def _share(asked: dict[str, list[float]], since: float, until: float) -> float | None:
    """Return the share of requests that the first provider got in a span; None: there were none."""
    ill, well = (sum(since <= at < until for at in asked[name]) for name in (ILL, WELL))
    return ill / (ill + well) if ill + well else None


def _settings(home: Path, place: Ward) -> Settings:
    key = Credential(value=SecretStr("sk-measured"), source="the benchmark")
    providers = {
        name: ProviderSettings(
            name=name, kind="compatible", base_url=place.url(name), key=key, models=(MODEL,), stream=False
        )
        for name in (ILL, WELL)
    }  # fmt: skip
    return settings_in(
        home,
        router=RouterSettings(strategy="performance_optimized"),
        providers=providers,
        agents=PERSONAS,
    )


async def _turn(hub: Hub, found: list[Turn]) -> None:
    began = time.monotonic()
    try:
        answer = await hub.ask(Ask(QUESTION, Mode.MESSAGE, agents=(PERSONAS[0].name,)))
        ok = bool(answer.messages)
    except GitBridgeError as error:
        print(f"  failed: {error}", file=sys.stderr)
        ok = False
    found.append((began, time.monotonic() - began, ok))


async def _at_a_pace(hub: Hub, seconds: float) -> list[Turn]:
    found: list[Turn] = []
    began, number = time.monotonic(), 0
    async with asyncio.TaskGroup() as group:
        while number * _EVERY_S < seconds:
            group.create_task(_turn(hub, found))
            number += 1
            await asyncio.sleep(max(0.0, began + number * _EVERY_S - time.monotonic()))
    return found


async def _fall_ill(places: Sequence[Ward], illness: str, phases: Phases) -> None:
    await asyncio.sleep(phases.before)
    for place in places:
        place.tell(illness)
    await asyncio.sleep(phases.ill)
    for place in places:
        place.tell("well")


class _LiteLLM:
    """The peer's program."""

    def __init__(self, place: Ward, seconds: float) -> None:
        program = Path(__file__).with_name("peers") / "outages_of_litellm.py"
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [python_of("litellm"), program],
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **_QUIET},
        )
        self.tell(json.dumps([seconds, _EVERY_S, place.url(ILL), place.url(WELL)]))
        self.line()

    def tell(self, text: str = "") -> None:
        """Write a line to it."""
        assert self.process.stdin is not None  # noqa: S101  a pipe was asked for
        self.process.stdin.write(f"{text}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Return its next line."""
        assert self.process.stdout is not None  # noqa: S101  as above
        return self.process.stdout.readline()


async def measure(illness: str, phases: Phases) -> dict[str, Outcome]:
    """Return what one illness did to both."""
    with ward() as ours, ward() as theirs, tempfile.TemporaryDirectory() as folder:
        peer = _LiteLLM(theirs, phases.total)
        try:
            async with open_hub(_settings(Path(folder), ours)) as hub:
                for name in (ILL, WELL) * 3:  # both are known, and their lines open
                    await hub.ask(Ask(QUESTION, agents=(PERSONAS[0].name,), provider=name))
                peer.tell()
                began = time.monotonic()
                script = asyncio.create_task(_fall_ill((ours, theirs), illness, phases))
                turns = await _at_a_pace(hub, phases.total)
                await script
            of_peer = [
                (at, took, ok) for at, took, ok in json.loads(await asyncio.to_thread(peer.line))
            ]
        finally:
            peer.process.kill()
            peer.process.communicate()
        return {
            "ours": outcome(turns, ours.report(), began, phases),
            "litellm": outcome(of_peer, theirs.report(), began, phases),
        }


def main() -> int:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outage", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    parser.add_argument("--before", type=float, default=15.0, help="seconds of health at first")
    parser.add_argument("--ill", type=float, default=20.0, help="seconds of illness")
    parser.add_argument("--after", type=float, default=40.0, help="seconds of health after it")
    parser.add_argument("--only", choices=ILLNESSES, action="append", help="these alone")
    arguments = parser.parse_args()
    phases = Phases(arguments.before, arguments.ill, arguments.after)
    found = {}
    for illness in arguments.only or ILLNESSES:
        print(f"  {illness} ...", file=sys.stderr)
        both = asyncio.run(measure(illness, phases))
        found[illness] = {name: asdict(result) for name, result in both.items()}
    if arguments.json:
        print(json.dumps(found))
    else:
        for illness, both_of in found.items():
            for name, figures in both_of.items():
                print(f"{illness:8}{name:9}{figures}")
    return 1 if any(both_of["ours"]["failed"] for both_of in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
