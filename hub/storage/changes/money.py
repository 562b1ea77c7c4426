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
_GIVE_BACK = (
    "UPDATE budget SET reserved = reserved - held.amount FROM reservation AS held"
    " WHERE held.budget_id = budget.id AND held.call_id = ? AND held.state IN ('held', 'unsettled')"
)
_LONGEST_CALL_US = 3_600_000_000
"""An hour: every deadline is shorter, repeats included."""


def set_budget(session: Session, change: SetBudget) -> None:
    """Set the person's cap, or lift it; a cap of the configuration may then apply again.

    Under `day`, `month` and `question` it counts for every such budget without a cap of its own: what
    an earlier one left there goes with it, and the next reservation brings what is in force.
    """
    session.run(
        "INSERT INTO budget (id, cap, by_person) VALUES (?1, ?2, ?2 IS NOT NULL)"
        " ON CONFLICT (id) DO UPDATE SET cap = excluded.cap, by_person = excluded.by_person",
        change.id,
        change.cap,
    )
    if ":" not in change.id:
        session.run(
            "UPDATE budget SET cap = NULL WHERE id >= ?1 || ':' AND id < ?1 || ';' AND NOT by_person",
            change.id,
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
        standing = _standing(session, hold)
        cap = hold.cap if standing is None else standing
        if cap is not None:
            session.run(
                "UPDATE budget SET cap = ? WHERE id = ? AND NOT by_person AND cap IS NOT ?",
                cap,
                hold.budget,
                cap,
            )
        refuse = hold.refuse or standing is not None
        values = {"amount": hold.amount, "id": hold.budget, "refuse": int(refuse)}
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


def _standing(session: Session, hold: Hold) -> int | None:
    """Return the cap that the person set for every budget of this kind, or None."""
    if hold.standing is None:
        return None
    found = session.row("SELECT cap FROM budget WHERE id = ? AND by_person", hold.standing)
    return None if found is None else int(found[0])


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
    session.run(_GIVE_BACK, call_id)
    session.run(
        "UPDATE reservation SET state = ? WHERE call_id = ? AND state IN ('held', 'unsettled')",
        state,
        call_id,
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
    if not written:
        return
    if cost.total is None:
        _count_unknown(session, booking)
    else:
        session.run(
            "UPDATE budget SET spent = spent + ?"
            " WHERE id IN (SELECT budget_id FROM reservation WHERE call_id = ?)",
            cost.total,
            booking.call_id,
        )


def _count_unknown(session: Session, booking: Booking) -> None:
    """Count a cost that nobody knows as what was held for it, or less where that is certain.

    Counted as nothing it would let the next call pass a cap; the ledger still says unknown.
    """
    held = session.rows(
        "SELECT budget_id, amount, state IN ('held', 'unsettled') FROM reservation"
        " WHERE call_id = ? ORDER BY budget_id",
        booking.call_id,
    )
    for budget, amount, open_ in held:
        counts = amount if booking.at_most is None else min(amount, booking.at_most)
        session.run(
            "UPDATE reservation SET amount = ? WHERE call_id = ? AND budget_id = ?",
            counts,
            booking.call_id,
            budget,
        )
        session.run(
            "UPDATE budget SET spent = spent + ?, reserved = reserved - ? WHERE id = ?",
            counts,
            (amount - counts) * open_,
            budget,
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
