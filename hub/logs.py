"""The hub's own logs: what each call used and cost, why each turn went where it went, who spoke.

`openai_usage.jsonl`, `grok_usage.jsonl` and so on, and `routing_decisions.jsonl`: one JSON object a
line. `openai_healthcheck.log` and so on, `collaboration.log` and `visualizer.log`: a line of facts
each. Times are UTC. They hold figures and names, never what was asked or answered. They follow the
bus, so what is in them was committed before.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from hub.bus import Bus
from hub.domain.event import (
    BallotMissing,
    DecisionClosed,
    DecisionOpened,
    Event,
    HealthChecked,
    HedgeSent,
    MessagePosted,
    PictureDrawn,
    RoundStarted,
    RouteChosen,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.route import Health, Route
from hub.domain.text import one_line
from hub.domain.usage import Booking
from hub.exports.choice import choice_json
from hub.exports.shapes import Json, money_json, time_json
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
                lines[name].append(self._line_of(name, self._cleaned(fields)))
            for name, texts in lines.items():
                await asyncio.to_thread(LogFile(self._folder / name).append, *texts)

    def _entry(self, event: Event) -> tuple[str, Json] | None:
        """Return the log that an event belongs to, and its line; None: to none."""
        match event:
            case UsageRecorded(booking):
                return f"{_file(booking.provider)}_usage.jsonl", usage(booking)
            case RouteChosen(thread_id, route) | HedgeSent(thread_id, route):
                now = time_json(self._clock.now())
                line = {"time": now, "thread": thread_id, **decision(route)}
                return "routing_decisions.jsonl", line
            case HealthChecked(health, state):
                name = f"{_file(health.provider)}_healthcheck.log"
                return name, self._told(health.provider, "checked", checked(health, state))
            case PictureDrawn(subject, kind, format_, size, seconds):
                facts = {"of": subject, "format": format_, "bytes": size, "seconds": seconds}
                return "visualizer.log", self._told("visualizer", kind, facts)
            case _:
                name, facts = spoken(event)
                return ("collaboration.log", self._told("hub", name, facts)) if name else None

    def _told(self, component: str, event: str, facts: Json) -> Json:
        now = time_json(self._clock.now())
        return {"time": now, "component": component, "event": event, **facts}

    @staticmethod
    def _line_of(name: str, fields: Any) -> str:
        """Return a line of JSON, or of facts where the file is one for people."""
        if name.endswith(".jsonl"):
            return json.dumps(fields)
        time, *facts = ((key, value) for key, value in fields.items() if value not in (None, ""))
        return " ".join((time[1], *(f"{key}={fact(value)}" for key, value in facts)))

    def _cleaned(self, value: object) -> object:
        if isinstance(value, str):
            return self._clean(value)
        if isinstance(value, dict):
            return {name: self._cleaned(inner) for name, inner in value.items()}
        return [self._cleaned(inner) for inner in value] if isinstance(value, list) else value


def checked(health: Health, state: str) -> Json:
    """Return the facts of a health check."""
    return {
        "state": state,
        "latency_s": health.latency_s,
        "tries": health.tries,
        "models": len(health.models) or None,
        "said": health.error,
    }


def spoken(event: Event) -> tuple[str, Json]:  # noqa: PLR0911  a table of events
    """Return an event of collaboration in one word with its facts; an empty word for all others."""
    match event:
        case MessagePosted(m):
            facts = {"thread": m.thread_id, "seq": m.seq, "author": m.author, "kind": m.kind.value}
            return "posted", {**facts, "message": m.id, "reply_to": m.reply_to}
        case RoundStarted(thread, number, rounds, purpose, agents):
            of = f"{number}/{rounds}"
            return "round", {"thread": thread, "round": of, "for": purpose, "of": ",".join(agents)}
        case DecisionOpened(d):
            voters = ",".join(d.proposal.eligible)
            return "opened", {"thread": d.thread_id, "decision": d.id, "voters": voters}
        case DecisionClosed(d) if d.tally is not None:
            facts = {"outcome": d.tally.verdict.value, "rule": d.tally.rule.value}
            votes = f"{d.tally.cast}/{d.tally.eligible}"
            return "closed", {"thread": d.thread_id, "decision": d.id, **facts, "votes": votes}
        case BallotMissing(thread, decision, voter, reason):
            facts = {"thread": thread, "decision": decision, "voter": voter, "said": reason}
            return "absent", facts
        case TurnFailed(turn, error):
            return "failed", {"thread": turn.thread_id, "agent": turn.order.agent, "said": error}
        case _:
            return "", {}


def fact(value: object) -> str:
    """Return a value for a line of facts: bare where it is one word, else quoted."""
    if isinstance(value, float):
        return f"{value:.3f}"
    text = one_line(str(value), 400)
    return text if re.fullmatch(r"[\w.:/+,-]+", text) else json.dumps(text)


def _file(provider: str) -> str:
    return re.sub(r"[^\w-]+", "_", provider)


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
        **choice_json(route),
        "cost_usd": money_json(chosen.cost),
        "latency_s": chosen.latency_s,
        "tokens": route.prompt_tokens,
    }
