"""Everything at a glance: who drives, what consensus costs, how each deployment does."""

from __future__ import annotations

import argparse
from functools import partial

from hub.domain.insight import Dashboard
from hub.exports.insight_json import dashboard_json
from ui.cli.console import Console
from ui.cli.listing import table
from ui.cli.parser import Args, add_json, since
from ui.cli.runner import Session, with_hub
from ui.format import UNKNOWN, date_time, duration, money, percent, tokens


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `dashboard`."""
    parser.add_argument("id", metavar="ID", nargs="?", help="a thread; default: all of them")
    parser.add_argument(
        "--since", type=since, metavar="D", help="a day, or 7d, 12h, 30m; default: a week"
    )
    add_json(parser)


def run(args: Args) -> int:
    """Read the record and print it."""
    return with_hub(partial(_dashboard, args))


async def _dashboard(args: Args, session: Session) -> int:
    board = await session.hub.dashboard(since=args.since, ref=args.id)
    if args.json:
        session.console.json(dashboard_json(board))
        return 0
    _write(session.console, board)
    return 0


def _write(console: Console, board: Dashboard) -> None:
    console.line(
        f"Since {date_time(board.since)} · strategy {board.strategy} · "
        + ", ".join(f"{name} {count}" for name, count in board.strategies)
    )
    console.line(_consensus(board))
    if board.voices:
        console.line()
        head = ("AGENT", "MESSAGES", "DRIVES", "IGNORED", "VOTES", "FLIPS", "AGREES", "COST")
        table(console, head, [_voice_row(board, k) for k in range(len(board.voices))])
    if board.deployments:
        console.line()
        columns = (
            "DEPLOYMENT", "CALLS", "SHARE", "ANSWERED", "P50", "P95", "REPEATS", "TOKENS", "COST",
        )  # fmt: skip
        table(console, columns, [_deployment_row(board, k) for k in range(len(board.deployments))])
    if board.decisions:
        console.line()
        rows = [
            (
                date_time(point.at),
                point.outcome,
                f"{point.votes}/{point.chose}",
                money(point.cost),
                point.question,
            )
            for point in board.decisions[-10:]
        ]
        table(console, ("TIME", "OUTCOME", "VOTES", "COST", "QUESTION"), rows)


def _consensus(board: Dashboard) -> str:
    found = board.consensus
    score = found.collaboration_score
    return (
        f"{found.closed} decisions closed, {found.open} open: {found.unanimous} unanimous, "
        f"{found.contested} contested · consensus {percent(found.consensus_ratio)} · support "
        f"{percent(found.support_rate)} · confidence {percent(found.average_confidence)} · "
        f"{money(found.cost_per_accepted) if found.accepted else UNKNOWN} for each accepted · "
        f"collaboration {UNKNOWN if score is None else round(score)} of 100"
    )


def _voice_row(board: Dashboard, k: int) -> tuple[str, ...]:
    voice = board.voices[k]
    unknown = "+?" if voice.unknown_cost_turns else ""
    return (
        voice.name,
        str(voice.messages),
        percent(voice.drives),
        percent(voice.ignored),
        str(voice.ballots),
        str(voice.flips),
        percent(voice.agreement),
        money(voice.cost) + unknown,
    )


def _deployment_row(board: Dashboard, k: int) -> tuple[str, ...]:
    row = board.deployments[k]
    unknown = "+?" if row.unknown_cost_calls else ""
    return (
        row.deployment,
        str(row.calls),
        percent(row.share),
        percent(row.success),
        duration(row.latency_p50_s),
        duration(row.latency_p95_s),
        str(row.repeats),
        tokens(row.tokens),
        money(row.cost) + unknown,
    )
