"""Tokens and money: what a model costs, what a call used, what was booked.

Money is integer micro-dollars (1 USD = 1,000,000) or None, which means unknown, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum

MICRO = 1_000_000
"""Micro-dollars in a dollar, and tokens in the unit that prices are quoted for."""
LEAST_OUTPUT = 256
"""Near a cap the output limit shrinks this far before a turn is refused (STORAGE: money)."""


def usd(micro_dollars: int | None) -> str:
    """Return money for a sentence: two digits that count, at least cents; `unknown` for None."""
    if micro_dollars is None:
        return "unknown"
    sign, amount = ("-" if micro_dollars < 0 else ""), abs(micro_dollars)
    if amount == 0:
        return "$0"
    decimals = max(2, 8 - len(str(amount)))
    digits = f"{amount / MICRO:.{decimals}f}"
    while len(digits) - digits.index(".") > len(".00") and digits.endswith("0"):
        digits = digits[:-1]
    return f"{sign}${digits}"


@dataclass(frozen=True, slots=True)
class PriceTier:
    """Prices that replace the base ones for a whole call once its prompt is long."""

    from_prompt_tokens: int
    input: int
    cached: int
    output: int


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars per million tokens, as known when the call was made."""

    input: int
    output: int
    cached: int
    """Input tokens that the provider had in its cache."""
    tiers: tuple[PriceTier, ...] = ()
    source: str = "configured"
    """Where the figures come from, for the person: `genai-prices`, `config.toml`, `loopback`."""
    at_most: bool = False
    """True for a ceiling that the person set where nobody knows the price: good for reserving, while
    what the model costs stays unknown."""

    @property
    def is_free(self) -> bool:
        """True when no token costs anything (loopback endpoints, unless priced)."""
        return not (self.input or self.output or self.cached or self.tiers)

    def rates(self, prompt_tokens: int) -> tuple[int, int, int]:
        """Return what input, cached input and output cost per million in a call this long."""
        rates = (self.input, self.cached, self.output)
        reached = -1
        for tier in self.tiers:
            if reached < tier.from_prompt_tokens <= prompt_tokens:
                reached = tier.from_prompt_tokens
                rates = (tier.input, tier.cached, tier.output)
        return rates

    def cost(self, prompt_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Cost:
        """Return the cost of these tokens, each part rounded to whole micro-dollars.

        Args:
            prompt_tokens: All input tokens, the cached ones included.
            output_tokens: All output tokens, reasoning included.
            cached_tokens: Input tokens from the provider's cache; more than all count as all.
        """
        return Cost(*self._parts(prompt_tokens, output_tokens, cached_tokens))

    def expected(self, prompt_tokens: int, output_tokens: int, cached_tokens: int = 0) -> int:
        """Return the micro-dollars that these tokens should cost together."""
        return sum(self._parts(prompt_tokens, output_tokens, cached_tokens))

    def ceiling(self, prompt_tokens: int, max_output: int) -> int:
        """Return the most a call can cost: nothing cached, the output limit used up, rounded up."""
        fresh, cached, output = self.rates(prompt_tokens)
        return -(-max(fresh, cached) * prompt_tokens // MICRO) - (-output * max_output // MICRO)

    def _parts(self, prompt_tokens: int, output_tokens: int, cached_tokens: int) -> tuple[int, int]:
        fresh, cached, output = self.rates(prompt_tokens)
        hits = min(cached_tokens, prompt_tokens)
        prompt = fresh * (prompt_tokens - hits) + cached * hits
        return _rounded(prompt), _rounded(output * output_tokens)


def _rounded(pico_dollars: int) -> int:
    """Return whole micro-dollars, halves up."""
    return (2 * pico_dollars + MICRO) // (2 * MICRO)


FREE = Price(input=0, output=0, cached=0, source="loopback")


@dataclass(frozen=True, slots=True)
class PriceUpdate:
    """What came of asking for today's prices."""

    known: int
    """Models whose price is known now."""
    changed: tuple[tuple[str, Price | None, Price], ...]
    """Deployments whose price is another one than before: id, before, now."""
    failures: tuple[str, ...] = ()
    """A sentence for each source that did not answer."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of one call, in normalised buckets.

    Reasoning tokens are counted inside `completion_tokens` whatever the provider does, and cached
    ones inside `prompt_tokens` (PROVIDERS: usage and cost).
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    """True when the provider sent none, or none that makes sense."""
    billed: int | None = None
    """Micro-dollars that the provider itself says it billed (xAI ticks); the truth where present."""
    fees: int | None = 0
    """Micro-dollars for the provider's own tools, beside the tokens; None: unknown."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a call cost, prompt and completion apart, in micro-dollars; None is unknown."""

    prompt: int | None
    completion: int | None

    @property
    def total(self) -> int | None:
        """The sum, or None when either part is unknown."""
        if self.prompt is None or self.completion is None:
            return None
        return self.prompt + self.completion


class HoldState(StrEnum):
    """What became of money that was reserved."""

    HELD = "held"
    SETTLED = "settled"
    RELEASED = "released"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Hold:
    """Money to reserve on one budget before a call."""

    budget: str
    """Scope: `question:ID`, `thread:ID`, `agent:NAME`, `provider:NAME`, `day:2026-11-22`, ..."""
    amount: int
    """Micro-dollars; 0 where the price is unknown and no cap forbids that."""
    cap: int | None = None
    """The cap to set where this scope has none yet; None leaves it open."""
    refuse: bool = False
    """True for a cap that the person wrote: going over refuses; a default cap only warns."""
    standing: str | None = None
    """Budget whose cap, where set by hand, counts for this one too: `day`, `month`, `question`."""


@dataclass(frozen=True, slots=True)
class Budget:
    """One cap and what counts against it, in micro-dollars."""

    id: str
    cap: int | None
    spent: int
    reserved: int
    by_person: bool = False
    """True for a cap set by hand (`SetBudget`): it stands over a configured one, and refuses."""


@dataclass(frozen=True, slots=True)
class Cap:
    """One cap in force, for `budget show`; money in micro-dollars."""

    scope: str
    """`day:2026-11-22`, `agent:NAME`, ...; `question` and `thread` stand for each one of them."""
    cap: int | None
    """None: nothing is refused."""
    refuses: bool
    """False: it only warns."""
    source: str
    """Who set it: `by hand`, `config.toml` or `default`; empty where there is none."""
    spent: int | None = None
    """None where the cap stands for each of many."""
    reserved: int | None = None

    @property
    def left(self) -> int | None:
        """What may still be spent, below 0 where the cap was passed; None: nothing limits it."""
        if self.cap is None or self.spent is None:
            return None
        return self.cap - self.spent - (self.reserved or 0)


@dataclass(frozen=True, slots=True)
class Room:
    """What the tightest cap that refuses leaves, and where it can be raised."""

    scope: str
    """`day:2026-11-22`, `question:ID`, ..."""
    cap: int
    """Micro-dollars."""
    left: int
    """Micro-dollars, never below 0."""
    raised_by: str | None
    """What `budget set` calls it; None: it came with the question (`--budget`)."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One row of the ledger, written once per call and never changed."""

    call_id: str
    agent: str
    thread_id: str
    provider: str
    model: str
    """The model that answered, which is the one that is billed."""
    usage: Usage
    cost: Cost
    day: str
    """ISO date in the person's time zone."""
    created_at: int
    """UTC microseconds."""
    at_most: int | None = None
    """What an unknown cost counts as, in micro-dollars, where a ceiling price is set; None: all that
    the call held."""
    prompt_length: int | None = None
    """Characters that were sent, for the log."""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Tokens and money of one group of bookings (CONFIG: `usage --json`)."""

    key: str
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cached_tokens: int
    prompt_cost: int
    completion_cost: int
    cost: int
    """Sum of the known costs; read it together with `unknown_cost_calls`."""
    unknown_cost_calls: int
    calls: int

    def plus(self, other: UsageRow) -> UsageRow:
        """Return both groups as one, under this one's key."""
        figures = (field.name for field in fields(self) if field.name != "key")
        return replace(
            self, **{name: getattr(self, name) + getattr(other, name) for name in figures}
        )


@dataclass(frozen=True, slots=True)
class PossibleCharge:
    """A call of unknown outcome: it may have been billed, and its money stays reserved."""

    call_id: str
    provider: str
    model: str
    thread_id: str
    amount: int
    """Micro-dollars that are reserved for it."""
    since: int
    """UTC microseconds of its start; 0 where its turn was deleted."""
