"""What a person says afterwards of an answer or a decision, and what it teaches."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.ids import DecisionId, MessageId, TurnId
from hub.domain.turn import Purpose

ASKED_AGAIN = 0.3
"""Weight of an answer that the person had written anew without saying that it was wrong."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person says afterwards of an answer or a decision."""

    right: bool
    answer: str | None = None
    """Of a decision that was wrong: the right option's id, or the right answer's text where it was
    no option; None: not known."""
    weight: float = 1.0
    """0..1: 1 where the person said so, `ASKED_AGAIN` where it only looks so."""


@dataclass(frozen=True, slots=True)
class Marked:
    """One mark as the journal keeps it; the newest of a message or a decision counts."""

    n: int
    """Grows with each mark, over all threads."""
    about: MessageId | DecisionId
    mark: Mark
    marked_at: int
    """UTC microseconds."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a mark says of one turn's answer: what the router learns quality from."""

    n: int
    """Of the mark."""
    turn_id: TurnId
    deployment: str
    """Id of the one that answered."""
    text: str
    """The newest text that it answered."""
    purpose: Purpose
    quality: float
    """0..1: wrong, right, or between."""
    weight: float
    replaces: tuple[float, float] | None = None
    """Quality and weight that an earlier mark of the same answer has taught; None: there is none."""
