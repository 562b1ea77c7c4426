"""Replay recorded exchanges through the clients, and compare with what the official SDK reads.

`python -m benchmarks.replay FILE [--json]`, for any file of the format of the recorded corpus. A
server on loopback speaks each row's very bytes four times: whole, one byte at a time, cut at random
points, and broken off at a random place, which must never pass for an answer. An exchange counts as
equal or deliberate if it is so each time. Costs are computed from tokens, prices and fees alone and
compared with the ticks that xAI says it billed, to the tick.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from typing_extensions import override

from agents.client import ProviderAgent
from agents.compatible import CompatibleAgent
from agents.grok import GrokAgent
from agents.openai import OpenAIAgent
from benchmarks.recorded import (
    Row,
    differences,
    headers_of,
    lists_models,
    reason_for,
    rows,
    speaks_responses,
)
from hub.config import Credential, NetworkSettings, ProviderSettings, load
from hub.domain.agent import Persona
from hub.domain.ids import ThreadId, TurnId
from hub.domain.route import Health
from hub.domain.turn import Part, PartRole, Purpose, Reply, View
from hub.errors import ProviderError
from hub.ledger.prices import ConfiguredPrices
from tests.agents.calls import HastyClock
from tests.faults.http import Answer, Connection, HttpServer

MODES = ("whole", "bytes", "cut", "broken")
_BYTEWISE = 4_000
"""Of longer bodies this much at either end goes byte by byte, the middle in one piece."""
_PIECES = 40
_TICK_PER_PICO = 100
_AGENTS = {"openai": OpenAIAgent, "xai": GrokAgent}
_KINDS = {"openai": "openai", "xai": "grok"}


class Recording(HttpServer):
    """Speaks one recorded answer to whatever it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.plays: Answer | None = None

    @override
    async def answer(self, connection: Connection) -> None:
        """Play it."""
        if self.plays is not None:
            await self.plays(connection)


def pieces(body: bytes, mode: str, seed: str) -> list[bytes]:
    """Cut a body as a mode wants it; never an empty piece.

    Args:
        body: As recorded.
        mode: One of `MODES`.
        seed: Decides on the places.
    """
    draw = random.Random(seed)  # noqa: S311  a replay, not a secret
    if mode == "broken":
        return [body[: draw.randrange(len(body))]] if body else []
    if mode == "cut":
        places = sorted(draw.choices(range(len(body) + 1), k=min(_PIECES, len(body))))
        cuts = [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]
        return [piece for piece in cuts if piece]
    if mode == "bytes":
        head, tail = body[:_BYTEWISE], body[_BYTEWISE:]
        middle, end = tail[:-_BYTEWISE], tail[-_BYTEWISE:]
        single = [[part[i : i + 1] for i in range(len(part))] for part in (head, end)]
        return [*single[0], *([middle] if middle else []), *single[1]]
    return [body] if body else []


def playing(row: Row, mode: str) -> Answer:
    """Return the script that speaks a row; a broken one promises more than it sends."""
    cut = pieces(row["response_body_raw"].encode(), mode, row["id"])

    async def play(connection: Connection) -> None:
        frame = {"transfer-encoding": "chunked"}
        await connection.head(row["status"], {**headers_of(row), **frame})
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in cut]
        await connection.write(b"".join(chunks) if mode == "bytes" else b"")
        for chunk in chunks if mode != "bytes" else []:
            await connection.write(chunk)
        if mode == "broken":
            connection.writer.close()
        else:
            await connection.write(b"0\r\n\r\n")

    return play


@dataclass(slots=True)
class Clients:
    """One client for each provider and protocol, kept open for all exchanges."""

    url: str
    made: dict[tuple[str, str], ProviderAgent] = field(default_factory=dict)

    def of(self, row: Row) -> ProviderAgent:
        """Return the client for an exchange."""
        api = "responses" if speaks_responses(row) else "chat"
        provider = row["provider"]
        if (provider, api) not in self.made:
            key = Credential(value=SecretStr("sk-replayed"), source="the benchmark")
            kind: Any = _KINDS.get(provider, "compatible")
            mine = ProviderSettings(name=kind, kind=kind, base_url=self.url, key=key, api=api)
            agent = _AGENTS.get(provider, CompatibleAgent)
            self.made[provider, api] = agent(mine, NetworkSettings(), HastyClock())
        return self.made[provider, api]

    async def close(self) -> None:
        """Close all."""
        for agent in self.made.values():
            await agent.close()


@dataclass(slots=True)
class Report:
    """What came of all exchanges."""

    exchanges: int = 0
    equal: int = 0
    deliberate: int = 0
    different: list[str] = field(default_factory=list)
    outside_tree: list[str] = field(default_factory=list)
    cost_checked: int = 0
    cost_equal: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unequal_costs: list[str] = field(default_factory=list)

    def as_json(self) -> Mapping[str, object]:
        """Return the figures by their documented names."""
        return {
            "exchanges": self.exchanges,
            "equal": self.equal,
            "deliberate": self.deliberate,
            "different": self.different,
            "outside_tree": len(self.outside_tree),
            "cost_checked": self.cost_checked,
            "cost_equal": self.cost_equal,
        }

    def as_text(self) -> str:
        """Return everything that was found, for a person."""
        lines = [f"{name:14}{value}" for name, value in self.as_json().items()]
        lines += [f"  {count:5}  {reason}" for reason, count in self.reasons.most_common()]
        lines += [f"outside the tree: {found}" for found in self.outside_tree]
        lines += [f"cost: {found}" for found in self.unequal_costs]
        return "\n".join(lines)


