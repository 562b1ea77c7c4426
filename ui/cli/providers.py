"""The providers, and where each key was found; never the key."""

from __future__ import annotations

import argparse

from hub.config import ProviderSettings, environment_names
from ui.cli.console import Console
from ui.cli.listing import table
from ui.cli.parser import Args, add_json
from ui.cli.runner import settings_for

_EMBEDDED = "embedded model, needs no key"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `providers`."""
    add_json(parser)


def run(args: Args) -> int:
    """List them; nobody is asked, `gitbridge doctor` does that."""
    console = Console()
    providers = settings_for(console).providers.values()
    if args.json:
        console.json(
            [
                {
                    "name": p.name,
                    "kind": p.kind,
                    "base_url": p.base_url or None,
                    "key_source": p.key.source if p.key else None,
                    "usable": usable(p),
                    "models": list(p.models),
                }
                for p in providers
            ]
        )
        return 0
    rows = ((p.name, p.kind, p.base_url or "this machine", key_note(p)) for p in providers)
    table(console, ("PROVIDER", "KIND", "ADDRESS", "KEY"), rows)
    return 0


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
