"""Show every cap with what counts against it; set one, or take it back."""

from __future__ import annotations

import argparse
from functools import partial

from hub.domain.usage import Cap
from hub.exports.shapes import Json, money_json
from hub.ledger.caps import FORMS
from ui.cli.listing import table
from ui.cli.parser import Args, add_json, subcommands, usd
from ui.cli.runner import Session, with_hub
from ui.format import money

_HEAD = ("SCOPE", "CAP", "SPENT", "RESERVED", "LEFT", "OVER IT", "SET")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `budget`."""
    parser.epilog = (
        "A cap set here counts at once, in every program that runs, and stands over config.toml. "
        "Days and months are those of the time zone that was the machine's at the first start, or "
        "of `time_zone` under [budget]."
    )
    add = subcommands(parser, "commands")
    add_json(add("show", "show the caps in force, and what is left of them", _run_show))
    put = add("set", "set a cap that refuses, or take it back", _run_set)
    put.add_argument("scope", metavar="SCOPE", help=FORMS)
    put.add_argument("cap", metavar="USD|none", type=_cap_of, help="US dollars, such as 0.50")


def _cap_of(text: str) -> int | None:
    return None if text == "none" else usd(text)


def _run_show(args: Args) -> int:
    return with_hub(partial(_show, args))


async def _show(args: Args, session: Session) -> int:
    caps = await session.hub.caps()
    if args.json:
        session.console.json([cap_json(cap) for cap in caps])
    else:
        table(session.console, _HEAD, (_cells(cap) for cap in caps))
        if zone := session.hub.settings.budget.time_zone:
            session.console.note(f"Days and months are those of {zone}.")
    return 0


def _run_set(args: Args) -> int:
    return with_hub(partial(_set, args))


async def _set(args: Args, session: Session) -> int:
    cap = await session.hub.set_budget(args.scope, args.cap)
    session.console.note(_sentence(args.scope, cap))
    return 0


def _sentence(scope: str, cap: Cap | None) -> str:
    """Return what is in force now."""
    if cap is None or cap.cap is None:
        return f"{scope}: nothing is refused."
    name = scope if cap.spent is None else cap.scope
    if not cap.refuses:
        return f"{name}: the default of {money(cap.cap)} is in force, which only warns."
    where = "" if cap.source == "by hand" else f", as {cap.source} has it"
    left = "" if cap.left is None else f"; {money(max(0, cap.left))} left"
    return f"{name}: nothing over {money(cap.cap)} is sent{where}{left}."


def cap_json(cap: Cap) -> Json:
    """Return a row of `budget show --json`."""
    return {
        "scope": cap.scope,
        "cap_usd": money_json(cap.cap),
        "spent_usd": money_json(cap.spent),
        "reserved_usd": money_json(cap.reserved),
        "left_usd": money_json(cap.left),
        "refuses": cap.refuses,
        "source": cap.source or None,
    }


def _cells(cap: Cap) -> tuple[str, ...]:
    """A figure that does not exist is a dash: `?` would say that nobody knows it."""
    figures = (cap.cap, cap.spent, cap.reserved, cap.left)
    over = ("refuses" if cap.refuses else "warns") if cap.cap is not None else "-"
    shown = ("-" if figure is None else money(figure) for figure in figures)
    return (cap.scope, *shown, over, cap.source or "-")
