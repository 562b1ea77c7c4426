"""Asks a person in the terminal what to do about an outage in the middle of a decision."""

from __future__ import annotations

import asyncio
import threading

from hub.domain.event import OutageMet
from hub.serving.outages import Outage
from ui.cli.runner import Session

_LETTERS = {"w": Outage.WAIT, "g": Outage.GO_ON, "s": Outage.STOP}


def ask_about(session: Session, met: OutageMet) -> None:
    """Put the question and go on: the answer is told to the hub when it comes.

    A thread of its own reads it, which nobody waits for: the program can end meanwhile.
    """
    loop = asyncio.get_running_loop()

    def read() -> None:
        wish = question(session, met)
        if not loop.is_closed():
            loop.call_soon_threadsafe(session.hub.answer_outage, met.question_id, wish)

    threading.Thread(target=read, name="outage", daemon=True).start()


def question(session: Session, met: OutageMet) -> Outage:
    """Return what the person answers; what makes no sense, or nothing, is going on."""
    who = ", ".join(met.agents)
    text = f"{who} cannot be reached: {met.reason}\n[w]ait, [g]o on with fewer families, [s]top?"
    return _LETTERS.get(session.console.read(text)[:1], Outage.GO_ON)
