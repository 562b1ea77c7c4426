"""The models that may serve a turn, and what they cost."""

from __future__ import annotations

import argparse
from functools import partial

from hub.domain.agent import Deployment
from hub.exports.shapes import money_json
from ui.cli.listing import table
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, with_hub
from ui.format import UNKNOWN, money, tokens


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `models`."""
    add_json(parser)


def run(args: Args) -> int:
    """List them."""
    return with_hub(partial(_models, args))


async def _models(args: Args, session: Session) -> int:
    deployments = session.hub.deployments
    if args.json:
        session.console.json([_json(d) for d in deployments])
        return 0
    head = ("MODEL", "FAMILY", "WINDOW", "INPUT / M", "OUTPUT / M", "PRICE FROM")
    table(session.console, head, (_row(d) for d in deployments))
    return 0


def _row(deployment: Deployment) -> tuple[str, ...]:
    price = deployment.price
    return (
        deployment.id,
        deployment.family,
        tokens(deployment.window),
        money(price.input if price else None),
        money(price.output if price else None),
        price.source if price else UNKNOWN,
    )


def _json(deployment: Deployment) -> dict[str, object]:
    price = deployment.price
    return {
        "id": deployment.id,
        "provider": deployment.provider,
        "model": deployment.model,
        "family": deployment.family,
        "window": deployment.window,
        "max_output": deployment.max_output,
        "input_usd_per_million": money_json(price.input if price else None),
        "cached_usd_per_million": money_json(price.cached if price else None),
        "output_usd_per_million": money_json(price.output if price else None),
        "price_source": price.source if price else None,
    }
