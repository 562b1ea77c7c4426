"""Text with ink on lines that fit: wrapping by terminal cells, never by characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntFlag
from itertools import groupby

from rich.cells import cell_len as _cell_len

from hub.domain.text import visible

_WORDS = re.compile(r"\n|[^\S\n]+|\S+")


class Ink(IntFlag):
    """What a piece of text is; the palette knows how that looks."""

    TEXT = 0
    STRONG = 1
    EMPHASIS = 2
    STRIKE = 4
    CODE = 8
    BLOCK = 16
    """A line of a code block."""
    HEADING = 32
    QUOTE = 64
    LINK = 128
    FAINT = 256
    MARKER = 512
    """Bullets, numbers, rules, the frame of a table."""
    MENTION = 1024


Run = tuple[str, Ink]
"""Text of one ink."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is drawn."""

    runs: tuple[Run, ...] = ()
    joint: str | None = None
    """What stood at its end in the text if it was wrapped there; None: the line ends itself."""

    @property
    def text(self) -> str:
        """Its characters."""
        return "".join(text for text, _ in self.runs)


def clean(text: str) -> str:
    """Return text as it may be shown: nothing steers the terminal, nothing is hidden."""
    return visible(text)


def cells(text: str) -> int:
    """Return how many terminal cells a text takes."""
    return len(text) if text.isascii() else _cell_len(text)


def measure(runs: Iterable[Run]) -> int:
    """Return how many terminal cells runs take."""
    return sum(cells(text) for text, _ in runs)


def wrap(runs: Iterable[Run], width: int, *, keep_spaces: bool = False) -> list[Line]:
    """Break runs into lines of at most `width` cells, at spaces where there are any.

    Args:
        runs: Text of a paragraph; a newline in it always breaks.
        width: Cells, at least 1; a character wider than that stands alone and is cut by the screen.
        keep_spaces: True for code: nothing is dropped, and lines break wherever they are full.
    """
    filling = _Filling(max(1, width))
    for word in _words(runs):
        text = word[0][0]
        if text == "\n":
            filling.end(None)
        elif keep_spaces:
            filling.pour(word)
        elif text.isspace():
            filling.space(word)
        else:
            filling.word(word)
    filling.end(None)
    return filling.lines


def _words(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """Cut runs into spaces, newlines and words; a word may change its ink inside."""
    word: list[Run] = []
    for text, ink in runs:
        for match in _WORDS.finditer(text):
            piece = match.group()
            if piece.isspace():
                if word:
                    yield word
                    word = []
                yield [(piece, ink)]
            else:
                word.append((piece, ink))
    if word:
        yield word


class _Filling:
    """Lines being filled one word after another."""

    def __init__(self, width: int) -> None:
        self.lines: list[Line] = []
        self._width = width
        self._line: list[Run] = []
        self._used = 0
        self._space: list[Run] = []

    def end(self, joint: str | None) -> None:
        """End the line; spaces at its end are dropped."""
        merged = tuple(
            ("".join(text for text, _ in group), ink)
            for ink, group in groupby(self._line, key=lambda run: run[1])
        )
        self.lines.append(Line(merged, joint))
        self._line, self._used, self._space = [], 0, []

    def space(self, space: list[Run]) -> None:
        """Keep a space until a word follows on the same line."""
        if self._line:
            self._space = space

    def word(self, word: list[Run]) -> None:
        """Put a word on the line, or on the next; one that fits on no line is cut."""
        size, gap = measure(word), measure(self._space)
        has_wide = size != sum(len(text) for text, _ in word)
        if self._used + gap + size > self._width and not has_wide and size <= self._width:
            self.end(" ")
            gap = 0
        elif self._used + gap >= self._width:
            self.end(" " if self._space else "")
            gap = 0
        if gap:
            self._line += self._space
            self._used += gap
        self._space = []
        if self._used + size <= self._width:
            self._line += word
            self._used += size
        else:
            self.pour(word)

    def pour(self, word: list[Run]) -> None:
        """Fill lines character by character."""
        for text, ink in word:
            start = 0
            for place, character in enumerate(text):
                size = cells(character)
                if self._used + size > self._width and (self._line or place > start):
                    if place > start:
                        self._line.append((text[start:place], ink))
                    self.end("")
                    start = place
                self._used += size
            if start < len(text):
                self._line.append((text[start:], ink))
