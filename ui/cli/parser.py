"""A command's words and options; wrong ones become one sentence, as every other error."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from typing_extensions import override

from hub.errors import UsageError

Args = argparse.Namespace
Run = Callable[[Args], int]
_MICRO = 1_000_000
_SPANS = {"m": "minutes", "h": "hours", "d": "days"}
_MOST_USD = 1_000_000


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that raises `UsageError` and takes no shortened options."""

    def __init__(self, **settings: object) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})  # type: ignore[arg-type]  # as given

    @override
    def error(self, message: str) -> NoReturn:
        """Raise what argparse found as one sentence."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see `{self.prog} --help`.")


def subcommands(
    parser: argparse.ArgumentParser, what: str, *, required: bool = True
) -> Callable[[str, str, Run], Parser]:
    """Return a function that adds one subcommand: its name, its line of help, what runs it."""
    group = parser.add_subparsers(
        title=what, metavar="COMMAND", dest="command", required=required, parser_class=Parser
    )

    def add(name: str, text: str, run: Run) -> Parser:
        sub = group.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}.")
        sub.set_defaults(run=run)
        return sub

    return add


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give a command its `--json`."""
    parser.add_argument("--json", action="store_true", help="JSON on stdout, nothing else")


def usd(text: str) -> int:
    """Parse dollars, as in `0.05`, into micro-dollars."""
    try:
        amount = float(text.removeprefix("$"))
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= _MOST_USD:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount in US dollars, such as 0.05")
    return round(amount * _MICRO)


def seconds(text: str) -> float:
    """Parse a positive number of seconds."""
    try:
        amount = float(text.removesuffix("s"))
    except ValueError:
        amount = math.nan
    if not 0 < amount < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds, such as 90")
    return amount


def day(text: str) -> str:
    """Parse a day, as in `2026-11-22`."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is no day, such as 2026-11-22") from None


def since(text: str) -> int:
    """Parse a day, or a span such as `7d` or `12h` before now, into UTC microseconds."""
    if found := re.fullmatch(r"([1-9][0-9]{0,4})([mhd])", text):
        back = timedelta(**{_SPANS[found[2]]: int(found[1])})
        return round((datetime.now(UTC) - back).timestamp() * _MICRO)
    begin = datetime.fromisoformat(day(text)).astimezone()
    return round(begin.timestamp() * _MICRO)


def number(text: str) -> int:
    """Parse a whole number of at least 0."""
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 0 to 999")
    return int(text)


def share(text: str) -> float:
    """Parse a share above 0 and up to 1."""
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 < amount <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no share above 0 and up to 1, such as 0.75")
    return amount


def day_begins(text: str) -> int:
    """Parse a day into the UTC microseconds at which it begins in UTC."""
    begin = datetime.fromisoformat(day(text)).replace(tzinfo=UTC)
    return (begin - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def count(text: str) -> int:
    """Parse a whole number of at least 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number of at least 1")
    return int(text)
