"""Take over the turns that a program which is gone left, and run them to their end."""

from __future__ import annotations

import argparse
from functools import partial

from hub.domain.turn import Turn, TurnState
from ui.cli.console import Console
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, with_hub


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `resume`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="only this thread's")
    add_json(parser)


def run(args: Args) -> int:
    """Adopt, run, list."""
    return with_hub(partial(_resume, args))


async def _resume(args: Args, session: Session) -> int:
    turns = await session.hub.resume(args.id)
    show_turns(session.console, turns, as_json=args.json)
    if not turns:
        session.console.note("No dead program left any turn.")
    return 0 if all(turn.state is TurnState.DONE for turn in turns) else 1


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
