"""How a turn ended."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.decision import Ballot
from hub.domain.query import Outcome
from hub.domain.route import Route
from hub.domain.thread import Message, Thread
from hub.domain.transcript import TurnSummary
from hub.domain.turn import Call, Turn
from hub.domain.usage import Booking, UsageRow
from hub.errors import GitBridgeError, TurnError


@dataclass(frozen=True, slots=True)
class OnlyCall:
    """The one call that a turn needed, as the journal has it."""

    call: Call
    route: Route
    booking: Booking


@dataclass(frozen=True, slots=True)
class Finished:
    """How a turn ended, for whoever waits for it."""

    turn: Turn
    message: Message | None = None
    ballot: Ballot | None = None
    error: GitBridgeError | None = None
    only: OnlyCall | None = None
    """Given where it ended well and nothing else was ever called for it."""


def outcome(thread: Thread, finished: Finished, only: OnlyCall) -> Outcome:
    """Return what came of a question that one call answered, as `OutcomeOf` reads it."""
    turn, call, booking = finished.turn, only.call, only.booking
    usage, cost = booking.usage, booking.cost
    summary = TurnSummary(
        id=turn.id,
        agent=turn.order.agent,
        state=turn.state,
        provider=call.provider,
        model=booking.model,
        cost=cost.total,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        latency_s=((call.ended_at or 0) - call.started_at) / 1e6,
        route=only.route,
    )
    total = UsageRow(
        "total",
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cached_tokens=usage.cached_tokens,
        prompt_cost=cost.prompt or 0,
        completion_cost=cost.completion or 0,
        cost=cost.total or 0,
        unknown_cost_calls=int(cost.total is None),
        calls=1,
    )
    posted = (finished.message,) if finished.message else ()
    return Outcome(thread, posted, (summary,), total)


def broken_off(turn: Turn, error: Exception) -> TurnError:
    """Return what the person reads of a defect, whose own words may hold anything."""
    what = type(error).__name__
    return TurnError(f"The turn of {turn.order.agent} broke off with {what}: please report it.")
