"""What the rest of the router may hold of the learned policy without loading numpy.

A command that routes nothing starts without it, which is a third of the time that its imports take.
"""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.route import Learning

VERSION = 1
"""Of what is kept; the features and the model may change, and old figures then mean nothing."""


class Knowledge:
    """What the learned policy goes by; `hub.router.adaptive.learned.Learned` is it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What was chosen, and every figure that led there; lists are in the order of the options."""

    chosen: int
    gains: tuple[float, ...]
    """Advantage over the lottery's choice after its margin; the largest is chosen."""
    costs: tuple[float, ...]
    """Micro-dollars."""
    qualities: tuple[float, ...]
    doubts: tuple[float, ...]
    means: tuple[float, ...]
    propensity: float
    learning: Learning
