"""The router's choice for one turn, with everything that explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.domain.agent import Deployment
from hub.domain.ids import ThreadId, TurnId
from hub.domain.mark import Mark
from hub.domain.turn import Call, Purpose
from hub.domain.usage import Price

MAX_LATENCY_S = 2.0
"""Seconds above which a provider that answers counts as slow, unless told otherwise (seed)."""
HEALTHY, SLOW = "healthy", "slow"
"""States of a provider that answers, as health checks say and log them."""
FAILED = "failed in this turn"
"""How the reason begins of a deployment that a failed call of the turn took out."""


HEDGE = "hedge"
"""Recorded as the strategy of a second call, sent beside one that is slower than usual."""


@dataclass(frozen=True, slots=True)
class Pacing:
    """How far a budget has been spent, for the policy that spreads it over the turns to come."""

    per_turn: float
    """Micro-dollars that a turn may cost on average: the budget over the turns it is for."""
    turns: int = 0
    """Turns of this budget's period so far."""
    spent: float = 0.0
    """Micro-dollars spent in it so far."""


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
    committee: bool = False
    """True: the turn fills one of a decision's seats."""
    headroom: int | None = None
    """Micro-dollars left under the tightest refusing cap; None: no cap."""
    advice: str = "Raise the budget"
    """What to do where that cap alone stands in the way, as the beginning of a sentence."""
    excluded: tuple[tuple[str, str], ...] = ()
    """(deployment id, reason) that failed in this turn already."""
    text: str = ""
    """The newest text that the turn answers: what the learned policy looks at."""
    ahead: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By provider, the turns that have waited for it longer, and the tokens they want."""
    pacing: Pacing | None = None
    """Of the tightest budget; None: no budget, or nothing known of its pace."""


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
    rates: tuple[int, ...] = ()
    """Micro-dollars per million tokens of input, cached input and output, for a prompt of that length;
    empty: unknown."""
    output_tokens: int | None = None
    """Output tokens that its cost was expected from; None: a filter took it out before."""
    load: float = 0.0
    """Calls in flight at its provider over those that it takes at once."""
    listed: int | None = None
    """Micro-dollars that price and mean answer alone let expect, before what was learned of cost."""
    quality: float | None = None
    """Quality that the learned policy expects of this turn, 0..1; None: it did not choose."""
    doubt: float | None = None
    """Standard deviation of that."""
    mean_quality: float | None = None
    """Mean quality over all turns."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What the learned policy went by, so that its choice can be worked out again."""

    lottery: str
    """Deployment that the best static mix of two drew; left only for one that is clearly better."""
    price: float
    """Quality that a micro-dollar is worth now."""
    rate: float | None = None
    """Micro-dollars that this turn may cost on average; None: no budget."""
    bank: float | None = None
    """Micro-dollars that may be spent at once."""
    task: str = ""
    """Kind of task that the text was taken for."""
    saturated: bool = False
    """True where all are good enough at it, so price and latency alone decided."""
    explored: bool = False
    """True where the choice was drawn to learn from it."""
    marks: int = 0
    """Marks that the candidates' figures rest on; 0: published priors alone."""


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
    weights: Mapping[str, float] = field(default_factory=dict)
    """What the strategy weighed, summing to 1: `cost`, `performance`, `availability`; empty: nothing."""
    prompt_tokens: int | None = None
    """Estimate that the figures rest on; None in old records."""
    headroom: int | None = None
    """Micro-dollars that the tightest cap left; None: no cap."""
    seed: str = ""
    """Decides draws together with the turn's id."""
    learning: Learning | None = None
    """None: another strategy chose."""

    @property
    def chosen(self) -> Candidate:
        """The candidate that won."""
        return self.candidates[0]

    @property
    def standing(self) -> tuple[Candidate, ...]:
        """The candidates that no filter took out, best first."""
        return tuple(c for c in self.candidates if c.removed is None)

    @property
    def fallback(self) -> bool:
        """True for a choice after a call of the turn had failed."""
        return any(FAILED in (c.removed or "") for c in self.candidates)

    @property
    def confidence(self) -> float:
        """How clearly it won, 0..1; 1 where it stood alone.

        Its lead as a share of the larger score; of a learned choice, whose scores are leads already,
        the share of draws that it wins.
        """
        if self.learning is not None:
            return self.propensity
        best, *others = (c.score for c in self.standing)
        if best is None or not others or others[0] is None:
            return 1.0
        largest = max(abs(best), abs(others[0]))
        return min(1.0, (best - others[0]) / largest) if largest else 0.0


