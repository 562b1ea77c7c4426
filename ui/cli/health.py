"""Ask each provider how it is, by questions that cost nothing; with --paid for one word as well."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from functools import partial

from hub.domain.ask import Ask
from hub.domain.route import HEALTHY, MAX_LATENCY_S, SLOW, Health
from hub.domain.text import one_line
from hub.errors import BudgetRefusedError, GitBridgeError, ProviderError, UsageError
from hub.exports.shapes import Json, money_json, time_json
from ui.cli.listing import table
from ui.cli.parser import Args, number, seconds
from ui.cli.providers import usable
from ui.cli.runner import Session, with_hub
from ui.format import duration, money

UNHEALTHY = 3
"""Exit status where any provider is anything but healthy (CONFIG: exit codes)."""
TAG = "health"
"""Under which `gitbridge usage --by tag` adds up what paid pings cost."""
_WORD = "Answer with one word: pong."


@dataclass(frozen=True, slots=True)
class Checked:
    """One provider, as it was found."""

    health: Health
    model: str | None = None
    """The model that was asked for, or that answered."""
    cost: int | None = 0
    """Micro-dollars; None: unknown."""
    paid: bool = False


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `health`."""
    parser.epilog = "Exit status: 0 when all that was asked is healthy, else 3."
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="providers; default: all with a key"
    )
    parser.add_argument("--model", metavar="M", help="also ask whether this model can be used")
    parser.add_argument(
        "--max-latency", type=seconds, default=MAX_LATENCY_S, metavar="S",
        help=f"an answer that takes longer is slow ({MAX_LATENCY_S:g})",
    )  # fmt: skip
    parser.add_argument(
        "--retries", type=number, default=3, metavar="N",
        help="repeats of a question that failed, with exponential backoff (3)",
    )  # fmt: skip
    parser.add_argument("--timeout", type=seconds, metavar="S", help="wait so long for an answer")
    parser.add_argument(
        "--paid", action="store_true", help="also let a model answer one word, and book its cost"
    )
    parser.add_argument(
        "--format", choices=("text", "json"), default="text", help="of the report (text)"
    )
    parser.add_argument(
        "--json", action="store_const", dest="format", const="json", help="as --format json"
    )


def run(args: Args) -> int:
    """Ask them all."""
    return with_hub(partial(_health, args))


async def _health(args: Args, session: Session) -> int:
    found = await session.hub.health(
        tuple(args.names) or _in_use(session),
        model=args.model,
        retries=args.retries,
        timeout_s=args.timeout or max(5.0, 2 * args.max_latency),
        max_latency_s=args.max_latency,
    )
    if not found:
        raise UsageError("No provider can be asked: set a key, or see `gitbridge providers`.")
    checked = [Checked(health, args.model) for health in found]
    if args.paid:
        answering = [one for one in checked if one.health.ok]
        asked = {one.health.provider: await _paid(one, args, session) for one in answering}
        told = (one.health for one in asked.values())
        session.hub.tell_health(*told, max_latency_s=args.max_latency)
        checked = [asked.get(one.health.provider, one) for one in checked]
    well = all(one.health.state(args.max_latency) == HEALTHY for one in checked)
    if args.format == "json":
        now = time_json(session.hub.now())
        rows = [_json(one, args.max_latency) for one in checked]
        whole = {"time": now, "healthy": well, "max_latency_s": args.max_latency}
        session.console.json({**whole, "providers": rows})
    else:
        head = ("PROVIDER", "STATE", "LATENCY", "TRIES", "MODEL", "COST", "WHAT IT SAYS")
        table(session.console, head, [_row(one, args.max_latency) for one in checked])
        for one in checked:
            if one.health.error:
                session.console.note(f"{one.health.provider}: {one_line(one.health.error, 400)}")
    return 0 if well else UNHEALTHY


def _in_use(session: Session) -> tuple[str, ...]:
    """Return all that can be asked; the embedded model only where it is alone, as it is routed to."""
    found = [p for p in session.settings.providers.values() if usable(p)]
    return tuple(p.name for p in found if p.kind != "local") or tuple(p.name for p in found)


async def _paid(one: Checked, args: Args, session: Session) -> Checked:
    """Let a model of the provider answer one word, in a thread that is deleted again.

    It is an ordinary turn: reserved, booked and traced, and refused where a cap says so.
    """
    hub, name = session.hub, one.health.provider
    served = [d for d in hub.deployments if d.provider == name and one.model in (None, d.model)]
    allowed = [
        persona.name
        for persona in hub.personas
        if not persona.deployments or any({name, d.id} & {*persona.deployments} for d in served)
    ]
    model = one.model or (served[0].model if served else None)
    if model is None or not allowed:
        return _failed(one, "no model", f"No agent may ask {name} for anything; see config.toml.")
    ask = Ask(
        _WORD,
        agents=(allowed[0],),
        provider=name,
        model=model,
        tags=(TAG,),
        timeout_s=args.timeout,
    )
    thread = await hub.create_thread("health check")
    try:
        answer = await hub.ask(ask, thread.id)
    except BudgetRefusedError as error:
        return _failed(one, "over budget", str(error))
    except GitBridgeError as error:
        word = error.word if isinstance(error, ProviderError) else "error"
        return _failed(one, word, str(error))
    finally:
        await hub.delete(thread.id)
    turn = answer.turns[-1]
    health = replace(one.health, latency_s=turn.latency_s)
    return Checked(health, turn.model or model, turn.cost, paid=True)


def _failed(one: Checked, word: str, sentence: str) -> Checked:
    return replace(one, health=replace(one.health, ok=False, trouble=word, error=sentence))


def _row(one: Checked, max_latency_s: float) -> tuple[str, ...]:
    health, state = one.health, one.health.state(max_latency_s)
    said = f"over {duration(max_latency_s)}" if state == SLOW else health.error
    if not said and health.models:
        said = f"{len(health.models)} models"
    latency = duration(health.latency_s) if health.latency_s is not None else "-"
    cost = money(one.cost) if one.paid else "-"
    return (health.provider, state, latency, str(health.tries), one.model or "-", cost, said)


def _json(one: Checked, max_latency_s: float) -> Json:
    health = one.health
    state = health.state(max_latency_s)
    return {
        "name": health.provider,
        "state": state,
        "healthy": state == HEALTHY,
        "latency_s": health.latency_s,
        "tries": health.tries,
        "model": one.model,
        "models": list(health.models),
        "paid": one.paid,
        "cost_usd": money_json(one.cost),
        "error": health.error,
    }
