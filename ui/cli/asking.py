"""Runs one question: tells what it may cost, shows what happens, and stops gently on Ctrl+C."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from hub.bus import Subscription
from hub.domain.ask import Answer, Ask, Estimate, Mode
from hub.domain.decision import Option, Verdict
from hub.domain.event import Event, OutageMet
from hub.domain.text import title_of
from hub.domain.thread import Thread
from hub.errors import BudgetRefusedError, GitBridgeError, UndecidedError, UsageError
from hub.threads import clean_post
from ui.cli.endings import INTERRUPTED
from ui.cli.interrupts import HANGUP
from ui.cli.outage import ask_about
from ui.cli.raising import offer_to_raise
from ui.cli.runner import Session
from ui.format import money

Listen = Callable[[Event], object]
"""Is told every event."""
OpenEars = Callable[[Thread], Listen]
"""Returns who is told, once the thread is known."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the person demands of the outcome, for the exit status."""

    option: str | None = None
    """The option that has to win."""
    decided: bool = False
    """True: an advisory outcome is not enough."""

    def check(self, ask: Ask) -> None:
        """Raise before anything is sent when the question could never meet it."""
        if (self.option is not None or self.decided) and ask.mode is not Mode.DECIDE:
            raise UsageError(
                "--expect and --require need a decision: give options, or more than one agent."
            )
        if self.option is not None and ask.options:
            wanted = Option(self.option).id
            if wanted not in {Option(text).id for text in ask.options}:
                raise UsageError(f"--expect '{self.option}' is none of the options.")

    def met_by(self, answer: Answer) -> None:
        """Raise `UndecidedError` when the outcome is none, or not the one demanded."""
        decision = answer.decision
        if decision is None or decision.tally is None:
            raise UndecidedError("No decision came about.")
        tally = decision.tally
        if tally.verdict is Verdict.NO_CONSENSUS:
            raise UndecidedError(f"No consensus: {tally.reason}")
        if self.decided and tally.verdict is not Verdict.DECIDED:
            raise UndecidedError(f"The outcome is {tally.verdict.value}, not decided.")
        if self.option is not None and Option(self.option).id != tally.winner:
            raise UndecidedError(f"The winner is not '{self.option}'.")


def estimate_line(estimate: Estimate) -> str:
    """Return what a question may cost, before it is sent."""
    calls = f"{estimate.calls} call{'s' if estimate.calls != 1 else ''}"
    at_most = "" if not estimate.ceiling else f", at most {money(estimate.ceiling)}"
    if estimate.cost is None:
        models = ", ".join(estimate.unknown_models)
        return f"Estimated: {calls}, cost unknown (no price for {models}){at_most}"
    room = estimate.room
    left = f"; {money(room.left)} is left of {room.scope}" if room and estimate.missing else ""
    return f"Estimated: {calls}, about {money(estimate.cost)}{at_most}{left}"


async def put(session: Session, ask: Ask, thread: str | None, open_ears: OpenEars) -> Answer:
    """Estimate, ask and show; return what came of it.

    Args:
        session: The hub and where to write.
        ask: The question.
        thread: Reference of the thread; None opens a new one.
        open_ears: Given the thread, returns what is told every event.

    Raises:
        GitBridgeError: Whatever the hub raises; a thread that stayed empty is taken away again.
    """
    hub, console = session.hub, session.console
    body = clean_post(ask.question)
    estimate = await hub.estimate(ask, thread)
    console.note(estimate_line(estimate))
    ask = await offer_to_raise(session, ask, estimate)
    where = await (hub.thread(thread) if thread else hub.create_thread(title_of(body)))

    async def stop() -> None:
        console.note("\nStopping; what is paid for will be counted. Ctrl+C again quits at once.")
        await hub.stop(where.id)

    hub.on_outage(can_ask=console.asks)
    subscription = hub.subscribe()
    listening = asyncio.create_task(_listen(session, where, subscription, open_ears(where)))
    try:
        with session.interrupts.answered_by(stop):
            return await hub.ask(ask, where.id)
    except GitBridgeError:
        if not thread and not await hub.messages(where.id, limit=1):
            await hub.delete(where.id)
        raise
    finally:
        subscription.close()
        await listening


async def _listen(
    session: Session, thread: Thread, subscription: Subscription, listen: Listen
) -> None:
    """Tell every event; when the reader of our output left, nobody waits for the answer either.

    A terminal that is gone took its person by surprise: then what is not done stays in line.
    """
    async for event in subscription:
        if isinstance(event, OutageMet) and event.thread_id == thread.id:
            ask_about(session, event)
        try:
            listen(event)
        except BrokenPipeError:
            await session.hub.stop(thread.id)
            raise
        except OSError:
            session.interrupts.seen(HANGUP)
            raise


def status_of(ask: Ask, answer: Answer, expected: Expectation) -> int:
    """Return the exit status of an answered question.

    Raises:
        UndecidedError: There should be a decision and there is none, or not the one demanded.
        BudgetRefusedError: That is so because a budget ended it early.
    """
    if answer.stopped == "person":
        return INTERRUPTED
    if ask.mode is Mode.DECIDE:
        try:
            expected.met_by(answer)
        except UndecidedError as error:
            if answer.stopped == "budget":
                raise BudgetRefusedError(" ".join((*answer.failures[:1], str(error)))) from None
            raise
    return 0
