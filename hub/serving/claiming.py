"""How a turn begins: its route is chosen, its money held, its first call noted (tx A)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from hub.config import armed_failpoint, failpoint
from hub.domain.ask import Asked
from hub.domain.change import AskQuestion, BeginTurn
from hub.domain.event import MessagePosted, RouteChosen, TurnChanged
from hub.domain.turn import Turn
from hub.engine.unbroken import kept, unbroken
from hub.errors import BudgetRefusedError, GitBridgeError
from hub.serving import attempts, calls
from hub.serving.attempts import Attempt
from hub.serving.calls import Parts

RACES = 8
"""Times that a turn may find its money gone between counting and holding it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that was claimed, and the call that is to be made for it."""

    turn: Turn
    """RUNNING, with its fence."""
    attempt: Attempt


Take = Callable[[Begun], None]
"""Is handed what has begun as soon as the journal has it, whatever happens to the caller."""


def may_begin_with_question() -> bool:
    """Tell whether posting and beginning may be one: not where the program is to die between them."""
    return armed_failpoint() != "turn.before_a"


async def claim(parts: Parts, turn: Turn, take: Take) -> None:
    """Begin a turn that is in line.

    Raises:
        RoutingError: No deployment is left.
        BudgetRefusedError: A cap affords not even a short answer.
        PartitionBusyError: Another program's turn is before it.
    """
    failpoint("turn.before_a")
    for race in range(RACES + 1):
        view = await calls.view_of(parts, turn)
        attempt = await calls.plan(parts, turn, view)
        try:
            await unbroken(_claimed(parts, turn, attempt, take))
        except BudgetRefusedError:  # another turn was quicker: what is left now may still do
            if race == RACES:
                raise
        else:
            return


async def post(parts: Parts, change: AskQuestion) -> Asked:
    """Post a question."""
    asked = await parts.store.commit(change)
    parts.bus.publish(MessagePosted(asked.question))
    return asked


async def ask(parts: Parts, change: AskQuestion, turn: Turn, take: Take) -> Asked:
    """Post a question and begin the turn that answers it, on the disk as one.

    A turn that cannot begin yet is left in line: its own run meets why, and waits or says so.

    Raises:
        OrphanedTurnsError: A dead program left turns in the thread.
    """
    try:
        view = await calls.view_of(parts, turn, change.message)
        attempt = await calls.plan(parts, turn, view)
    except GitBridgeError:
        return await post(parts, change)
    return await kept(_both(post(parts, change), _claimed(parts, turn, attempt, take)))


async def _both(posted: Coroutine[Any, Any, Asked], claimed: Coroutine[Any, Any, None]) -> Asked:
    """Put two changes in line together, so that the journal takes them as one, in this order."""
    posting, claiming = asyncio.ensure_future(posted), asyncio.ensure_future(claimed)
    await asyncio.wait([posting, claiming])
    refusal = claiming.exception()
    if refusal is not None and not isinstance(refusal, GitBridgeError):
        raise refusal
    return posting.result()


async def _claimed(parts: Parts, turn: Turn, attempt: Attempt, take: Take) -> None:
    view, route = attempt.view, attempt.route
    sent = attempts.sent_record(view)
    begin = BeginTurn(turn.id, view.persona, sent, route, attempt.call, attempt.holds)
    parts.purse.hold(turn.id)  # others may read what is held before we are told
    try:
        turn = await parts.store.commit(begin)
    except BaseException:
        parts.purse.let_go(turn.id)
        calls.give_back(parts, turn, attempt)
        raise
    take(Begun(turn, attempt))
    parts.router.memory.routed(attempt.request, route)
    parts.bus.publish(TurnChanged(turn), RouteChosen(turn.thread_id, route))
    calls.warn(parts, turn, attempt)
