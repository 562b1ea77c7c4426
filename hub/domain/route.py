"""The router's choice for one turn, with everything that explains it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.agent import Deployment
from hub.domain.ids import TurnId
from hub.domain.turn import Purpose


@dataclass(frozen=True, slots=True)
class RouteRequest:
    """What the router has to know about a turn; it sees no thread and no store."""

    turn_id: TurnId
    agent: str
    purpose: Purpose
    prompt_tokens: int
    max_output: int
    allowed: tuple[str, ...] = ()
    """`provider` or `provider/model` that the persona may use; empty: any."""
    strategy: str | None = None
    """None: the configured one."""
    provider: str | None = None
    """Forced provider: skips the strategy, not the filters."""
    model: str | None = None
    """Forced model."""
    seated: tuple[str, ...] = ()
    """Model families that already have a seat in this round of the decision."""
    headroom: int | None = None
    """Micro-dollars left under the tightest refusing cap; None: no cap."""
    advice: str = "Raise the budget"
    """What to do where that cap alone stands in the way, as the beginning of a sentence."""
    excluded: tuple[tuple[str, str], ...] = ()
    """(deployment id, reason) that failed in this turn already."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment as the router saw it."""

    deployment: str
    removed: str | None = None
    """Why a filter took it out; None: it stood for election."""
    cost: int | None = None
    """Expected micro-dollars for this turn; None: unknown."""
    ceiling: int | None = None
    """Micro-dollars if nothing is cached and the whole output limit is used."""
    latency_s: float | None = None
    """Expected seconds; None: never measured."""
    availability: float | None = None
    """0..1, smoothed share of calls that worked."""
    score: float | None = None
    """What the strategy maximises; comparable within this route only."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which deployment serves a turn, and why."""

    turn_id: TurnId
    agent: str
    strategy: str
    deployment: Deployment
    candidates: tuple[Candidate, ...]
    """The chosen one first, then by score, then the removed ones."""
    reason: str
    """One sentence for the person."""
    propensity: float = 1.0
    """Probability that this policy picks this deployment; 1 when it does not draw."""
    chain: tuple[Deployment, ...] = ()
    """Up to 3 next-best deployments for failover."""

    @property
    def chosen(self) -> Candidate:
        """The candidate that won."""
        return self.candidates[0]


@dataclass(frozen=True, slots=True)
class Health:
    """How a provider is doing, as the status bar shows it."""

    provider: str
    ok: bool | None
    """None: not asked yet."""
    latency_s: float | None = None
    error: str = ""
    models: tuple[str, ...] = ()
    tries: int = 1
    """Questions that were needed; the free ones are repeated."""
