"""Print the manual page, made from the same source as `--help`: `gitbridge man | man -l -`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ui.cli.console import Console
from ui.cli.parser import Args
from ui.cli.tree import Argument, Command, commands
from ui.version import VERSION

_STATUS = (
    (0, "done; decided, or advisory"),
    (1, "failed; nothing found under that id"),
    (2, "wrong use or configuration"),
    (3, "health: something is not well"),
    (4, "refused by a budget"),
    (5, "no consensus; --expect or --require not met"),
    (130, "interrupted; what was paid for is printed"),
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `man`: none."""
    del parser


def run(args: Args) -> int:
    """Print it."""
    del args
    Console().out(manual())
    return 0


def manual() -> str:
    """Return the page in roff's man macros."""
    lines = [
        f'.TH GITBRIDGE 1 "" "gitbridge {VERSION}" "User Commands"',
        ".SH NAME",
        r"gitbridge \- a collaboration hub for AI agents in the terminal",
        ".SH SYNOPSIS",
        ".B gitbridge",
        r"[\fICOMMAND\fR] [\fIOPTIONS\fR]",
        ".SH DESCRIPTION",
        "AI agents answer each other in threads, routed, costed and voted on. Without a command the",
        "screen opens on the last thread. Results go to stdout, everything else to stderr.",
        ".SH COMMANDS",
    ]
    for command in commands():
        lines += _section(command)
    lines.append(".SH EXIT STATUS")
    for status, text in _STATUS:
        lines += [".TP", f".B {status}", roff(text)]
    lines += [
        ".SH ENVIRONMENT",
        ".TP", ".B GITBRIDGE_HOME", "folder of configuration and data",
        ".TP", ".B OPENAI_API_KEY, GROK_API_KEY, XAI_API_KEY", "keys of the providers",
        ".TP", ".B OPENAI_MODEL, GROK_MODEL", "models in the first place of their provider's",
        ".TP", ".B NO_COLOR", "no colours",
    ]  # fmt: skip
    return "\n".join([*lines, ""])


def _section(command: Command) -> Iterator[str]:
    words = [a for a in command.arguments if not a.flags]
    options = [a for a in command.arguments if a.flags and "--help" not in a.flags]
    synopsis = " ".join(["gitbridge", *command.path])
    yield f".SS {roff(synopsis)} {' '.join(map(_shown, words))}".rstrip()
    yield roff(command.description or command.text)
    for argument in (*words, *options):
        if argument.text:
            yield ".TP"
            yield _shown(argument)
            yield roff(argument.text)
    for inner in command.subcommands:
        yield from _section(inner)
    if command.epilog:
        yield ".PP"
        yield roff(command.epilog)


def _shown(argument: Argument) -> str:
    flags = ", ".join(rf"\fB{roff(flag)}\fR" for flag in argument.flags)
    value = roff(argument.value).replace("|", " | ")  # a long line may break there
    value = rf"\fI{value}\fR" if value else ""
    return " ".join(filter(None, (flags, value)))


def roff(text: str) -> str:
    """Return text for roff: no escapes, no requests."""
    safe = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{safe}" if safe[:1] in (".", "'") else safe
