"""The providers, and where each key was found; never the key. With --live, how each is."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping

from hub.config import ProviderSettings, environment_names
from hub.domain.route import Health
from ui.cli.console import Console
from ui.cli.listing import table
from ui.cli.parser import Args, add_json
from ui.cli.runner import Session, settings_for, with_hub
from ui.format import duration

_EMBEDDED = "embedded model, needs no key"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `providers`."""
    parser.add_argument(
        "--live", action="store_true", help="ask each how it is, by questions that cost nothing"
    )
    add_json(parser)


def run(args: Args) -> int:
    """List them; nobody is asked without --live."""
    console = Console()
    settings = settings_for(console)
    providers = settings.providers.values()
    if not args.live:
        _list(console, providers, None, as_json=args.json)
        return 0

    async def ask(session: Session) -> int:
        found = {health.provider: health for health in await session.hub.health()}
        _list(session.console, providers, found, as_json=args.json)
        return 0

    return with_hub(ask, settings=settings)


def _list(
    console: Console,
    providers: Iterable[ProviderSettings],
    live: Mapping[str, Health] | None,
    *,
    as_json: bool,
) -> None:
    """Write them, with how they are where they were asked."""
    if as_json:
        console.json([_json(p) | _live_json(live, p.name) for p in providers])
        return
    head = ("PROVIDER", "KIND", "ADDRESS", "KEY")
    rows = [(p.name, p.kind, p.base_url or "this machine", key_note(p)) for p in providers]
    if live is None:
        table(console, head, rows)
        return
    states = [
        (h.state(), "-" if h.latency_s is None else duration(h.latency_s)) if h else ("no key", "-")
        for h in (live.get(row[0]) for row in rows)
    ]
    both = [(row[0], *state, *row[1:]) for row, state in zip(rows, states, strict=True)]
    table(console, ("PROVIDER", "STATE", "LATENCY", *head[1:]), both)


def _json(p: ProviderSettings) -> dict[str, object]:
    return {
        "name": p.name,
        "kind": p.kind,
        "base_url": p.base_url or None,
        "key_source": p.key.source if p.key else None,
        "usable": usable(p),
        "models": list(p.models),
    }


def _live_json(live: Mapping[str, Health] | None, name: str) -> dict[str, object]:
    if live is None:
        return {}
    health = live.get(name)
    if health is None:
        return {"state": "no key", "latency_s": None, "error": ""}
    return {"state": health.state(), "latency_s": health.latency_s, "error": health.error}


def usable(provider: ProviderSettings) -> bool:
    """Return whether it can be asked: the well-known ones need a key."""
    return provider.key is not None or provider.kind in ("local", "compatible")


def key_note(provider: ProviderSettings) -> str:
    """Return where the key was found, or how to give one."""
    if provider.key is not None:
        return provider.key.source
    if provider.kind == "local":
        return _EMBEDDED
    if provider.kind == "compatible":
        return "none"
    return f"none; set {environment_names()[provider.name][0]}"
