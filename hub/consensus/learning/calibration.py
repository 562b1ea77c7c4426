"""What is remembered of past decisions: who voted for what, and what proved right.

Append-only and complete: every figure that rules use is worked out from these rows, so the same
rows always weigh the same. A decision that is marked again replaces its row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from typing_extensions import override

from hub.consensus.canonical import canonical
from hub.consensus.electorate import seat_of
from hub.consensus.profile import first, profile_of
from hub.domain.decision import BallotKind, Decision, Option, Seat
from hub.domain.mark import Mark
from hub.errors import UsageError

FADING = 0.995
"""What a mark still counts for after the next one: agents and questions change."""
MOST_ROWS = 10_000
"""Decisions that are remembered; the oldest go."""


@dataclass(frozen=True, slots=True)
class Voted:
    """One agent's part in a past decision."""

    agent: str
    deployment: str
    family: str | None
    choice: str | None
    """Option id; None: it abstained."""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One past decision."""

    decision: str
    category: str
    k: int
    """Options that an answer could have been."""
    votes: tuple[Voted, ...]
    right: str | None = None
    """Option id; None: nobody said what is right."""
    wrong: str | None = None
    """Option id known to be wrong, where the right one is not known."""


@dataclass(frozen=True)
class Calibration:
    """All that is remembered, oldest first."""

    rows: tuple[Recorded, ...] = ()
    fading: float = FADING

    @override
    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Cheap, for what is worked out of thousands of rows is cached by them."""
        ends = (self.rows[0].decision, self.rows[-1].decision) if self.rows else ()
        return hash((len(self.rows), ends, self.fading))

    @cached_property
    def id(self) -> str:
        """Hash of everything in it, 16 hexadecimal digits; empty while there is nothing."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16] if self.rows else ""

    @cached_property
    def marked(self) -> tuple[Recorded, ...]:
        """Decisions of which the right answer is known."""
        return tuple(row for row in self.rows if row.right is not None)

    def to_json(self) -> str:
        """Return it as compact JSON text."""
        rows = [
            [
                *(row.decision, row.category, row.k, row.right, row.wrong),
                [[v.agent, v.deployment, v.family, v.choice, v.confidence] for v in row.votes],
            ]
            for row in self.rows
        ]
        return json.dumps(
            {"fading": self.fading, "rows": rows}, ensure_ascii=False, separators=(",", ":")
        )

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Return what `to_json` wrote.

        Raises:
            UsageError: It is something else.
        """
        try:
            data = json.loads(text)
            rows = tuple(
                Recorded(decision, category, k, tuple(Voted(*v) for v in votes), right, wrong)
                for decision, category, k, right, wrong, votes in data["rows"]
            )
            return cls(rows, float(data["fading"]))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise UsageError(
                "This is no calibration of GitBridge: mark decisions again to make a new one."
            ) from error


NOTHING = Calibration()


@lru_cache(maxsize=16)
def shared(calibration: Calibration, seats: tuple[Seat, ...]) -> tuple[Recorded, ...]:
    """Return the marked decisions in which at least half of these seats took part."""
    return tuple(row for row in calibration.marked if took_part(row, seats))


def took_part(row: Recorded, seats: Sequence[Seat]) -> bool:
    """True where at least half of the seats did: fewer are not to be compared."""
    there = {(vote.agent, vote.deployment) for vote in row.votes}
    return sum((seat.agent, seat.deployment) in there for seat in seats) * 2 >= len(seats)


def observe(calibration: Calibration, decision: Decision) -> Calibration:
    """Remember a decision that nobody has marked: agreement alone teaches Dawid-Skene."""
    if any(row.decision == decision.id for row in calibration.rows):
        return calibration
    return remembered(calibration, (row_of(decision),))


def learn(calibration: Calibration, decision: Decision, mark: Mark) -> Calibration:
    """Return the calibration with one more marked decision.

    Marked right, or wrong with the right answer, every ballot teaches; wrong without it only the
    winner's voters do. An answer that was no option means that everybody was wrong.

    Raises:
        UsageError: Nothing was decided, and the mark does not say what is right.
    """
    winner = decision.tally.winner if decision.tally else None
    if mark.answer is None and winner is None:
        raise UsageError("This decision has no winner to mark; say what the right answer is.")
    row = row_of(decision)
    if mark.right:
        marked = replace(row, right=winner if mark.answer is None else meant(decision, mark.answer))
    elif mark.answer is None:
        marked = replace(row, wrong=winner)
    else:
        marked = replace(row, right=meant(decision, mark.answer))
    others = tuple(row for row in calibration.rows if row.decision != decision.id)
    return remembered(replace(calibration, rows=others), (marked,))


def remembered(calibration: Calibration, rows: Iterable[Recorded]) -> Calibration:
    """Return the calibration with rows added, the oldest dropped beyond `MOST_ROWS`."""
    return replace(calibration, rows=(*calibration.rows, *rows)[-MOST_ROWS:])


def row_of(decision: Decision) -> Recorded:
    """Return a decision as it is remembered while nobody has marked it."""
    profile = profile_of(decision.proposal, decision.ballots)
    votes = []
    for voter, ballot in profile.ballots.items():
        if ballot.kind is BallotKind.AGENT and not ballot.block:
            seat = seat_of(decision.proposal, voter, ballot)
            votes.append(
                Voted(voter, seat.deployment, seat.family, first(ballot), ballot.confidence)
            )
    return Recorded(decision.id, decision.proposal.category, profile.k, tuple(votes))


def meant(decision: Decision, answer: str) -> str:
    """Return the id of the option that is meant, by its id or by what it says."""
    if decision.option(answer):
        return answer
    kind, options = decision.proposal.kind, decision.proposal.options
    said = canonical(answer, kind)
    return next((o.id for o in options if canonical(o.text, kind) == said), Option(answer).id)
