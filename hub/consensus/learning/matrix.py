"""Marked decisions as arrays, for what is fitted to all of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from hub.consensus.learning.calibration import Calibration, Recorded, shared
from hub.domain.decision import Seat

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Seats = tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """n decisions by m seats; the options of a decision are numbered as they come up."""

    decisions: NDArray[np.str_]
    """(n,), ids."""
    votes: Ints
    """(n, m): number of the option, -1 without a vote."""
    right: Ints
    """(n,): number of the right option, -1 where nobody voted for it."""
    k: Floats
    """(n,): options that an answer could have been."""
    categories: NDArray[np.str_]
    """(n,)"""

    def __len__(self) -> int:
        return len(self.decisions)

    @property
    def named(self) -> Floats:
        """Return (n, m, m), one where the seat voted for the option."""
        numbers = np.arange(self.votes.shape[1])
        named: Floats = (self.votes[:, :, None] == numbers).astype(np.float64)
        return named

    def only(self, chosen: Bools) -> Matrix:
        """Return some of the decisions."""
        return Matrix(
            self.decisions[chosen],
            self.votes[chosen],
            self.right[chosen],
            self.k[chosen],
            self.categories[chosen],
        )


@lru_cache(maxsize=16)
def matrix_of(calibration: Calibration, seats: Seats) -> Matrix:
    """Return the marked decisions in which these seats took part."""
    return matrix(shared(calibration, seats), seats)


def matrix(rows: tuple[Recorded, ...], seats: Seats) -> Matrix:
    """Return rows as arrays."""
    place = {(seat.agent, seat.deployment): number for number, seat in enumerate(seats)}
    votes = np.full((len(rows), len(seats)), -1, dtype=np.intp)
    right = np.full(len(rows), -1, dtype=np.intp)
    for n, row in enumerate(rows):
        numbers: dict[str, int] = {}
        for vote in row.votes:
            at = place.get((vote.agent, vote.deployment))
            if at is not None and vote.choice is not None:
                votes[n, at] = numbers.setdefault(vote.choice, len(numbers))
        right[n] = numbers.get(row.right or "", -1)
    return Matrix(
        np.array([row.decision for row in rows], dtype=np.str_),
        votes,
        right,
        np.array([row.k for row in rows], dtype=np.float64),
        np.array([row.category for row in rows], dtype=np.str_),
    )
