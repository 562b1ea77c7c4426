"""List decisions; show one with its ballots, tally and dissent."""

from __future__ import annotations

import argparse
from functools import partial

from hub.domain.decision import Decision
from hub.domain.text import one_line
from hub.exports.shapes import decision_json
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, add_json, count, subcommands
from ui.cli.runner import Session, with_hub
from ui.decision_lines import ballot_line, decision_lines, outcome_line
from ui.format import date_time


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `decision`."""
    add = subcommands(parser, "commands")
    listing = add("list", "list decisions, the newest first", _run_list)
    listing.add_argument("--thread", metavar="ID", help="of this thread only")
    listing.add_argument("--limit", type=count, metavar="N", help="at most")
    add_json(listing)
    show = add("show", "print ballots, tally, outcome and dissent", _run_show)
    show.add_argument("id", metavar="ID", help="of the decision; may be shortened")
    add_json(show)


def _run_list(args: Args) -> int:
    return with_hub(partial(_list, args))


async def _list(args: Args, session: Session) -> int:
    found = await session.hub.decisions(args.thread, args.limit)
    if args.json:
        session.console.json([decision_json(decision) for decision in found])
        return 0
    rows = (
        (d.id[:SHORT], date_time(d.opened_at), outcome_line(d), d.proposal.question) for d in found
    )
    table(session.console, ("ID", "OPENED", "OUTCOME", "QUESTION"), rows)
    return 0


def _run_show(args: Args) -> int:
    return with_hub(partial(_show, args))


async def _show(args: Args, session: Session) -> int:
    decision = await session.hub.decision(args.id)
    if args.json:
        session.console.json(decision_json(decision))
    else:
        session.console.line("\n".join(_lines(decision)))
    return 0


def _lines(decision: Decision) -> list[str]:
    proposal = decision.proposal
    return [
        f"Decision {decision.id} in thread {decision.thread_id}, {date_time(decision.opened_at)}",
        f"Question: {one_line(proposal.question, 2_000)}",
        *(f"Option: {one_line(option.text, 400)}" for option in proposal.options),
        *(f"Round {b.round}, ballot of {ballot_line(b, decision)}" for b in decision.ballots),
        *decision_lines(decision),
    ]
