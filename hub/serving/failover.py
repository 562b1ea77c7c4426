"""Where a turn goes on after a call of it has failed: elsewhere, there again, or not at all.

The transport has repeated by then what cannot have cost anything (ROUTER: failover).
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from hub.domain.route import FAILED
from hub.domain.turn import Purpose, Turn
from hub.errors import (
    BadRequestError,
    BudgetRefusedError,
    ContentFilterError,
    ProviderError,
    RateLimitError,
    RoutingError,
    SendOutcome,
)
from hub.serving import calls
from hub.serving.attempts import Attempt, CallEnd
from hub.serving.calls import Parts
from hub.serving.patience import Patience

Ends = tuple[CallEnd, ...]


class Failover:
    """The calls of one turn that failed, and what may still follow them."""

    def __init__(self, parts: Parts, turn: Turn, patience: Patience) -> None:
        """Have nothing failed yet.

        Args:
            parts: What turns work with.
            turn: Whose calls they are.
            patience: How long it still waits for providers.
        """
        self._parts = parts
        self._turn = turn
        self._patience = patience
        self._failed: list[tuple[str, str]] = []
        self._rested = False
        self.resent = False
        """True once a call of unknown outcome was followed by another one: that happens once."""

    def note(self, attempt: Attempt, error: ProviderError) -> None:
        """Note a failed call: its deployment is asked no more in this turn."""
        self.resent = self.resent or error.outcome is SendOutcome.UNKNOWN
        kind = type(error).__name__.removesuffix("Error")
        self._failed.append((attempt.route.deployment.id, f"{FAILED}: {kind}"))

    async def after(self, error: ProviderError, ended: Ends) -> Attempt:
        """Return the call that follows a failed one; raise its error where none may.

        Args:
            error: Why it failed.
            ended: Its end, and that of the call that ran beside it.
        """
        attempt, unknown = ended[0].attempt, error.outcome is SendOutcome.UNKNOWN
        shown = error.visible and self._turn.order.purpose is not Purpose.BALLOT
        final = shown or isinstance(error, BadRequestError | ContentFilterError)
        if final or (unknown and self.resent):
            raise error
        self.note(attempt, error)
        try:
            following = await self._plan(error, ended)
        except RoutingError as none_left:
            return await self._same_again(error, ended, none_left)
        if unknown and not self._may_follow(attempt, following):
            calls.give_back(self._parts, self._turn, following)
            raise error
        return following

    async def _plan(self, error: ProviderError, ended: Ends) -> Attempt:
        """Plan a call on a deployment that has not failed in this turn, elsewhere if there is one."""
        failed, sisters = tuple(self._failed), self._sisters(ended[0].attempt, error)
        if sisters:
            with suppress(RoutingError, BudgetRefusedError):
                return await self._planned((*sisters, *failed), ended)
        return await self._planned(failed, ended)

    async def _planned(self, failed: tuple[tuple[str, str], ...], ended: Ends) -> Attempt:
        view = ended[0].attempt.view
        how = partial(calls.plan, self._parts, self._turn, view, after=ended, failed=failed)
        return await self._patience.room(how)

    async def _same_again(
        self, error: ProviderError, ended: Ends, none_left: RoutingError
    ) -> Attempt:
        """Ask the only deployment once more: after its rate limit, or for the one re-send."""
        attempt, wait = ended[0].attempt, error.retry_after_s or 0.0
        if isinstance(error, RateLimitError):
            wait = wait or none_left.recovers_in_s or 0.0
        if error.outcome is SendOutcome.UNKNOWN:
            if not self._parts.router.may_resend(attempt.call.provider):
                raise error
            await self._patience.wait(wait, error)
            return await calls.again(self._parts, self._turn, attempt.view, ended)
        if not wait or self._rested:
            raise error
        self._rested = True
        await self._patience.wait(wait, error)
        self._failed.pop()  # it may serve now, if nobody else is refused meanwhile
        while True:
            try:
                return await self._plan(error, ended)
            except RoutingError as refused:
                await self._patience.rest(refused)

    def _sisters(self, attempt: Attempt, error: ProviderError) -> tuple[tuple[str, str], ...]:
        """Return the deployments of a provider that has failed a call, with the reason to pass them.

        An outage is the provider's more often than the model's; other faults say nothing of them.
        """
        own, name = attempt.route.deployment.id, attempt.call.provider
        others = (d.id for d in self._parts.deployments if d.provider == name and d.id != own)
        return tuple((id_, f"its provider {FAILED}") for id_ in others) if error.outage else ()

    def _may_follow(self, failed: Attempt, following: Attempt) -> bool:
        """Tell whether a call may follow one of unknown outcome: its provider is asked sparingly."""
        provider = following.call.provider
        return provider != failed.call.provider or self._parts.router.may_resend(provider)
