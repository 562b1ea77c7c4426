"""Events as JSON objects, one a line, for `ask --events jsonl`.

Each has `event`, its kind in snake case; values have the shapes of `hub.exports.shapes`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

from hub.domain.event import (
    BallotCast,
    BallotMissing,
    DecisionClosed,
    DecisionOpened,
    Delta,
    Event,
    HedgeEnded,
    HedgeSent,
    Lagged,
    MessagePosted,
    Notice,
    RoundStarted,
    RouteChosen,
    ThreadChanged,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.ids import ThreadId
from hub.exports.shapes import (
    Json,
    ballot_json,
    decision_json,
    message_json,
    money_json,
    route_json,
    tally_json,
)
from ui.cli.console import Console


def event_writer(thread: ThreadId, console: Console) -> Callable[[Event], None]:
    """Return what writes each event of one thread to stdout."""
    writer = _Writer(thread, console)
    return writer.write


class _Writer:
    def __init__(self, thread: ThreadId, console: Console) -> None:
        self._thread = thread
        self._console = console
        self._opened: DecisionOpened | None = None

    def write(self, event: Event) -> None:
        if isinstance(event, DecisionOpened) and event.decision.thread_id == self._thread:
            self._opened = event
        shape = self._ballot(event) if isinstance(event, BallotCast) else event_json(event)
        if shape and shape.pop("thread", None) in (None, self._thread):
            self._console.json({"event": event_name(event), **shape}, indent=None)

    def _ballot(self, event: BallotCast) -> Json:
        """A ballot names its option by text, which only the decision knows."""
        if self._opened is None or self._opened.decision.id != event.decision_id:
            return {}
        proposal = self._opened.decision.proposal
        return {
            "decision": event.decision_id,
            "ballot": ballot_json(event.ballot, proposal),
            "tally": tally_json(event.tally, proposal),
        }


def event_name(event: Event) -> str:
    """Return the kind of an event in snake case: `message_posted`."""
    name = type(event).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")


@singledispatch
def event_json(_: object) -> Json:
    """Return what an event says, with `thread` where it belongs to one; nothing for the others."""
    return {}


@event_json.register
def _(event: ThreadChanged) -> Json:
    return {"thread": event.thread.id, "title": event.thread.title}


@event_json.register
def _(event: MessagePosted) -> Json:
    return {"thread": event.message.thread_id, "message": message_json(event.message, None)}


@event_json.register
def _(event: TurnChanged) -> Json:
    turn = event.turn
    facts = {"turn": turn.id, "agent": turn.order.agent, "purpose": turn.order.purpose.value}
    return {"thread": turn.thread_id, **facts, "state": turn.state.value}


@event_json.register
def _(event: RouteChosen) -> Json:
    return {"thread": event.thread_id, "route": route_json(event.route)}


@event_json.register
def _(event: HedgeSent) -> Json:
    route = route_json(event.route)
    return {"thread": event.thread_id, "route": route, "waited_s": round(event.waited_s, 3)}


@event_json.register
def _(event: HedgeEnded) -> Json:
    route = event.route
    facts = {"turn": route.turn_id, "agent": route.agent, "goes_on": route.deployment.id}
    return {"thread": event.thread_id, **facts, "stopped": event.stopped, "failed": event.failed}


@event_json.register
def _(event: Delta) -> Json:
    facts = {"turn": event.turn_id, "agent": event.agent, "text": event.text}
    return {"thread": event.thread_id, **facts}


@event_json.register
def _(event: TurnFailed) -> Json:
    turn = event.turn
    facts = {"turn": turn.id, "agent": turn.order.agent, "error": event.error}
    return {"thread": turn.thread_id, **facts}


@event_json.register
def _(event: UsageRecorded) -> Json:
    booked = event.booking
    return {
        "thread": booked.thread_id,
        "call": booked.call_id,
        "agent": booked.agent,
        "provider": booked.provider,
        "model": booked.model,
        "prompt_tokens": booked.usage.prompt_tokens,
        "completion_tokens": booked.usage.completion_tokens,
        "cost_usd": money_json(booked.cost.total),
    }


@event_json.register
def _(event: RoundStarted) -> Json:
    facts = {"round": event.round, "rounds": event.rounds, "purpose": event.purpose}
    return {"thread": event.thread_id, **facts, "agents": list(event.agents)}


@event_json.register
def _(event: DecisionOpened) -> Json:
    return {"thread": event.decision.thread_id, "decision": decision_json(event.decision)}


@event_json.register
def _(event: DecisionClosed) -> Json:
    return {"thread": event.decision.thread_id, "decision": decision_json(event.decision)}


@event_json.register
def _(event: BallotMissing) -> Json:
    facts = {"decision": event.decision_id, "voter": event.voter, "reason": event.reason}
    return {"thread": event.thread_id, **facts}


@event_json.register
def _(event: Notice) -> Json:
    return {"thread": event.thread_id, "severity": event.severity, "text": event.text}


@event_json.register
def _(event: Lagged) -> Json:
    return {"missed": event.missed}
