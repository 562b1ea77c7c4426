"""Take over what a program which is gone left, and bring its turns and questions to their end."""

from __future__ import annotations

import argparse
from contextlib import suppress
from functools import partial

from hub.deliberation import decision_id
from hub.domain.thread import Message
from hub.domain.turn import Turn, TurnState
from hub.errors import NotFoundError
from ui.cli.console import Console
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, with_hub
from ui.decision_lines import outcome_line


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `resume`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="only this thread's")
    add_json(parser)


def run(args: Args) -> int:
    """Adopt, run, list."""
    return with_hub(partial(_resume, args))


async def _resume(args: Args, session: Session) -> int:
    left = await session.hub.unanswered()
    turns = await session.hub.resume(args.id)
    show_turns(session.console, turns, as_json=args.json)
    await show_outcomes(session, left)
    if not turns:
        session.console.note("No dead program left any turn.")
    return 0 if all(turn.state is TurnState.DONE for turn in turns) else 1


async def show_outcomes(session: Session, questions: tuple[Message, ...]) -> None:
    """Tell what the decisions on these questions came to."""
    for question in questions:
        with suppress(NotFoundError):  # it was none to decide
            decision = await session.hub.decision(decision_id(question.id))
            session.console.note(f"Decision {decision.id[:SHORT]}: {outcome_line(decision)}")


def show_turns(console: Console, turns: tuple[Turn, ...], *, as_json: bool) -> None:
    """List turns with their state."""
    if as_json:
        console.json(
            [
                {
                    "id": turn.id,
                    "thread": turn.thread_id,
                    "agent": turn.order.agent,
                    "purpose": turn.order.purpose.value,
                    "state": turn.state.value,
                    "error": turn.error,
                }
                for turn in turns
            ]
        )
    elif turns:
        rows = (
            (t.id[:SHORT], t.thread_id[:SHORT], t.order.agent, t.state.value, t.error)
            for t in turns
        )
        table(console, ("TURN", "THREAD", "AGENT", "STATE", "ERROR"), rows)
