"""What a question, or a number of tokens, would cost; nothing is sent."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from functools import partial

from hub.domain.agent import Deployment
from hub.domain.ask import Ask, Estimate
from hub.errors import UsageError
from hub.exports.shapes import Json, money_json
from hub.ledger.cost import expected
from ui.cli.ask import configure_question, question_of
from ui.cli.asking import estimate_line
from ui.cli.listing import table
from ui.cli.parser import Args, add_json, count
from ui.cli.runner import Session, with_hub
from ui.format import money


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `estimate`: those of `ask`, and a bare count of tokens."""
    parser.epilog = (
        "Takes the question and the options of `ask`, routes each turn as it would be routed now, and "
        "adds up. With --tokens it says what so many tokens cost on every model instead."
    )
    parser.add_argument(
        "question", metavar="QUESTION", nargs="?", help="the question, or - to read stdin"
    )
    configure_question(parser)
    parser.add_argument(
        "--tokens",
        nargs=2,
        type=count,
        metavar=("PROMPT", "COMPLETION"),
        help="cost of so many tokens on each model; then the question is left out",
    )
    add_json(parser)


def run(args: Args) -> int:
    """Estimate, and print it."""
    if (args.question is None) == (args.tokens is None):
        raise UsageError("Give a question, or --tokens PROMPT COMPLETION: one of the two.")
    if args.tokens is not None:
        return with_hub(partial(_tokens, args))
    asked = question_of(args)

    async def work(session: Session) -> int:
        return await _question(session, asked(session.settings), args)

    return with_hub(work)


async def _question(session: Session, ask: Ask, args: Args) -> int:
    estimate = await session.hub.estimate(ask, args.thread)
    if args.json:
        session.console.json(estimate_json(estimate))
        return 0
    rows = (
        (t.purpose.value, t.agent, t.deployment, money(t.cost), money(t.ceiling))
        for t in estimate.turns
    )
    table(session.console, ("TURN", "AGENT", "MODEL", "ABOUT", "AT MOST"), rows)
    session.console.note(estimate_line(estimate))
    return 0


async def _tokens(args: Args, session: Session) -> int:
    prompt, completion = args.tokens
    found = list(_costs(session.hub.deployments, prompt, completion))
    if args.json:
        session.console.json(
            [
                {"model": d.id, "cost_usd": money_json(c), "ceiling_usd": money_json(m)}
                for d, c, m in found
            ]
        )
        return 0
    rows = ((d.id, money(cost), money(most)) for d, cost, most in found)
    table(session.console, ("MODEL", "ABOUT", "AT MOST"), rows)
    return 0


def _costs(
    deployments: Iterable[Deployment], prompt: int, completion: int
) -> Iterable[tuple[Deployment, int | None, int | None]]:
    for d in deployments:
        yield d, expected(d.price, prompt, completion), expected(d.bound, prompt, completion)


def estimate_json(estimate: Estimate) -> Json:
    """Return the object of `estimate --json`."""
    room = estimate.room
    return {
        "calls": estimate.calls,
        "cost_usd": money_json(estimate.cost),
        "ceiling_usd": money_json(estimate.ceiling),
        "unknown_models": list(estimate.unknown_models),
        "budget": {"scope": room.scope, "left_usd": money_json(room.left)} if room else None,
        "turns": [
            {
                "purpose": t.purpose.value,
                "agent": t.agent,
                "model": t.deployment,
                "cost_usd": money_json(t.cost),
                "ceiling_usd": money_json(t.ceiling),
            }
            for t in estimate.turns
        ],
    }
