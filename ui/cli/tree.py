"""Every command with its words and options, read from the parsers that `--help` is printed by.

The man page and the completions are made from it, so that none of the three can say something else.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from dataclasses import dataclass

from ui.cli.parser import Parser
from ui.cli.table import COMMANDS


@dataclass(frozen=True, slots=True)
class Argument:
    """One option, or one word that a command takes."""

    flags: tuple[str, ...]
    """As `-o`, `--force`; empty for a word."""
    value: str
    """What stands for its value; empty where it takes none."""
    text: str
    choices: tuple[str, ...] = ()
    many: bool = False
    """True for a word that may be repeated."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command or subcommand."""

    path: tuple[str, ...]
    """As `thread`, `post`."""
    text: str
    """One line of help."""
    description: str
    arguments: tuple[Argument, ...]
    subcommands: tuple[Command, ...] = ()
    epilog: str = ""


def commands() -> Iterator[Command]:
    """Yield the commands in the order of the overview; all their modules are loaded."""
    for name, (module, _, text) in COMMANDS.items():
        loaded = importlib.import_module(f"ui.cli.{module}")
        parser = Parser(prog=f"gitbridge {name}", description=loaded.__doc__)
        loaded.configure(parser)
        yield _command(parser, (name,), text)


def _command(parser: argparse.ArgumentParser, path: tuple[str, ...], text: str) -> Command:
    arguments, inner = [], []
    for action in parser._actions:  # noqa: SLF001  argparse tells it nowhere else
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
            inner += [_command(p, (*path, name), helps[name]) for name, p in action.choices.items()]
        elif action.help is not argparse.SUPPRESS:
            arguments.append(_argument(action))
    return Command(
        path,
        text,
        " ".join((parser.description or "").split()),
        tuple(arguments),
        tuple(inner),
        parser.epilog or "",
    )


def _argument(action: argparse.Action) -> Argument:
    choices = tuple(map(str, action.choices)) if action.choices is not None else ()
    metavar = action.metavar if isinstance(action.metavar, str) else None
    value = metavar or ("|".join(choices) if choices else action.dest.upper())
    takes = action.nargs != 0
    return Argument(
        flags=tuple(action.option_strings),
        value=value if takes else "",
        text=(action.help or "").replace("%%", "%"),
        choices=choices,
        many=action.nargs in ("*", "+"),
    )
