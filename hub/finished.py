"""How a turn ended."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.decision import Ballot
from hub.domain.thread import Message
from hub.domain.turn import Turn
from hub.errors import GitBridgeError, TurnError


@dataclass(frozen=True, slots=True)
class Finished:
    """How a turn ended, for whoever waits for it."""

    turn: Turn
    message: Message | None = None
    ballot: Ballot | None = None
    error: GitBridgeError | None = None


def broken_off(turn: Turn, error: Exception) -> TurnError:
    """Return what the person reads of a defect, whose own words may hold anything."""
    what = type(error).__name__
    return TurnError(f"The turn of {turn.order.agent} broke off with {what}: please report it.")
