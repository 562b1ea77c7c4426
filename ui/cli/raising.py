"""Offers to raise the cap that a question is expected to pass, before anything is sent."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.ask import Ask, Estimate
from ui.cli.runner import Session
from ui.format import money

_CENT = 10_000


async def offer_to_raise(session: Session, ask: Ask, estimate: Estimate) -> Ask:
    """Ask a person whether the cap should be raised to what the question may need; return it so.

    Without a person, or with a no, it goes on as it is: what the cap pays for is answered.
    """
    room, console = estimate.room, session.console
    if room is None or not estimate.missing:
        return ask
    needed = room.cap - room.left + (estimate.ceiling or estimate.cost or 0)
    wanted = -(-needed // _CENT) * _CENT
    how = (
        f"gitbridge budget set {room.raised_by} {wanted / 1e6:g}" if room.raised_by else "--budget"
    )
    if not console.asks:
        console.note(f"That may be refused; `{how}` raises the cap.")
        return ask
    if not console.confirm(
        f"Raise the cap of {room.scope} from {money(room.cap)} to {money(wanted)}?"
    ):
        return ask
    if room.raised_by is None:
        return replace(ask, budget=wanted)
    await session.hub.set_budget(room.raised_by, wanted)
    return ask