@dataclass(frozen=True, slots=True)
class RoutedCall:
    """A route with what came of it, as the journal holds both."""

    route: Route
    thread_id: ThreadId
    purpose: Purpose
    n: int
    """1, 2, ... within the turn: failover chooses again."""
    call: Call | None
    """None where its record is gone."""
    cost: int | None
    """Micro-dollars booked; None: unknown, or nothing was booked."""
    mark: Mark | None = None
    """What is said of the turn's answer since; None: nothing."""

    @property
    def latency_s(self) -> float | None:
        """Seconds from its intent to its end; None while it runs."""
        if self.call is None or self.call.ended_at is None:
            return None
        return (self.call.ended_at - self.call.started_at) / 1e6

    def would_cost(self, candidate: Candidate, wordier: float = 1.0) -> int | None:
        """Return what its tokens cost at another candidate's rates; None: unknown.

        Args:
            candidate: One of the route's; the chosen one has cost what was booked.
            wordier: How many times as many tokens of answer it writes.
        """
        if candidate.deployment == self.route.deployment.id:
            return self.cost
        usage = self.call.usage if self.call else None
        if usage is None or not candidate.rates:
            return None
        fresh, cached, output = candidate.rates
        written = round(wordier * usage.completion_tokens)
        return Price(fresh, output, cached).expected(usage.prompt_tokens, written)


@dataclass(frozen=True, slots=True)
class Reroute:
    """One recorded turn under another policy."""

    turn_id: TurnId
    was: str
    """Deployment that served it."""
    now: str
    """Deployment that the policy picks."""
    cost: int | None
    """Micro-dollars that were booked."""
    would_cost: int | None
    """Micro-dollars that the pick's rates make of the recorded tokens, and of its usual length of
    answer where that is known; None: unknown."""


@dataclass(frozen=True, slots=True)
class QualityEstimate:
    """What marks say of a policy's quality, with a 95 % interval from the bootstrap."""

    recorded: float
    """Mean mark of the turns as they were served, 0..1."""
    replayed: float
    low: float
    high: float
    marks: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Recorded turns, re-routed under another policy."""

    strategy: str
    turns: tuple[Reroute, ...]
    """Oldest first."""
    left_out: int
    """Recorded routes without an answer, or from before figures were recorded with them."""
    quality: QualityEstimate | None
    """None: too little data."""
    marks: int = 0
    """Turns that are marked."""

    @property
    def moved(self) -> tuple[Reroute, ...]:
        """The turns that would have gone elsewhere."""
        return tuple(turn for turn in self.turns if turn.was != turn.now)

    @property
    def costs(self) -> tuple[int, int, int]:
        """Micro-dollars as recorded and as replayed, and the turns left out of both sums: unknown."""
        known = [(t.cost, t.would_cost) for t in self.turns]
        both = [(a, b) for a, b in known if a is not None and b is not None]
        return sum(a for a, _ in both), sum(b for _, b in both), len(known) - len(both)


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
    """Requests that a question needed, the one that took most; the free ones are repeated."""
    trouble: str = ""
    """What is wrong, in two words at most (`hub.errors`: `word`); empty while nothing is."""
    down: bool = False
    """True where nobody answered, or with a server's error: calls would fail too."""

    def state(self, max_latency_s: float = MAX_LATENCY_S) -> str:
        """Return the word for it: `healthy`, `slow`, the trouble, or `not asked`.

        Args:
            max_latency_s: Seconds above which an answer counts as slow.
        """
        if self.ok is None:
            return "not asked"
        if not self.ok:
            return self.trouble or "error"
        slow = self.latency_s is not None and self.latency_s > max_latency_s
        return SLOW if slow else HEALTHY
