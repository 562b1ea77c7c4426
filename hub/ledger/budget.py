"""Reserves a turn's cost on all its budgets before a call, and books what the call did cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from hub.config import Settings
from hub.domain.agent import Deployment, ProviderKind
from hub.domain.turn import Call, Turn
from hub.domain.usage import LEAST_OUTPUT, Booking, Budget, Cap, Hold, Price, Room, Usage, usd
from hub.errors import BudgetRefusedError
from hub.ledger.caps import caps_in_force
from hub.ledger.cost import cost_of, output_within
from hub.ledger.prices import ConfiguredPrices
from hub.ledger.scopes import Scope, local_time, scope_of_provider, scopes_of, zone
from hub.ports import Clock, PriceBook

_HIDDEN_PROMPT: Mapping[ProviderKind, int] = {ProviderKind.GROK: 200}
"""Prompt tokens that a provider adds and bills; xAI's `pong` probes were billed 190 above theirs."""
_NOTHING: Mapping[str, Budget] = {}
_MINUTE_US = 60_000_000
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest)$")


class Ledger:
    """Works out holds and bookings; the store keeps them, and refuses what a race would overspend."""

    def __init__(self, settings: Settings, clock: Clock, prices: PriceBook | None = None) -> None:
        """Take the caps, the time and the prices.

        Args:
            settings: Caps, time zone, and what the person wrote of prices.
            clock: Dates bookings and decides day and month.
            prices: What the model that answered costs; None: the configured ones.
        """
        self._settings = settings
        self._clock = clock
        self._prices = ConfiguredPrices(settings) if prices is None else prices
        self._zone = zone(settings.budget.time_zone)
        self._asked: tuple[str, int] | None = None
        self._found: tuple[Scope, ...] = ()
        """What the last turn that was asked about counts against."""

    def day(self, now: int) -> str:
        """Return the ISO date, in the person's time zone, of an instant in UTC microseconds."""
        return f"{local_time(now, self._zone):%Y-%m-%d}"

    def caps(self, budgets: Mapping[str, Budget]) -> tuple[Cap, ...]:
        """Return every cap in force now; `budgets` are all that the store has."""
        return caps_in_force(
            self._settings.budget, budgets, local_time(self._clock.now(), self._zone)
        )

    def scopes(self, turn: Turn, provider: str | None = None) -> tuple[Scope, ...]:
        """Return the budgets that a turn counts against; `provider` adds the one who is paid."""
        now = self._clock.now()
        asked = (turn.id, now // _MINUTE_US)  # no day begins within a minute
        if self._asked != asked:  # one turn asks a dozen times while it is planned
            moment = local_time(now, self._zone)
            self._asked, self._found = asked, scopes_of(turn, self._settings.budget, moment)
        if provider is None:
            return self._found
        return (*self._found, scope_of_provider(provider, self._settings.budget))

    def budget_ids(self, turn: Turn, providers: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the ids of all budgets that decide whether one of the providers may be paid."""
        payees = [scope_of_provider(name, self._settings.budget) for name in providers]
        scopes = (*self.scopes(turn), *payees)
        named = {id_ for scope in scopes for id_ in (scope.id, scope.standing)}
        return tuple(sorted(id_ for id_ in named if id_ is not None))

    def headroom(self, turn: Turn, budgets: Mapping[str, Budget] = _NOTHING) -> int | None:
        """Return the micro-dollars left under the tightest refusing cap; None: there is none.

        Args:
            turn: Whose budgets count; a provider's own cap is seen once there is a provider.
            budgets: What the store knows of `scopes(turn)`; one missing has nothing spent.
        """
        room = self.room(turn, budgets)
        return None if room is None else room.left

    def room(self, turn: Turn, budgets: Mapping[str, Budget] = _NOTHING) -> Room | None:
        """Return what the tightest refusing cap leaves; None: there is none."""
        tightest = _tightest(self.scopes(turn), budgets)
        if tightest is None:
            return None
        scope, left = tightest
        return Room(scope.id, scope.cap_in(budgets) or 0, max(0, left), scope.raised_by)

    def may_refuse(
        self, turn: Turn, budgets: Mapping[str, Budget], providers: Iterable[str] = ()
    ) -> bool:
        """Tell whether a cap refuses what passes it, whichever of the providers is paid."""
        payees = (*providers, None)
        return any(_tightest(self.scopes(turn, payee), budgets) for payee in payees)

    def taken(self, turn: Turn, budgets: Mapping[str, Budget], amount: int) -> Mapping[str, Budget]:
        """Return the budgets as they are once turns of other agents beside it took so much.

        Args:
            turn: Whose budgets count; its agent's own is nobody else's.
            budgets: What the store knows of them.
            amount: Micro-dollars.
        """
        own = f"agent:{turn.order.agent}"
        shared = [scope.id for scope in self.scopes(turn) if scope.id != own] if amount else []
        found = {id_: budgets.get(id_, Budget(id_, None, 0, 0)) for id_ in shared}
        less = {id_: replace(b, reserved=b.reserved + amount) for id_, b in found.items()}
        return {**budgets, **less}

    def advice(self, turn: Turn, budgets: Mapping[str, Budget] = _NOTHING) -> str:
        """Return what to do where `headroom` is too little, as the beginning of a sentence."""
        tightest = _tightest(self.scopes(turn), budgets)
        return f"The budget {tightest[0].id} is too small: {tightest[0].advice}" if tightest else ""

    def reserve(
        self,
        turn: Turn,
        deployment: Deployment,
        prompt_tokens: int,
        max_output: int,
        budgets: Mapping[str, Budget] = _NOTHING,
    ) -> tuple[int, tuple[Hold, ...]]:
        """Return the output limit to send, and what to hold on each budget for it.

        Near a cap the limit is lowered to what the cap pays for, down to 256 tokens (STORAGE:
        money). The store checks the caps again as it writes the holds: others spend meanwhile.

        Args:
            turn: Whose budgets count.
            deployment: Where the call goes.
            prompt_tokens: Estimate of what is sent.
            max_output: Output tokens wanted.
            budgets: What the store knows of `scopes(turn, provider)`.

        Raises:
            BudgetRefusedError: A cap does not pay for the least answer, or the price is unknown,
                without a ceiling, under a cap that refuses.
        """
        scopes = self.scopes(turn, deployment.provider)
        tightest = _tightest(scopes, budgets)
        price = deployment.bound
        if price is None:
            if tightest is not None:
                raise BudgetRefusedError(_unpriced(deployment, tightest[0]))
            return max_output, _holds(scopes, 0)
        prompt = prompt_tokens + _HIDDEN_PROMPT.get(deployment.kind, 0)
        if tightest is not None:
            max_output = _shrunk(deployment, price, prompt, max_output, tightest)
        return max_output, _holds(scopes, price.ceiling(prompt, max_output))

    def booking(
        self, turn: Turn, call: Call, usage: Usage, *, prompt_length: int | None = None
    ) -> Booking:
        """Return the row for a call that used these tokens, priced as the model that answered.

        Args:
            turn: Whose thread and agent it is booked on.
            call: With its price snapshot and, where known, the model that answered.
            usage: As the provider counted, or an estimate.
            prompt_length: Characters that were sent.
        """
        now, price = self._clock.now(), self._price_of(call)
        return Booking(
            call_id=call.id,
            agent=turn.order.agent,
            thread_id=turn.thread_id,
            provider=call.provider,
            model=call.served_model or call.model,
            usage=usage,
            cost=cost_of(price, usage),
            at_most=cost_of(replace(price, at_most=False), usage).total if price else None,
            day=self.day(now),
            created_at=now,
            prompt_length=prompt_length,
        )

    def warning(
        self, turn: Turn, budgets: Mapping[str, Budget], holds: Iterable[Hold] = ()
    ) -> str | None:
        """Return the sentence for a default cap that the turn's question would pass, or None.

        Args:
            turn: Whose budgets count.
            budgets: What the store knows of them.
            holds: What is to be held on them besides.
        """
        more = {hold.budget: hold.amount for hold in holds}
        for scope in self.scopes(turn):
            left = scope.left_in(budgets)
            if not scope.refuses_in(budgets) and left is not None and left < more.get(scope.id, 0):
                left -= more.get(scope.id, 0)
                cap = scope.cap_in(budgets)
                return (
                    f"This question may cost {usd((cap or 0) - left)}, more than the default cap of "
                    f"{usd(cap)}, which only warns; --budget or `gitbridge budget set question USD` "
                    "sets one that refuses."
                )
        return None

    def unpriced(self, deployment: Deployment) -> str:
        """Return the sentence for a call whose cost nobody knows, where no cap refuses it."""
        return (
            f"Nobody knows what {deployment.id} costs: no default cap counts it. "
            f"`gitbridge prices set {deployment.id} --input X --output Y` gives it a price."
        )

    def _price_of(self, call: Call) -> Price | None:
        """Return the price of the model that answered; its dated name is the same model."""
        served = call.served_model
        if served is None or _DATED.sub("", served) == _DATED.sub("", call.model):
            return call.price
        price = self._prices.price(call.provider, served)
        return call.price if price is None else price


def _tightest(scopes: Sequence[Scope], budgets: Mapping[str, Budget]) -> tuple[Scope, int] | None:
    """Return the refusing budget with the least left, and what is left."""
    capped = [
        (s, left)
        for s in scopes
        if s.refuses_in(budgets) and (left := s.left_in(budgets)) is not None
    ]
    return min(capped, key=lambda entry: entry[1], default=None)


def _holds(scopes: Sequence[Scope], amount: int) -> tuple[Hold, ...]:
    return tuple(Hold(s.id, amount, s.cap, s.refuses, s.standing) for s in scopes)


def _shrunk(
    deployment: Deployment, price: Price, prompt: int, max_output: int, tightest: tuple[Scope, int]
) -> int:
    """Return the largest output limit that the tightest cap pays for."""
    scope, left = tightest
    least = min(LEAST_OUTPUT, max_output)
    affordable = output_within(price, prompt, left)
    if affordable is None or affordable < least:
        needed = price.ceiling(prompt, least)
        raise BudgetRefusedError(
            f"A turn of {deployment.id} may cost {usd(needed)} even with a short answer, and "
            f"{usd(max(0, left))} is left of the budget {scope.id}; "
            f"{scope.advice}, or ask a cheaper model."
        )
    return min(max_output, affordable)


def _unpriced(deployment: Deployment, scope: Scope) -> str:
    return (
        f"Nobody knows what {deployment.id} costs, and the budget {scope.id} refuses what it cannot "
        f"count; run `gitbridge prices set {deployment.id} --input X --output Y` (US dollars per "
        "million tokens), with --ceiling where you only know what it costs at most."
    )
