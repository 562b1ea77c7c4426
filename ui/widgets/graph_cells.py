"""A drawing made of terminal cells: built on a canvas, then frozen for widget and plain terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from rich.cells import cell_len

from ui.widgets.cell_text import graphemes

EMPTY = "Nobody has spoken yet. Who answers whom shows here, as soon as messages arrive."


@dataclass(frozen=True, slots=True)
class Ink:
    """How a cell is painted, in tones; whoever shows the drawing turns tones into colours."""

    tone: str = ""
    """Tone of the character; empty: the foreground."""
    strength: float = 1.0
    """0..1, how far it stands out; for `edge`, 1 is the tone `hot`."""
    bold: bool = False
    fill: str = ""
    """Tone whose tint lies behind the character; empty: the background."""


PAPER = Ink()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: int, y: int) -> bool:
        """Return whether a cell lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield every cell of it as (x, y)."""
        for y in range(self.y, self.y + self.height):
            for x in range(self.x, self.x + self.width):
                yield x, y

    def meets(self, other: Box) -> bool:
        """Return whether the two share a cell."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, in cells."""
        return self.x + (self.width - 1) / 2, self.y + (self.height - 1) / 2


Path = tuple[tuple[int, int], ...]
"""Cells, in the order in which something travels through them."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished picture of the graph."""

    width: int
    height: int
    characters: tuple[tuple[str, ...], ...]
    """A row of graphemes; an empty one continues the wide character before it."""
    inks: tuple[tuple[Ink, ...], ...]
    boxes: Mapping[str, Box] = field(default_factory=dict)
    """Where each participant stands."""
    paths: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    """The visible cells of each edge, from source to target."""

    def runs(
        self, y: int, marks: Mapping[tuple[int, int], tuple[str, Ink]] | None = None
    ) -> Iterator[tuple[str, Ink]]:
        """Yield the pieces of one row that share an ink.

        Args:
            y: The row.
            marks: Characters laid over the drawing, by (x, y): pulses.
        """
        row = list(zip(self.characters[y], self.inks[y], strict=True))
        for (x, mark_y), mark in (marks or {}).items():
            if mark_y == y:
                row[x] = mark
        for ink, cells in groupby(row, key=lambda cell: cell[1]):
            yield "".join(character for character, _ in cells), ink

    def text(self) -> str:
        """Return the characters alone, without trailing blanks."""
        return "\n".join("".join(row).rstrip() for row in self.characters)


class Canvas:
    """Cells that can still be painted."""

    def __init__(self, width: int, height: int) -> None:
        """Begin blank; sizes in cells."""
        self.width = width
        self.height = height
        self._characters = [[" "] * width for _ in range(height)]
        self._inks = [[PAPER] * width for _ in range(height)]

    def put(self, x: int, y: int, character: str, ink: Ink = PAPER) -> None:
        """Paint one cell; outside the canvas nothing happens."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._characters[y][x] = character
            self._inks[y][x] = ink

    def write(self, x: int, y: int, text: str, ink: Ink = PAPER) -> None:
        """Paint a text from a cell on; what does not fit is left out, wide characters whole."""
        for grapheme, width in graphemes(text):
            if x >= 0 and x + width <= self.width:
                self.put(x, y, grapheme, ink)
                for extra in range(1, width):
                    self.put(x + extra, y, "", ink)
            x += width

    def freeze(
        self,
        boxes: Mapping[str, Box] | None = None,
        paths: Mapping[tuple[str, str], Path] | None = None,
    ) -> Drawing:
        """Return the drawing; painting on changes it no more."""
        return Drawing(
            width=self.width,
            height=self.height,
            characters=tuple(tuple(row) for row in self._characters),
            inks=tuple(tuple(row) for row in self._inks),
            boxes=dict(boxes or {}),
            paths=dict(paths or {}),
        )


def sentence(canvas: Canvas, text: str) -> Drawing:
    """Write a sentence into the middle of the canvas, wrapped, and return the drawing."""
    lines: list[str] = []
    for word in text.split():
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= canvas.width - 2:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    top = max(0, (canvas.height - len(lines)) // 2)
    for row, line in enumerate(lines):
        canvas.write(max(0, (canvas.width - cell_len(line)) // 2), top + row, line, Ink("muted"))
    return canvas.freeze()
