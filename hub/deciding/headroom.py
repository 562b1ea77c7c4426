"""What the budgets still pay for, looked at before it is asked (CONSENSUS: early stop).

A turn that a cap is certain to refuse is not put in line: a decision ends with what was paid for.
Counting costs nothing, so one ballot more needs what that ballot costs; a round of critique needs the
vote behind it as well, else it is talk that nobody can vote on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.asking import Asking
from hub.domain.decision import Proposal
from hub.domain.route import Route
from hub.domain.turn import Purpose, Turn, TurnOrder
from hub.errors import BudgetRefusedError, RoutingError
from hub.estimating import PARTIAL, POST, SCAFFOLD, request_for
from hub.serving.calls import may_refuse, rehearse, view_of
from hub.views import CAP


@dataclass(frozen=True, slots=True)
class Means:
    """What budgets pay for of the turns that were looked at."""

    orders: tuple[TurnOrder, ...]
    """As many of them as can be paid side by side, in their order."""
    refused: BudgetRefusedError | None = None
    """Why the first that is not among them is not; None: all are, and what comes then."""


async def means_for(
    asking: Asking, orders: Sequence[TurnOrder], then: Sequence[TurnOrder] = ()
) -> Means:
    """Return what the budgets pay for, others' holds counted; all of it where no cap refuses.

    What the turns cost is expected as the router expects it, and the last one has to be afforded
    by the ledger, if only with a short answer. One that was made before costs nothing.

    Args:
        asking: The question; nothing is queued, held or sent for it here.
        orders: The turns, in the order in which they are to be paid.
        then: What has to be paid for behind them; nobody knows yet what it will read.
    """
    paid: list[TurnOrder] = []
    refused: BudgetRefusedError | None = None
    spent, posted = 0, SCAFFOLD + POST * len(orders)
    seated: dict[Purpose, tuple[str, ...]] = {}
    for number, order in enumerate((*orders, *then)):
        turn = asking.prepared(order)
        if turn is not None and await may_refuse(asking.parts, turn):
            more = posted if number >= len(orders) else 0
            taken = seated.get(order.purpose, ())
            try:
                route = await _expected(asking, turn, taken, spent, more)
            except BudgetRefusedError as error:
                refused = refused or error
                continue
            if route is not None:
                spent += route.chosen.cost or 0
                seated[order.purpose] = (*taken, route.deployment.family)
        paid.append(order)
    return Means(tuple(order for order in orders if order in paid), refused)


def vote_of(asking: Asking, proposal: Proposal, number: int) -> list[TurnOrder]:
    """Return the turns of a round of ballots, as far as what they cost goes."""
    voters = proposal.eligible[: PARTIAL.get(proposal.rule, len(proposal.eligible))]
    orders = (asking.order(name, Purpose.BALLOT, asking.question.id) for name in voters)
    return [replace(order, blind=True, committee=True, round=number) for order in orders]


async def _expected(
    asking: Asking, turn: Turn, seated: tuple[str, ...], spent: int, more: int
) -> Route | None:
    """Return the route that a turn would take once so much is spent; None: that is not known now.

    One that only lacks what other turns of this program hold waits for it when it is made.

    Raises:
        BudgetRefusedError: A cap affords not even a short answer.
    """
    parts, order = asking.parts, turn.order
    view = await view_of(parts, turn)
    tokens = min(view.prompt_tokens + more, CAP)
    request = replace(
        request_for(parts, asking.ask, order.agent, order.purpose, tokens),
        provider=order.provider,
        model=order.model,
        seated=seated if order.committee else (),
    )
    try:
        return await rehearse(parts, turn, request, spent)
    except RoutingError:
        return None  # who can serve it is another matter, and the turn's own
    except BudgetRefusedError:
        if parts.purse.held_beside(turn.id):
            return None
        raise
