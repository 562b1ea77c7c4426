"""Decisions: list, show, vote, join, override, mark, look at from other sides, export, verify."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial

from hub.consensus.person import letters
from hub.domain.agent import YOU
from hub.domain.decision import Decision, Option, Rule
from hub.domain.text import one_line
from hub.exports.shapes import decision_json
from hub.exports.words import merged
from ui.cli import decision_actions as actions
from ui.cli import decision_checks as checks
from ui.cli.export import add_target
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, Parser, Run, add_json, count, day_begins, subcommands, usd
from ui.cli.runner import Session, with_hub
from ui.decision_lines import ballot_line, decision_lines, outcome_line
from ui.format import date_time

OfOne = Callable[[str, str, Run], Parser]
"""Adds a subcommand that is about one decision."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `decision`."""
    add = subcommands(parser, "commands")
    listing = add("list", "list decisions, the newest first", _run_list)
    listing.add_argument("--thread", metavar="ID", help="of this thread only")
    listing.add_argument("--limit", type=count, metavar="N", help="at most")
    add_json(listing)

    def of_one(name: str, text: str, run: Run) -> Parser:
        sub = add(name, text, run)
        sub.add_argument("id", metavar="ID", help="of the decision; may be shortened")
        return sub

    add_json(of_one("show", "print ballots, tally, outcome and dissent", _run_show))
    _configure_actions(of_one)
    _configure_record(add("record", "note a decision made elsewhere", actions.run_record))
    _configure_checks(of_one)
    verify = add("verify", "count the decisions in a file again, offline", checks.run_verify)
    verify.add_argument("file", metavar="FILE", help="a JSON export; - is stdin")
    add_json(verify)


def _configure_actions(of_one: OfOne) -> None:
    _configure_voting(of_one("vote", "cast your own ballot, or veto", actions.run_vote))
    propose = of_one("propose", "put another option to a vote under way", actions.run_propose)
    propose.epilog = "While drafts are still being written, ID is the thread's, or `last`."
    propose.add_argument("option", metavar="TEXT")
    join = of_one("join", "make one option of several drafted ones", actions.run_join)
    join.add_argument(
        "option", metavar="OPTION", nargs="+", help="letter or text; the first one's words stand"
    )
    _add_person(join, reason_needed=True)
    split = of_one("split", "take drafts out of an option they were merged into", actions.run_split)
    split.add_argument("option", metavar="OPTION", help="letter or text")
    split.add_argument(
        "draft", metavar="DRAFT", nargs="+", help="its author, its message's id, or what it says"
    )
    _add_person(split, reason_needed=True)
    override = of_one("override", "decide whatever the count says", actions.run_override)
    override.add_argument("option", metavar="OPTION")
    _add_person(override, reason_needed=True)
    go_on = of_one("continue", "go on with one that ended undecided", actions.run_continue)
    go_on.add_argument("--budget", type=usd, metavar="USD", help="cap for the whole question")
    add_json(go_on)
    mark = of_one("mark", "say whether it was right: that teaches whom to trust", actions.run_mark)
    mark.add_argument("right", choices=("right", "wrong"))
    mark.add_argument("--answer", metavar="X", help="what is right, where the winner is not")


def _configure_checks(of_one: OfOne) -> None:
    what_if = of_one("whatif", "count the ballots in other ways", checks.run_what_if)
    what_if.add_argument(
        "--without", action="append", default=[], metavar="AGENT", help="leave its ballots out"
    )
    what_if.add_argument(
        "--rule", choices=[rule.value for rule in Rule], metavar="R", help="count by this rule"
    )
    add_json(what_if)
    rerun = of_one("rerun", "ask again, with today's models; compare the votes", checks.run_rerun)
    rerun.add_argument("--budget", type=usd, metavar="USD", help="cap for the question")
    add_json(rerun)
    export = of_one("export", "write the decision record", checks.run_export)
    export.add_argument("--format", choices=checks.SUFFIXES, help="default: by -o, markdown")
    add_target(export)


def _configure_voting(parser: Parser) -> None:
    parser.add_argument(
        "option", metavar="OPTION", nargs="*", help="letter or text; several where the rule ranks"
    )
    parser.add_argument("--veto", action="store_true", help="block it, under the rule consent")
    parser.add_argument("--abstain", action="store_true", help="take part without a choice")
    _add_person(parser, reason_needed=False)


def _configure_record(parser: Parser) -> None:
    parser.add_argument("question", metavar="QUESTION", help="what was decided on, or -")
    parser.add_argument("--decided", metavar="X", required=True, help="what was decided")
    parser.add_argument("--option", action="append", default=[], metavar="X", help="considered")
    parser.add_argument("--thread", metavar="ID", help="keep it in this thread")
    parser.add_argument("--supersedes", metavar="ID", help="the decision whose place it takes")
    parser.add_argument(
        "--review", type=day_begins, metavar="DATE", help="when to look at it again"
    )
    _add_person(parser, reason_needed=True)


def _add_person(parser: Parser, *, reason_needed: bool) -> None:
    parser.add_argument("--name", default="you", metavar="NAME", help="who you are (you)")
    parser.add_argument("--reason", metavar="TEXT", required=reason_needed, default="", help="why")


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
    more = [f"Supersedes: {proposal.supersedes}"] if proposal.supersedes else []
    if proposal.review_at is not None:
        more.append(f"Look again: {date_time(proposal.review_at)}")
    return [
        f"Decision {decision.id} in thread {decision.thread_id}, {date_time(decision.opened_at)}",
        f"Question: {one_line(proposal.question, 2_000)}",
        *more,
        *(f"Option {x}: {one_line(o.text, 400)}{_drafts(o)}" for x, o in letters(decision).items()),
        *(f"Round {b.round}, ballot of {ballot_line(b, decision)}" for b in decision.ballots),
        *decision_lines(decision),
    ]


def _drafts(option: Option) -> str:
    """Name the drafts that an option stands for, where they are several, or the person."""
    if option.drafts:
        return f" (drafts of {merged(option)})"
    return " (proposed by you)" if YOU in option.authors else ""
