"""The hub's own logs: what each call used and cost, and why each turn went where it went.

`openai_usage.jsonl`, `grok_usage.jsonl` and so on, and `routing_decisions.jsonl`: one JSON object a
line, times in UTC. They hold figures and names, never what was asked or answered. They follow the bus,
so what is in them was committed before.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hub.bus import Bus
from hub.domain.event import Event, RouteChosen, UsageRecorded
from hub.domain.route import Route
from hub.domain.usage import Booking
from hub.exports.shapes import Json, money_json, route_json, time_json
from hub.log_file import LogFile
from hub.ports import Clock

PAUSE_S = 0.25
"""Seconds for which lines gather, so that writing them holds up no turn; the journal has it all."""
_WAITING = 100_000
"""Events that may wait for a slow disk."""


class Logs:
    """Writes the logs of one program while it runs."""

    def __init__(self, bus: Bus, folder: Path, clock: Clock, clean: Callable[[str], str]) -> None:
        """Listen from now on.

        Args:
            bus: What happened.
            folder: Where logs lie; made when the first line is written.
            clock: Dates decisions.
            clean: Takes everything key-shaped out of a text.
        """
        self._folder = folder
        self._clock = clock
        self._clean = clean
        self._ending = asyncio.Event()
        self._line = bus.subscribe(_WAITING)
        self._task = asyncio.create_task(self._run(), name="logs")

    async def close(self) -> None:
        """Write what is left, then stop."""
        self._ending.set()
        self._line.close()
        await self._task

    async def _run(self) -> None:
        async for event in self._line:
            if not self._ending.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), PAUSE_S)
            events = (event, *self._line.drain())
            lines: dict[str, list[str]] = defaultdict(list)
            for entry in filter(None, map(self._entry, events)):
                name, fields = entry
                lines[name].append(json.dumps(self._cleaned(fields)))
            for name, texts in lines.items():
                await asyncio.to_thread(LogFile(self._folder / name).append, *texts)

    def _entry(self, event: Event) -> tuple[str, Json] | None:
        """Return the log that an event belongs to, and its line; None: to none."""
        match event:
            case UsageRecorded(booking):
                provider = re.sub(r"[^\w-]+", "_", booking.provider)
                return f"{provider}_usage.jsonl", usage(booking)
            case RouteChosen(thread_id, route):
                now = time_json(self._clock.now())
                line = {"time": now, "thread": thread_id, **decision(route)}
                return "routing_decisions.jsonl", line
            case _:
                return None

    def _cleaned(self, value: object) -> object:
        if isinstance(value, str):
            return self._clean(value)
        if isinstance(value, dict):
            return {name: self._cleaned(inner) for name, inner in value.items()}
        return [self._cleaned(inner) for inner in value] if isinstance(value, list) else value


def usage(booking: Booking) -> Json:
    """Return the line of a call's tokens and cost, prompt and completion apart."""
    used, cost = booking.usage, booking.cost
    return {
        "time": time_json(booking.created_at),
        "provider": booking.provider,
        "model": booking.model,
        "agent": booking.agent,
        "thread": booking.thread_id,
        "call": booking.call_id,
        "prompt_length": booking.prompt_length,
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "total_tokens": used.prompt_tokens + used.completion_tokens,
        "cached_tokens": used.cached_tokens,
        "reasoning_tokens": used.reasoning_tokens,
        "estimated": used.estimated,
        "prompt_cost_usd": money_json(cost.prompt),
        "completion_cost_usd": money_json(cost.completion),
        "cost_usd": money_json(cost.total),
    }


def decision(route: Route) -> Json:
    """Return the line of a choice: what was predicted of it, and everything that stood for election."""
    chosen = route.chosen
    return {
        **route_json(route),
        "weights": dict(route.weights),
        "fallback": route.fallback,
        "confidence": round(route.confidence, 4),
        "cost_usd": money_json(chosen.cost),
        "latency_s": chosen.latency_s,
        "tokens": route.prompt_tokens,
    }
