"""Where the configuration file is, what the settings come to, and an editor for them."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from hub.config import (
    Settings,
    config_path,
    default_config_text,
    editor,
    environment_without_keys,
    load,
)
from hub.errors import ConfigError, UsageError
from hub.exports.names import write_new
from hub.exports.shapes import Json, money_json
from ui.cli.console import Console
from ui.cli.parser import Args, add_json, subcommands
from ui.cli.runner import settings_for


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands of `config`."""
    add = subcommands(parser, "commands")
    add("path", "print where the configuration file is, or would be", _run_path)
    add_json(add("show", "print the settings in force; keys are never shown", _run_show))
    add("edit", "open the configuration file in your editor", _run_edit)


def _run_path(_: Args) -> int:
    Console().line(str(config_path()))
    return 0


def _run_show(args: Args) -> int:
    console = Console()
    shown = settings_json(settings_for(console))
    if args.json:
        console.json(shown)
    else:
        for name, value in _flat("", shown):
            console.line(f"{name} = {value}")
    return 0


def _run_edit(_: Args) -> int:
    console, path = Console(), config_path()
    if not console.asks:
        raise UsageError(f"An editor needs a terminal; the file is {path}.")
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_new(path, default_config_text())
    command = shlex.split(editor(), posix=os.name != "nt")
    try:
        started = subprocess.run(  # noqa: S603  the person's own editor
            [*command, str(path)], check=False, env=environment_without_keys()
        )
    except OSError as error:
        raise ConfigError(f"The editor {command[0]} could not be started: set EDITOR.") from error
    status = started.returncode
    if status == 0:
        load()
        console.note(f"{path} is valid.")
    return 1 if status else 0


def settings_json(settings: Settings) -> Json:
    """Return the settings in force, money in dollars, keys and proxy by their presence alone."""
    budget = settings.budget
    return {
        "config_file": _there(settings.config_file),
        "home": str(settings.home),
        "database": _there(settings.database),
        "exports": str(settings.exports),
        "logs": str(settings.logs),
        "router": settings.router.model_dump(mode="json"),
        "budget": {
            "question": money_json(budget.question),
            "thread": money_json(budget.thread),
            "day": money_json(budget.day),
            "month": money_json(budget.month),
            "time_zone": budget.time_zone,
            "agents": _dollars(budget.agents),
            "providers": _dollars(budget.providers),
            "tags": _dollars(budget.tags),
        },
        "consensus": settings.consensus.model_dump(mode="json"),
        "providers": {
            name: {
                "kind": p.kind,
                "base_url": p.base_url or None,
                "key_source": p.key.source if p.key else None,
                "models": list(p.models),
                "allow_http": p.allow_http,
            }
            for name, p in settings.providers.items()
        },
        "agents": {
            a.name: {
                "role": a.role,
                "deployments": list(a.deployments),
                "temperature": a.temperature,
                "hedge": a.hedge,
            }
            for a in settings.agents
        },
        "prices": {
            model: {
                "input": money_json(p.input),
                "cached": money_json(p.cached),
                "output": money_json(p.output),
                "ceiling": p.ceiling,
            }
            for model, p in settings.prices.items()
        },
        "network": {
            "proxy": bool(settings.network.proxy),
            "ca_bundle": settings.network.ca_bundle or None,
            "otlp": settings.network.otlp or None,
        },
    }


def _there(path: Path) -> str:
    return str(path) if path.exists() else f"{path} (not there yet)"


def _dollars(caps: Mapping[str, int]) -> Json:
    return {name: money_json(cap) for name, cap in caps.items()}


def _flat(prefix: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield each setting under its dotted name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, inner)
    elif isinstance(value, list):
        yield prefix, ", ".join(map(str, value)) or "default"
    else:
        yield prefix, "none" if value is None else str(value)
