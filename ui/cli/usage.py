"""Tokens and money, prompt and completion apart, as booked."""

from __future__ import annotations

import argparse
from dataclasses import asdict, astuple
from functools import partial

from hub.domain.usage import UsageRow
from hub.exports.shapes import usage_json
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, add_json, day, since
from ui.cli.runner import Session, with_hub
from ui.format import date_time, money

_KEYS = ("provider", "model", "agent", "thread", "tag", "day", "month")
_RETRIES = ("PROVIDER", "CALLS", "REPEATS", "SAVED BY THEM", "IN VAIN", "FAILED", "STOOD IN")
_HEAD = ("CALLS", "PROMPT", "COMPLETION", "PROMPT $", "COMPLETION $", "COST")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `usage`."""
    parser.add_argument("--by", choices=_KEYS, default="provider", help="what rows stand for")
    parser.add_argument("--since", type=day, metavar="D", help="this day and later: 2026-11-22")
    parser.add_argument(
        "--retries", action="store_true", help="what sending again came to, by provider, instead"
    )
    add_json(parser)


def run(args: Args) -> int:
    """Read the ledger and print it."""
    return with_hub(partial(_retries if args.retries else _usage, args))


async def _retries(args: Args, session: Session) -> int:
    rows = await session.hub.retries(since=since(args.since) if args.since else 0)
    if args.json:
        session.console.json([asdict(row) for row in rows])
        return 0
    table(session.console, _RETRIES, [tuple(map(str, astuple(row))) for row in rows])
    return 0


async def _usage(args: Args, session: Session) -> int:
    rows = await session.hub.usage(args.by, args.since)
    if args.json:
        session.console.json([usage_json(row) for row in rows])
        return 0
    totals = await session.hub.usage("total", args.since)
    lines = [_cells(row, row.key) for row in rows]
    if args.by != "tag":  # a call may have several tags, or none
        lines += (_cells(row, "total") for row in totals)
    table(session.console, (args.by.upper(), *_HEAD), lines)
    if unknown := sum(row.unknown_cost_calls for row in totals):
        session.console.note(f"{unknown} calls are of unknown cost and not in the sums.")
    for held in await session.hub.possible_charges():
        where = f" in thread {held.thread_id[:SHORT]}" if held.thread_id else ""
        since = f" since {date_time(held.since)}" if held.since else ""
        session.console.note(
            f"Possible double charge: {money(held.amount)} stay reserved for a call of "
            f"{held.provider or 'a provider'} {held.model}{where} whose outcome is unknown{since}."
        )
    return 0


def _cells(row: UsageRow, key: str) -> tuple[str, ...]:
    nothing_known = 0 < row.calls <= row.unknown_cost_calls
    costs = (row.prompt_cost, row.completion_cost, row.cost)
    return (
        key,
        str(row.calls),
        f"{row.prompt_tokens:,}",
        f"{row.completion_tokens:,}",
        *(money(None if nothing_known else cost) for cost in costs),
    )
