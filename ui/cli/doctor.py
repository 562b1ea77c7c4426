"""Check the installation, the configuration, the database, the providers and the terminal."""

from __future__ import annotations

import argparse
import asyncio
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import packages_distributions

from hub.config import Settings, armed_failpoint, load
from hub.domain.route import Health
from hub.domain.text import one_line
from hub.errors import GitBridgeError
from hub.hub import Hub
from ui import wiring
from ui.cli.console import Console
from ui.cli.parser import Args, add_json
from ui.cli.providers import key_note, usable
from ui.format import duration

_OURS = ("agents", "hub", "ui")
_DISTRIBUTION = "gitbridge-hub"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    check: str
    ok: bool | None
    """None: nothing wrong, but worth knowing."""
    detail: str
    """What was found, and what to do where it is wrong."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `doctor`."""
    parser.epilog = "Exit status: 0 when nothing is wrong, else 1."
    parser.add_argument(
        "--repair", action="store_true", help="mend the journal: what can be read is kept"
    )
    add_json(parser)


def run(args: Args) -> int:
    """Look at everything, whatever is wrong with the rest."""
    console = Console()
    findings = [*_installation(), *_terminal(console)]
    try:
        settings = load()
    except GitBridgeError as error:
        findings.append(Finding("configuration", ok=False, detail=str(error)))
    else:
        findings += _configuration(settings)
        findings += _repair(settings) if args.repair else []
        findings += asyncio.run(_hub(settings))
    if args.json:
        console.json([asdict(finding) for finding in findings])
    else:
        for f in findings:
            mark = {True: "ok", False: "WRONG", None: "note"}[f.ok]
            console.line(f"{mark:<6} {f.check:<16} {one_line(f.detail, 1_000)}")
    return 1 if any(finding.ok is False for finding in findings) else 0


def _installation() -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding("python", ok=True, detail=f"{version} on {platform.system()}, {sys.prefix}")
    owners = packages_distributions()
    for name in _OURS:
        others = sorted(set(owners.get(name, ())) - {_DISTRIBUTION})
        if others:
            detail = (
                f"{', '.join(others)} installs a package called {name} too: give GitBridge an "
                f"environment of its own, as in `pipx install {_DISTRIBUTION}`."
            )
            yield Finding("names", ok=False, detail=detail)
    if point := armed_failpoint():
        yield Finding("failpoint", ok=False, detail=f"GITBRIDGE_FAIL_AT is {point}: unset it")


def _terminal(console: Console) -> Iterator[Finding]:
    if not console.out_is_terminal:
        yield Finding("terminal", ok=None, detail="stdout is no terminal: plain text is written")
        return
    size = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    speaks = encoding.startswith("utf")
    advice = "" if speaks else "; set a UTF-8 locale to see the glyphs"
    detail = f"{size.columns} x {size.lines}, {sys.stdout.encoding}{advice}"
    yield Finding("terminal", ok=True if speaks else None, detail=detail)


def _configuration(settings: Settings) -> Iterator[Finding]:
    there = "" if settings.config_file.exists() else " (not there, the defaults are in force)"
    yield Finding("configuration", ok=True, detail=f"{settings.config_file}{there}")
    for warning in settings.warnings:
        yield Finding("configuration", ok=None, detail=warning)
    if settings.network.proxy:
        yield Finding("network", ok=None, detail="requests go through the proxy of config.toml")
    if settings.network.ca_bundle:
        yield Finding("network", ok=None, detail=f"trusts {settings.network.ca_bundle}")
    for provider in settings.providers.values():
        known = True if usable(provider) else None
        yield Finding(f"key {provider.name}", ok=known, detail=key_note(provider))


def _repair(settings: Settings) -> Iterator[Finding]:
    try:
        done = wiring.repair(settings)
    except GitBridgeError as error:
        yield Finding("repair", ok=False, detail=str(error))
        return
    if not done.damage:
        detail = "the journal is whole; search index and budget sums were made anew"
        yield Finding("repair", ok=True, detail=detail)
        return
    lost = ", ".join(done.unread) or "nothing"
    detail = (
        f"{done.rows} rows were saved from a damaged journal; not all could be read of: {lost}; "
        f"the damaged file is {done.kept}"
    )
    yield Finding("repair", ok=None, detail=detail)


async def _hub(settings: Settings) -> list[Finding]:
    try:
        async with wiring.open_hub(settings) as hub:
            return [*await _database(hub, settings), *map(_provider, await hub.health())]
    except GitBridgeError as error:
        return [Finding("database", ok=False, detail=str(error))]


async def _database(hub: Hub, settings: Settings) -> list[Finding]:
    threads = await hub.threads()
    findings = [Finding("database", ok=True, detail=f"{settings.database}, {len(threads)} threads")]
    if orphans := await hub.orphans():
        detail = (
            f"{len(orphans)} turns were left by a program that is gone: "
            "`gitbridge resume` runs them, `gitbridge stop --all` ends them."
        )
        findings.append(Finding("turns", ok=None, detail=detail))
    elif left := await hub.unanswered():
        detail = (
            f"{len(left)} questions were left open by a program that is gone: `gitbridge resume` "
            "goes on with them, `gitbridge stop --all` ends them."
        )
        findings.append(Finding("questions", ok=None, detail=detail))
    return findings


def _provider(health: Health) -> Finding:
    if health.ok:
        models = f"{len(health.models)} models" if health.models else "answers"
        detail = f"{models}, {duration(health.latency_s)}"
    else:
        detail = health.error or "was not asked"
    return Finding(f"ping {health.provider}", ok=health.ok, detail=detail)
