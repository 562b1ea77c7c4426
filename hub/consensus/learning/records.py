"""How often each agent was right, by category and by how sure it said it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from math import log

from hub.consensus.learning.calibration import Calibration, Recorded, Voted
from hub.domain.decision import Seat
from hub.domain.ids import seeded

BINS = 10
_UNSTATED = BINS
_CATEGORY_PRIOR = 50
_BIN_PRIOR = 10
_KEPT = 10
"""Marks that an agent keeps when another model answers for it."""


@dataclass(slots=True)
class Record:
    """Marks of one agent on one deployment; faded, so not whole numbers."""

    right: float = 0.0
    marked: float = 0.0
    ballots: float = 0.0
    """The same without fading."""
    parts: dict[str | int, tuple[float, float]] = field(default_factory=dict)
    """(right, marked) by category, and by tenth of stated confidence."""

    def add(self, other: Record, share: float = 1.0) -> None:
        """Add a share of what another record holds."""
        self.right += other.right * share
        self.marked += other.marked * share
        self.ballots += other.ballots * share
        for key, (right, marked) in other.parts.items():
            self.note(key, right * share, marked * share)

    def note(self, key: str | int, right: float, marked: float) -> None:
        """Add to a part."""
        before = self.parts.get(key, (0.0, 0.0))
        self.parts[key] = (before[0] + right, before[1] + marked)

    def accuracy(self, category: str = "") -> float:
        """Return the chance of being right in a category, 0..1, drawn towards that over all.

        Source: (right_c + 50 p0)/(n_c + 50) with p0 = (right + 1)/(n + 2); CONSENSUS: rules.
        """
        overall = (self.right + 1) / (self.marked + 2)
        if not category:
            return overall
        right, marked = self.parts.get(category, (0.0, 0.0))
        return (right + _CATEGORY_PRIOR * overall) / (marked + _CATEGORY_PRIOR)

    def when_sure(self, confidence: float | None) -> float:
        """Return the chance of being right when it is as sure as that, 0..1."""
        right, marked = self.parts.get(tenth(confidence), (0.0, 0.0))
        return (right + _BIN_PRIOR * self.accuracy()) / (marked + _BIN_PRIOR)


def tenth(value: float | None) -> int:
    """Return the bin of a share, 0..9; `None` has one of its own."""
    return _UNSTATED if value is None else min(BINS - 1, int(value * BINS))


GRADES = 11


def grade(strength: float) -> int:
    """Return the bin of a strength, 0..10: unanimity has one of its own."""
    return min(GRADES - 1, int(strength * (GRADES - 1) + 1e-9))


def log_odds(p: float, k: int) -> float:
    """Return what a voter's word weighs who is right with chance p among k options, never below 0.

    Source: Nitzan and Paroush, "Optimal decision rules in uncertain dichotomous choice
    situations", 1982, for k options whose wrong ones are alike.
    """
    return max(0.0, log(p * (k - 1) / (1 - p)))


@lru_cache(maxsize=1024)
def record_of(calibration: Calibration, seat: Seat) -> Record:
    """Return a seat's marks; what the agent earned with other models counts for ten at most.

    It is shared and must not be changed.
    """
    found = _records(calibration)
    record, before = Record(), Record()
    for deployment, other in found.get(seat.agent, {}).items():
        (record if deployment == seat.deployment else before).add(other)
    if before.marked:
        record.add(before, min(1.0, _KEPT / before.marked))
    return record


@lru_cache(maxsize=256)
def odds_of(
    calibration: Calibration, seats: tuple[Seat, ...], category: str, k: int
) -> tuple[float, ...]:
    """Return each seat's log-odds of being right in a category, among k options."""
    return tuple(log_odds(record_of(calibration, seat).accuracy(category), k) for seat in seats)


@lru_cache(maxsize=256)
def strongest(
    calibration: Calibration, seats: tuple[Seat, ...], category: str, seed: str = ""
) -> tuple[Seat, ...]:
    """Return seats, the one that was right most often in the category first.

    Where marks do not tell them apart the dearer goes first, then a lot drawn from the seed.
    """

    def key(seat: Seat) -> tuple[float, int, int]:
        accuracy = record_of(calibration, seat).accuracy(category)
        return -round(accuracy, 9), -(seat.cost or 0), seeded(seed, "strongest", seat.agent)

    return tuple(sorted(seats, key=key))


@lru_cache(maxsize=16)
def _records(calibration: Calibration) -> dict[str, dict[str, Record]]:
    """Return records by agent and deployment."""
    found: dict[str, dict[str, Record]] = defaultdict(lambda: defaultdict(Record))
    marks = [row for row in calibration.rows if row.right is not None or row.wrong is not None]
    weight = calibration.fading ** len(marks)
    for row in marks:
        weight /= calibration.fading
        for vote, right in lessons(row):
            _note(found[vote.agent][vote.deployment], vote, row.category, weight, right=right)
    return found


def lessons(row: Recorded) -> Iterator[tuple[Voted, bool]]:
    """Yield each vote that a mark says something about, and whether it was right."""
    for vote in row.votes:
        if vote.choice is None:
            continue
        if row.right is not None:
            yield vote, vote.choice == row.right
        elif vote.choice == row.wrong:
            yield vote, False


def _note(record: Record, vote: Voted, category: str, weight: float, *, right: bool) -> None:
    hit = weight if right else 0.0
    record.right += hit
    record.marked += weight
    record.ballots += 1
    record.note(category, hit, weight)
    record.note(tenth(vote.confidence), hit, weight)
