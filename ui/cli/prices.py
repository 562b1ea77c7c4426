"""What models cost, and where that is known from; set a price by hand, or fetch today's."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterator
from functools import partial

from hub.config import store_price
from hub.domain.agent import Deployment
from hub.domain.usage import MICRO, Price
from hub.exports.shapes import Json, money_json
from ui.cli.console import Console
from ui.cli.listing import table
from ui.cli.parser import Args, add_json, subcommands
from ui.cli.runner import Session, settings_for, with_hub
from ui.format import UNKNOWN, date_time, money

_HEAD = ("MODEL", "INPUT / M", "CACHED / M", "OUTPUT / M", "PRICE FROM")
_DEAREST = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `prices`; without one, the list."""
    parser.epilog = (
        "Prices are US dollars per million tokens. A price of your own in config.toml comes first; "
        "servers on this machine cost nothing unless priced; then comes what `update` fetched, then "
        "the data of the genai-prices package. Nothing is fetched unasked."
    )
    add_json(parser)
    parser.set_defaults(run=_run_list)
    add = subcommands(parser, "commands", required=False)
    put = add("set", "write a model's price into config.toml", _run_set)
    put.add_argument("model", metavar="MODEL", type=_model, help="model, or provider/model")
    for name, needed in (("input", True), ("output", True), ("cached", False)):
        text = "cached input tokens; the price of input without it" if name == "cached" else name
        put.add_argument(
            f"--{name}", type=_dollars, required=needed, metavar="USD", help=f"for {text}"
        )
    put.add_argument(
        "--ceiling",
        action="store_true",
        help="it costs no more than this; what it does cost is not known",
    )
    update = add("update", "fetch today's prices: genai-prices' data, xAI's own list", _run_update)
    add_json(update)


def _model(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,200}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no name of a model")
    provider, slash, model = text.partition("/")
    return f"grok/{model}" if slash and provider == "xai" else text


def _dollars(text: str) -> float:
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= _DEAREST:
        raise argparse.ArgumentTypeError(f"'{text}' is no price in US dollars, such as 2.50")
    return amount


def _run_list(args: Args) -> int:
    return with_hub(partial(_list, args))


async def _list(args: Args, session: Session) -> int:
    deployments = session.hub.deployments
    if args.json:
        session.console.json([price_json(d) for d in deployments])
        return 0
    table(session.console, _HEAD, (row for d in deployments for row in _rows(d)))
    fetched = session.hub.fetched_prices()
    if fetched.damaged:
        session.console.note("The fetched prices are damaged and do not count: run `update` again.")
    elif fetched.fetched_at is not None:
        session.console.note(f"Fetched {date_time(fetched.fetched_at)}.")
    return 0


def _rows(deployment: Deployment) -> Iterator[tuple[str, ...]]:
    """Yield the price, and a row for each length of prompt from which on another one holds."""
    price = deployment.bound
    if price is None:
        yield (deployment.id, *[money(None)] * 3, UNKNOWN)
        return
    rates = (price.input, price.cached, price.output)
    yield (deployment.id, *(money(rate) for rate in rates), price.source)
    for tier in price.tiers:
        longer = f"from {tier.from_prompt_tokens:,} tokens"
        yield (longer, *(money(rate) for rate in (tier.input, tier.cached, tier.output)), "")


def _run_set(args: Args) -> int:
    console = Console()
    settings = settings_for(console)
    before = settings.prices.get(args.model)
    price = {name: getattr(args, name) for name in ("input", "output", "cached")}
    price = {name: value for name, value in price.items() if value is not None}
    if args.ceiling or (before is not None and before.ceiling):
        price["ceiling"] = args.ceiling
    path = store_price(args.model, price)
    most = "at most " if args.ceiling else ""
    console.note(
        f"{args.model}: {most}{money(round(args.input * MICRO))} in, {most}"
        f"{money(round(args.output * MICRO))} out per million tokens, written to {path}."
    )
    served = {
        name for p in settings.providers.values() for m in p.models for name in (m, f"{p.name}/{m}")
    }
    if args.model not in served:
        console.note(f"No provider that is configured serves {args.model} yet.")
    return 0


def _run_update(args: Args) -> int:
    return with_hub(partial(_update, args))


async def _update(args: Args, session: Session) -> int:
    done = await session.hub.update_prices()
    if args.json:
        session.console.json(
            {
                "known": done.known,
                "changed": [
                    {"model": id_, "before": _rates_json(before), "now": _rates_json(now)}
                    for id_, before, now in done.changed
                ],
                "failures": list(done.failures),
            }
        )
    else:
        for id_, before, now in done.changed:
            session.console.line(f"{id_}: {_rates(before)} -> {_rates(now)} ({now.source})")
    for failure in done.failures:
        session.console.note(failure)
    session.console.note(f"{done.known} prices are kept; {len(done.changed)} of yours changed.")
    return 0 if done.known else 1


def _rates(price: Price | None) -> str:
    if price is None:
        return UNKNOWN
    return f"{money(price.input)} in, {money(price.cached)} cached, {money(price.output)} out"


def _rates_json(price: Price | None) -> Json:
    return {
        "input_usd_per_million": money_json(price.input if price else None),
        "cached_usd_per_million": money_json(price.cached if price else None),
        "output_usd_per_million": money_json(price.output if price else None),
    }


def price_json(deployment: Deployment) -> Json:
    """Return a row of `prices --json`; `ceiling` is true where only that much is known."""
    price = deployment.bound
    return {
        "model": deployment.id,
        **_rates_json(price),
        "ceiling": price.at_most if price else False,
        "tiers": [
            {
                "from_prompt_tokens": tier.from_prompt_tokens,
                "input_usd_per_million": money_json(tier.input),
                "cached_usd_per_million": money_json(tier.cached),
                "output_usd_per_million": money_json(tier.output),
            }
            for tier in (price.tiers if price else ())
        ],
        "source": price.source if price else None,
    }
