"""What the record says of agents, decisions and calls: the values that dashboards show."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.transcript import Accord


@dataclass(frozen=True, slots=True)
class VoiceFigures:
    """What one agent does in the conversation."""

    name: str
    provider: str | None
    messages: int
    tokens: int
    cost: int
    """Micro-dollars, known ones."""
    unknown_cost_turns: int
    drives: float
    """Share of all replies and mentions that are addressed to it, 0..1: who the others react to."""
    ignored: float | None
    """Share of its messages that nobody answered, 0..1; None without any message."""
    ballots: int
    """Decisions in whose last round it chose an option."""
    flips: int
    """Decisions in which it changed its mind between rounds."""
    agreement: float | None
    """How often it chose as another agent did, 0..1, over all pairs; None without any."""


@dataclass(frozen=True, slots=True)
class ConsensusFigures:
    """What decisions came to."""

    closed: int
    open: int
    accepted: int
    """Decided or advisory: there is a winner."""
    unanimous: int
    """Two or more chose, and all the same."""
    contested: int
    """Two options or more were chosen."""
    average_confidence: float | None
    """Mean of what the voters of last rounds stated, 0..1."""
    support_rate: float | None
    """Share of last rounds' choices that went to the winner, 0..1, over closed decisions."""
    cost: int
    """Micro-dollars that the questions of closed decisions cost, known ones."""
    unknown_cost_calls: int

    @property
    def consensus_ratio(self) -> float | None:
        """Accepted of the closed, 0..1."""
        return self.accepted / self.closed if self.closed else None

    @property
    def cost_per_accepted(self) -> int | None:
        """Micro-dollars for each accepted decision, refused ones paid along; None: unknown, or none."""
        if not self.accepted or self.unknown_cost_calls:
            return None
        return round(self.cost / self.accepted)

    @property
    def collaboration_score(self) -> float | None:
        """0..100: the mean of consensus ratio, support rate and average confidence, where known.

        The report that GitBridge comes from names this score and not its formula; this one is ours.
        """
        known = [
            part
            for part in (self.consensus_ratio, self.support_rate, self.average_confidence)
            if part is not None
        ]
        return 100 * sum(known) / len(known) if self.closed and known else None


@dataclass(frozen=True, slots=True)
class DeploymentFigures:
    """How one deployment did in a span of time."""

    deployment: str
    calls: int
    answered: int
    failovers: int
    """Calls that took over from a failed one."""
    repeats: int
    """Requests beyond the first of each call."""
    saved: int
    """Calls that a repeat brought through."""
    tokens: int
    cost: int
    unknown_cost_calls: int
    latency_p50_s: float | None
    """Of answered calls."""
    latency_p95_s: float | None
    first_token_p50_s: float | None
    share: float
    """Of all calls of the span, 0..1."""
    last_error: str = ""

    @property
    def success(self) -> float | None:
        """Answered of all calls, 0..1."""
        return self.answered / self.calls if self.calls else None


@dataclass(frozen=True, slots=True)
class Bucket:
    """What happened in one piece of time."""

    at: int
    """UTC microseconds of its beginning."""
    deployment: str
    calls: int
    answered: int
    tokens: int
    cost: int
    unknown_cost_calls: int
    latency_p50_s: float | None
    latency_p95_s: float | None


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """One decision on a time line."""

    at: int
    """UTC microseconds of its close, or of its opening while it is open."""
    id: str
    question: str
    outcome: str
    """Verdict, or `open`."""
    winner: str
    votes: int
    """For the winner."""
    chose: int
    """Who chose any option."""
    cost: int | None
    """Micro-dollars; None: unknown."""
    unknown_cost_calls: int = 0


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything at a glance."""

    at: int
    """UTC microseconds of the reading."""
    since: int
    """UTC microseconds: calls, series and decisions from then on; the voices are of all time."""
    strategy: str
    threads: int
    voices: tuple[VoiceFigures, ...]
    """Who drives most first."""
    consensus: ConsensusFigures
    deployments: tuple[DeploymentFigures, ...]
    """Most calls first."""
    strategies: tuple[tuple[str, int], ...]
    """Calls by routing strategy, most first."""
    series: tuple[Bucket, ...]
    step: int
    """Microseconds of a bucket."""
    decisions: tuple[DecisionPoint, ...]
    """Oldest first."""
    accord: tuple[Accord, ...] = ()
    """How often each pair of agents chose alike, of all time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer or ballot that a mark speaks of."""

    agent: str
    deployment: str
    right: float
    """0..1: wrong, right, or between."""
    weight: float
    cost: int | None
    """Micro-dollars of its turn; None: unknown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How often somebody was right, and what that cost; intervals are of 95 %."""

    name: str
    judged: int
    right: float
    """Sum of the marks, weighted."""
    weight: float
    share: float
    """0..1."""
    low: float
    high: float
    cost: int
    """Micro-dollars of the judged turns whose cost is known."""
    unknown_cost: int
    """Judged turns whose cost is unknown."""
    per_dollar: float | None
    """Right answers for a US dollar; None where nothing was paid or a cost is unknown."""
    per_dollar_low: float | None
    per_dollar_high: float | None


@dataclass(frozen=True, slots=True)
class Retries:
    """What sending again came to at one provider."""

    provider: str
    calls: int
    """Calls that ended."""
    repeats: int
    """Requests beyond the first of a call: at once, and free."""
    saved: int
    """Calls that a repeat brought through."""
    given_up: int
    """Calls that failed although they were repeated."""
    failed: int
    """Calls that were not answered, repeated or not."""
    stood_in: int
    """Calls answered here after an earlier one of the same turn was not, or not as it should."""
