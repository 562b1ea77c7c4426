"""The agents as configured, and what may serve them."""

from __future__ import annotations

import argparse
from functools import partial

from ui.cli.listing import table
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, with_hub


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `agents`."""
    add_json(parser)


def run(args: Args) -> int:
    """List them."""
    return with_hub(partial(_agents, args))


async def _agents(args: Args, session: Session) -> int:
    personas = session.hub.personas
    if args.json:
        session.console.json(
            [
                {
                    "name": p.name,
                    "role": p.role,
                    "instructions": p.instructions,
                    "deployments": list(p.deployments),
                    "temperature": p.temperature,
                    "hedge": p.hedge,
                    "version": p.version,
                }
                for p in personas
            ]
        )
        return 0
    rows = ((p.name, p.role, ", ".join(p.deployments) or "any") for p in personas)
    table(session.console, ("AGENT", "ROLE", "SERVED BY"), rows)
    return 0