class Replay:
    """Plays rows in some modes and keeps the report."""

    def __init__(self, modes: Iterable[str] = MODES) -> None:
        """Play nothing yet."""
        self.report = Report()
        self._modes = tuple(modes)
        self._prices = ConfiguredPrices(_official_settings())

    async def run(self, exchanges: Iterable[Row]) -> Report:
        """Play every exchange."""
        async with Recording() as server:
            clients = Clients(server.url)
            try:
                for row in exchanges:
                    await self._play(row, clients, server)
            finally:
                await clients.close()
        return self.report

    async def _play(self, row: Row, clients: Clients, server: Recording) -> None:
        found: dict[str, str | None] = {}
        whole: object = None
        for mode in self._modes:
            server.plays = playing(row, mode)
            result = await _outcome(clients.of(row), row)
            if mode != "broken":
                whole = whole or result
                found |= self._judged(row, mode, result)
            elif isinstance(result, Reply) and _shortened(result, whole):
                found[f"{mode}: passed for an answer"] = None
            elif not isinstance(result, Reply | ProviderError | Health):
                self.report.outside_tree.append(f"{row['id']} ({mode}): {result!r}")
        self._count(row, found)
        if isinstance(whole, Reply):
            self._check_cost(row, whole)

    def _judged(self, row: Row, mode: str, result: object) -> dict[str, str | None]:
        """Return what differs, with the reason where there is one."""
        if isinstance(result, Health):
            return {}
        if not isinstance(result, Reply | ProviderError):
            self.report.outside_tree.append(f"{row['id']} ({mode}): {result!r}")
            return {}
        return {
            f"{mode}: {name}": reason_for(row, name, result) for name in differences(row, result)
        }

    def _count(self, row: Row, found: Mapping[str, str | None]) -> None:
        report = self.report
        report.exchanges += 1
        if None in found.values():
            what = ", ".join(sorted(f for f, reason in found.items() if reason is None))
            report.different.append(row["id"])
            report.reasons[f"UNEXPLAINED {row['id']}: {what}"] += 1
        elif found:
            report.deliberate += 1
            report.reasons.update({reason for reason in found.values() if reason})
        else:
            report.equal += 1

    def _check_cost(self, row: Row, reply: Reply) -> None:
        """Compare the cost of tokens and fees with the ticks, to the tick."""
        ticks = ((row["official_sdk"] or {}).get("usage") or {}).get("ticks")
        if ticks is None:
            return
        self.report.cost_checked += 1
        price = self._prices.price("grok", reply.model)
        usage = reply.usage
        if price is None or usage.fees is None:
            self.report.unequal_costs.append(f"{row['id']}: no price for {reply.model}")
            return
        fresh, cached, output = price.rates(usage.prompt_tokens)
        hits = usage.cached_tokens
        pico = fresh * (usage.prompt_tokens - hits) + cached * hits
        pico += output * usage.completion_tokens + 1_000_000 * usage.fees
        if pico == ticks * _TICK_PER_PICO:
            self.report.cost_equal += 1
        else:
            self.report.unequal_costs.append(f"{row['id']}: {pico / 1e12} not {ticks / 1e10} USD")


def _official_settings() -> Any:
    """Return settings under which xAI has its own address, whatever the person configured."""
    settings = load(folder=Path("/nonexistent"))
    grok = settings.providers["grok"].model_copy(update={"base_url": "https://api.x.ai/v1"})
    return settings.model_copy(update={"providers": {"grok": grok}, "prices": {}})


def _shortened(result: Reply, whole: object) -> bool:
    """Tell whether a broken body passed for less than the whole one."""
    return not isinstance(whole, Reply) or (result.text, result.tool_calls) != (
        whole.text,
        whole.tool_calls,
    )


async def _outcome(agent: ProviderAgent, row: Row) -> object:
    """Return what the client makes of an exchange, exceptions of any kind included."""
    request = row["request"] if isinstance(row["request"], Mapping) else {}
    seen: list[str] = []
    try:
        if lists_models(row):
            return await agent.health()
        reply = await agent.reply(_view(str(request.get("model") or "gpt-4o")), seen.append)
    except ProviderError as error:
        return error
    except Exception as error:  # noqa: BLE001  to count these is the point
        return error
    if "".join(seen) != reply.text:
        return AssertionError("what was shown is not what was kept")
    return reply


def _view(model: str) -> View:
    persona = Persona("ada", "critic", "Be brief.")
    parts = (Part(PartRole.USER, "As recorded."),)
    return View(TurnId("t1"), ThreadId("th1"), persona, Purpose.REPLY, parts, 12, model)


def main() -> int:
    """Run and print; 1 where something differs without a reason or left the tree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("file", type=Path, help="recorded exchanges, .jsonl or .jsonl.gz")
    parser.add_argument("--json", action="store_true", help="print the figures alone, as JSON")
    parser.add_argument("--mode", action="append", choices=MODES, help="only this one; repeatable")
    arguments = parser.parse_args()
    try:
        report = asyncio.run(Replay(arguments.mode or MODES).run(rows(arguments.file)))
    except (OSError, ValueError, KeyError) as error:
        print(f"{arguments.file} cannot be replayed: {error}.", file=sys.stderr)
        return 2
    print(json.dumps(report.as_json()) if arguments.json else report.as_text())
    return 1 if report.different or report.outside_tree else 0


if __name__ == "__main__":
    sys.exit(main())
