"""Why a turn went where it went, where one would go, and what another policy would have cost."""

from __future__ import annotations

import argparse
from functools import partial

from hub.config import environment_strategy
from hub.domain.ask import Ask
from hub.domain.route import RoutedCall
from hub.domain.text import one_line
from hub.exports.choice import choice_json
from hub.router.strategies import GOES_BY, STRATEGIES, strategy_of
from ui.attachments import read_text
from ui.cli.ask import named_model
from ui.cli.listing import SHORT, table
from ui.cli.parser import Args, add_json, count, subcommands, usd
from ui.cli.replay import replay_json, replay_lines
from ui.cli.route_record import choice_lines, routed_json, routed_lines
from ui.cli.runner import Session, with_hub
from ui.format import date_time, duration, money

_HEAD = ("STARTED", "TURN", "AGENT", "MODEL", "STRATEGY", "PREDICTED", "COST", "TOOK", "CALL")
_SHOWN = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `route`."""
    add = subcommands(parser, "commands")
    explain = add("explain", "print why this model served a turn, from the record", _run_explain)
    explain.add_argument("turn", metavar="TURN", help="its id; may be shortened, or `last`")
    add_json(explain)
    history = add("history", "list the newest routes with what came of them", _run_history)
    history.add_argument("--limit", type=count, default=_SHOWN, metavar="N", help="at most")
    add_json(history)
    dry = add("dry-run", "choose for a prompt as now, and send nothing", _run_dry)
    dry.add_argument("prompt", metavar="PROMPT", help="the message, or - to read stdin")
    dry.add_argument("--agent", metavar="NAME", help="who would answer; else who is mentioned")
    dry.add_argument("--model", metavar="M", help="provider, model, or provider/model")
    dry.add_argument("--strategy", choices=STRATEGIES, metavar="S", help="how to choose")
    dry.add_argument("--thread", metavar="ID", help="in this thread")
    dry.add_argument("--budget", type=usd, metavar="USD", help="cap for this question")
    dry.add_argument("--tag", action="append", default=[], metavar="T", help="whose cap counts too")
    add_json(dry)
    again = add("replay", "re-route the recorded turns under a policy", _run_replay)
    again.add_argument("--strategy", metavar="S", help="the policy; else the current strategy")
    again.add_argument("--limit", type=count, metavar="N", help="the newest turns alone")
    add_json(again)
    switch = add("strategy", "print the strategy and the others, or switch it", _run_strategy)
    switch.add_argument("name", nargs="?", metavar="NAME", help=", ".join(STRATEGIES))
    add_json(switch)


def _run_explain(args: Args) -> int:
    return with_hub(partial(_explain, args))


async def _explain(args: Args, session: Session) -> int:
    record = await session.hub.turn(args.turn)
    calls = await session.hub.explain(record.turn.id)
    turn = record.turn
    if args.json:
        session.console.json(
            {
                "turn": turn.id,
                "thread": turn.thread_id,
                "agent": turn.order.agent,
                "purpose": turn.order.purpose.value,
                "state": turn.state.value,
                "error": turn.error,
                "routes": [routed_json(call) for call in calls],
            }
        )
        return 0
    console = session.console
    console.line(
        f"Turn {turn.id} of {turn.order.agent}: {turn.order.purpose.value}, {turn.state.value}, "
        f"queued {date_time(turn.queued_at)}"
    )
    if not calls:
        console.line(f"No route was chosen. {one_line(turn.error, 2_000)}".rstrip())
    for call in calls:
        console.line()
        console.line(f"Call {call.n}:")
        choice_lines(console, call.route, call)
        for line in routed_lines(call):
            console.line(line)
    return 0


def _run_history(args: Args) -> int:
    return with_hub(partial(_history, args))


async def _history(args: Args, session: Session) -> int:
    calls = tuple(reversed(await session.hub.routes(args.limit)))
    if args.json:
        session.console.json([routed_json(call) for call in calls])
        return 0
    table(session.console, _HEAD, (_row(call) for call in calls))
    return 0


def _row(routed: RoutedCall) -> tuple[str, ...]:
    route, call = routed.route, routed.call
    return (
        date_time(call.started_at if call else None),
        route.turn_id[:SHORT],
        route.agent,
        route.deployment.id,
        route.strategy,
        money(route.chosen.cost),
        money(routed.cost),
        duration(routed.latency_s),
        call.state.value if call else "",
    )


def _run_dry(args: Args) -> int:
    prompt = read_text(args.prompt)

    async def work(session: Session) -> int:
        provider, model = named_model(args.model, tuple(session.settings.providers))
        ask = Ask(
            prompt,
            agents=(args.agent,) if args.agent else (),
            provider=provider,
            model=model,
            strategy=args.strategy,
            budget=args.budget,
            tags=tuple(args.tag),
        )
        route = await session.hub.dry_run(ask, args.thread)
        if args.json:
            session.console.json(choice_json(route))
        else:
            choice_lines(session.console, route)
        return 0

    return with_hub(work)


def _run_replay(args: Args) -> int:
    return with_hub(partial(_replay, args))


async def _replay(args: Args, session: Session) -> int:
    found = await session.hub.replay(args.strategy, args.limit)
    if args.json:
        session.console.json(replay_json(found))
    else:
        session.console.line("\n".join(replay_lines(found)))
    return 0


def _run_strategy(args: Args) -> int:
    return with_hub(partial(_strategy, args))


async def _strategy(args: Args, session: Session) -> int:
    hub, console = session.hub, session.console
    by_environment = environment_strategy()
    if args.name is not None:
        strategy_of(args.name)
        path = hub.keep_strategy(args.name)
        console.note(f"{args.name} from now on, written to {path}.")
        if by_environment is not None:
            console.note(
                f"SMARTROUTER_STRATEGY={by_environment} of the environment stands over it."
            )
        return 0
    if args.json:
        source = "environment" if by_environment else "config.toml"
        written = by_environment or "strategy" in session.settings.router.model_fields_set
        console.json(
            {
                "strategy": hub.strategy,
                "source": source if written else "default",
                "strategies": list(STRATEGIES),
            }
        )
        return 0
    for name, goes_by in GOES_BY.items():
        console.line(f"{'*' if name == hub.strategy else ' '} {name:<22}  {goes_by}")
    if by_environment is not None:
        console.note(f"SMARTROUTER_STRATEGY={by_environment} of the environment is in force.")
    return 0
