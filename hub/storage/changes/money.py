"""Money: reserved before a call, booked and settled after it (STORAGE: Money that survives).

At every moment a budget's `reserved` is the sum of its held and unsettled reservations, and its
`spent` the sum of what was booked for calls that reserved on it.
"""

from __future__ import annotations

from hub.domain.change import SetBudget
from hub.domain.ids import TurnId
from hub.domain.usage import Booking, Hold, HoldState, usd
from hub.errors import BudgetRefusedError
from hub.storage.session import Session

_RESERVE = (
    "UPDATE budget SET reserved = reserved + :amount WHERE id = :id"
    " AND (NOT (:refuse OR by_person) OR cap IS NULL OR spent + reserved + :amount <= cap)"
)
_LONGEST_CALL_US = 3_600_000_000
"""An hour: every deadline is shorter, repeats included."""


def set_budget(session: Session, change: SetBudget) -> None:
    """Set the person's cap, or lift it; a cap of the configuration may then apply again."""
    session.run(
        "INSERT INTO budget (id, cap, by_person) VALUES (?1, ?2, ?2 IS NOT NULL)"
        " ON CONFLICT (id) DO UPDATE SET cap = excluded.cap, by_person = excluded.by_person",
        change.id,
        change.cap,
    )


def reserve(session: Session, call_id: str, holds: tuple[Hold, ...]) -> None:
    """Hold money on every scope, or on none: the caller's savepoint undoes what was held.

    Scopes are taken in order of id, everywhere, so that two programs cannot block each other.

    Raises:
        BudgetRefusedError: A cap would be passed.
    """
    now = session.clock.now()
    reap(session, now)
    for hold in sorted(holds, key=lambda hold: hold.budget):
        session.insert("budget", {"id": hold.budget}, or_ignore=True)
        if hold.cap is not None:
            session.run(
                "UPDATE budget SET cap = ? WHERE id = ? AND NOT by_person AND cap IS NOT ?",
                hold.cap,
                hold.budget,
                hold.cap,
            )
        values = {"amount": hold.amount, "id": hold.budget, "refuse": int(hold.refuse)}
        session.connection.execute(_RESERVE, values)
        if session.connection.changes() == 0:
            raise _refused(session, hold)
        session.insert(
            "reservation",
            {
                "call_id": call_id,
                "budget_id": hold.budget,
                "amount": hold.amount,
                "state": HoldState.HELD,
                "expires_at": now + _LONGEST_CALL_US,
            },
        )


def reap(session: Session, now: int) -> None:
    """Mark what is held longer than any call takes as possibly spent: never as free.

    Its program died, or lost the journal; a late end of the call still settles it.
    """
    session.run(
        "UPDATE reservation SET state = 'unsettled' WHERE state = 'held' AND expires_at < ?", now
    )


def settle(session: Session, call_id: str, state: HoldState) -> None:
    """Give what a call holds its end; anything but SETTLED and RELEASED keeps counting."""
    if state not in (HoldState.SETTLED, HoldState.RELEASED):
        unsettle(session, call_id)
        return
    open_ = session.rows(
        "SELECT budget_id, amount FROM reservation"
        " WHERE call_id = ? AND state IN ('held', 'unsettled') ORDER BY budget_id",
        call_id,
    )
    for budget, amount in open_:
        session.run("UPDATE budget SET reserved = reserved - ? WHERE id = ?", amount, budget)
        session.run(
            "UPDATE reservation SET state = ? WHERE call_id = ? AND budget_id = ?",
            state,
            call_id,
            budget,
        )


def unsettle(session: Session, call_id: str) -> None:
    """Mark what a call holds as possibly spent: nobody knows what the provider billed."""
    session.run(
        "UPDATE reservation SET state = 'unsettled' WHERE call_id = ? AND state = 'held'", call_id
    )


def book(session: Session, booking: Booking, turn_id: TurnId) -> None:
    """Write a call's row of the ledger, once, and count it on every scope it reserved on."""
    usage, cost = booking.usage, booking.cost
    question = session.row("SELECT question_id FROM turn WHERE id = ?", turn_id)
    written = session.insert(
        "ledger",
        {
            "call_id": booking.call_id,
            "kind": "call",
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "cached_tokens": usage.cached_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "prompt_cost": cost.prompt,
            "completion_cost": cost.completion,
            "cost": cost.total,
            "billed": usage.billed,
            "estimated": int(usage.estimated),
            "agent": booking.agent,
            "thread_id": booking.thread_id,
            "turn_id": turn_id,
            "question_id": question[0] if question else "",
            "provider": booking.provider,
            "model": booking.model,
            "day": booking.day,
            "created_at": booking.created_at,
        },
        or_ignore=True,
    )
    if written:
        session.run(
            "UPDATE budget SET spent = spent + ?"
            " WHERE id IN (SELECT budget_id FROM reservation WHERE call_id = ?)",
            cost.total or 0,
            booking.call_id,
        )


def _refused(session: Session, hold: Hold) -> BudgetRefusedError:
    cap, spent, reserved = session.rows(
        "SELECT cap, spent, reserved FROM budget WHERE id = ?", hold.budget
    )[0]
    return BudgetRefusedError(
        f"The budget {hold.budget} has a cap of {usd(cap)}; {usd(spent)} is booked and "
        f"{usd(reserved)} reserved, and this call may need {usd(hold.amount)}: raise the cap "
        f"(`gitbridge budget set`) or ask for less."
    )
