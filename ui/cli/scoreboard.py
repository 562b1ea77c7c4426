"""Who is right on your own questions, and how often for a dollar, by what you marked."""

from __future__ import annotations

import argparse
from functools import partial

from hub.analytics.scoreboard import standings
from hub.domain.insight import Standing
from hub.exports.insight_json import standing_json
from ui.cli.listing import table
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, with_hub
from ui.format import UNKNOWN, money, percent

FEW = 30
"""Marks below which an order is mostly chance."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `scoreboard`."""
    parser.add_argument(
        "--by", choices=("agent", "deployment"), default="agent", help="what rows stand for"
    )
    add_json(parser)


def run(args: Args) -> int:
    """Read the marks and print it."""
    return with_hub(partial(_scoreboard, args))


async def _scoreboard(args: Args, session: Session) -> int:
    judged = await session.hub.judged()
    rows = standings(judged, lambda one: one.agent if args.by == "agent" else one.deployment)
    if args.json:
        session.console.json([standing_json(row) for row in rows])
        return 0
    if not rows:
        session.console.note(
            "Nothing is marked yet: `gitbridge decision mark ID right` or `wrong` says who was right."
        )
        return 0
    head = (args.by.upper(), "JUDGED", "RIGHT", "SHARE", "95 % OF IT", "COST", "RIGHT PER $")
    table(session.console, head, [_row(row) for row in rows])
    if max(row.weight for row in rows) < FEW:
        session.console.note(
            f"Fewer than {FEW} marks each: the order may be chance, see the intervals."
        )
    return 0


def _row(row: Standing) -> tuple[str, ...]:
    per_dollar = UNKNOWN
    if row.per_dollar is not None and row.per_dollar_low is not None:
        low, high = row.per_dollar_low, row.per_dollar_high or 0.0
        per_dollar = f"{row.per_dollar:,.0f} ({low:,.0f} to {high:,.0f})"
    elif not row.unknown_cost:
        per_dollar = "free"
    return (
        row.name,
        str(row.judged),
        f"{row.right:g}",
        percent(row.share),
        f"{percent(row.low)} to {percent(row.high)}",
        money(row.cost) + (" + ?" if row.unknown_cost else ""),
        per_dollar,
    )
