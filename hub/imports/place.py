"""A JSON value together with where it stands, so that whatever is wrong with it can be named.

Every value is checked for its kind and its range, and every text is cleaned, on the way out of here
(SECURITY S1, S12).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from hub.domain.text import one_line, sanitize
from hub.domain.usage import MICRO
from hub.errors import TranscriptError

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)

LONGEST_NAME = 64
"""Characters of an author's or an agent's name."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_USD = 1_000_000_000
_MOST = 10**15
_YEAR_10000 = 253_402_300_800


def is_id(text: object) -> bool:
    """Tell whether a text can be an id here: it goes into file names and onto the command line."""
    return isinstance(text, str) and bool(_ID.fullmatch(text)) and text != "last"


class Place:
    """One value of a file; reading it raises `TranscriptError` unless it is what it has to be."""

    __slots__ = ("_key", "_parent", "value")

    def __init__(self, value: Any, key: str = "", parent: Place | None = None) -> None:
        """Take a value.

        Args:
            value: As `json.loads` returns it.
            key: Its name or `[number]` in its parent; for a line of a file, `line 4`.
            parent: None at the top.
        """
        self.value = value
        self._key = key
        self._parent = parent

    @property
    def path(self) -> str:
        """Where it stands, as a person reads it: `messages[3].reply_to`, or `line 4, reply_to`."""
        above, key = self._parent.path if self._parent else "", one_line(self._key, 40)
        if not above or key.startswith("["):
            return above + key
        of_a_line = above.startswith("line ") and "," not in above
        return f"{above}{', ' if of_a_line else '.'}{key}"

    def refused(self, why: str) -> TranscriptError:
        """Return the error that names the place and the reason."""
        return TranscriptError(
            f"The file is refused at {self.path or 'its top'}: {why}; nothing was imported."
        )

    def fields(self, *names: str, also: tuple[str, ...] = ()) -> Mapping[str, Place]:
        """Return the parts of an object that has exactly these, and may have others.

        Args:
            names: Parts that have to be there.
            also: Parts that an earlier version did not write; absent ones are left out.
        """
        found = self._as(dict, "an object")
        names += tuple(name for name in also if name in found)
        for name in names:
            if name not in found:
                raise self.refused(f"`{name}` is missing")
        if len(found) > len(names):
            strange = next(name for name in found if name not in names)
            raise self.refused(f"`{one_line(strange, 40)}` is no part of this version")
        return {name: Place(found[name], name, self) for name in names}

    def named(self) -> Mapping[str, Place]:
        """Return the parts of an object that may have any."""
        found = self._as(dict, "an object")
        return {name: Place(value, name, self) for name, value in found.items()}

    def first_of(self, *names: str) -> Place | None:
        """Return the first of these parts that an object has."""
        found = self._as(dict, "an object")
        return next((Place(found[name], name, self) for name in names if name in found), None)

    def items(self) -> list[Place]:
        """Return the parts of a list."""
        found = self._as(list, "a list")
        return [Place(item, f"[{number}]", self) for number, item in enumerate(found)]

    def each(self, read: Callable[[Place], T]) -> tuple[T, ...]:
        """Return what `read` makes of every part of a list."""
        return tuple(read(item) for item in self.items())

    def optional(self, read: Callable[[Place], T]) -> T | None:
        """Return what `read` makes of it, or None where it is null."""
        return None if self.value is None else read(self)

    def text(self) -> str:
        """Return a text, cleaned."""
        return sanitize(self._as(str, "a text"))

    def name(self) -> str:
        """Return a name of an author or an agent: one line that is not empty."""
        name = one_line(self.text(), LONGEST_NAME + 1)
        if not 0 < len(name) <= LONGEST_NAME:
            raise self.refused(f"a name of 1 to {LONGEST_NAME} characters is wanted")
        return name

    def id(self) -> str:
        """Return an id; see `is_id`."""
        if not is_id(self.value):
            raise self.refused("an id of 1 to 64 small letters, digits and hyphens is wanted")
        return str(self.value)

    def word(self, words: type[Word]) -> Word:
        """Return one of a few words."""
        try:
            return words(self._as(str, "a text"))
        except ValueError:
            known = ", ".join(word.value for word in words)
            raise self.refused(f"one of these is wanted: {known}") from None

    def flag(self) -> bool:
        """Return true or false."""
        return bool(self._as(bool, "true or false"))

    def whole(self, low: int = 0, high: int = _MOST) -> int:
        """Return a whole number in a range."""
        number = self.value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise self.refused(f"a whole number from {low} to {high} is wanted")
        return number

    def number(self, low: float = -_MOST, high: float = _MOST) -> float:
        """Return a finite number in a range, a whole one as such."""
        number = self.value
        if (
            isinstance(number, bool)
            or not isinstance(number, int | float)
            or not low <= number <= high
        ):
            raise self.refused(f"a number from {low:g} to {high:g} is wanted")
        return number

    def share(self) -> float:
        """Return a number from 0 to 1."""
        return self.number(0, 1)

    def money(self) -> int:
        """Return US dollars as micro-dollars."""
        dollars = self.number(0, _MOST_USD)
        micro = round(dollars * MICRO)
        if micro / MICRO != dollars:
            raise self.refused("US dollars have at most six decimals here")
        return micro

    def moment(self) -> int:
        """Return a time in UTC, as in 2026-11-22T10:00:00.000000Z, as microseconds since 1970."""
        text = self._as(str, "a time")
        with suppress(ValueError):
            micros = (
                datetime.fromisoformat(text if _TIME.fullmatch(text) else "") - _EPOCH
            ) // timedelta(microseconds=1)
            if micros >= 0:
                return micros
        raise self.refused("a time in UTC is wanted, such as 2026-11-22T10:00:00.000000Z")

    def _as(self, kind: type[Any], called: str) -> Any:
        if not isinstance(self.value, kind):
            raise self.refused(f"{called} is wanted")
        return self.value


def seconds_since_1970(value: object) -> int | None:
    """Return a time that other programs write as seconds, as microseconds; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value * MICRO) if 0 <= value < _YEAR_10000 else None
