"""Texts measured in terminal cells: wide characters and emoji take two, accents none."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, split_graphemes

from hub.domain.text import visible

ELLIPSIS = "…"


def flat(text: str) -> str:
    """Return outside text on one line, cleaned; blanks stay, they may be a column's."""
    return visible(text).replace("\n", " ").replace("\t", " ")


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """Yield what a reader takes for one character, with its width of 1 or 2 cells."""
    text = flat(text)
    spans, _ = split_graphemes(text)
    for start, end, width in spans:
        if width:
            yield text[start:end], width


def fit(text: str, width: int, *, ascii_only: bool = False) -> str:
    """Return the text in at most `width` cells, cut with an ellipsis where it is longer."""
    text = flat(text)
    if cell_len(text) <= width:
        return text
    ellipsis = "~" if ascii_only else ELLIPSIS
    kept, used = "", 0
    for grapheme, size in graphemes(text):
        if used + size > width - 1:
            break
        kept, used = kept + grapheme, used + size
    return kept + ellipsis if width > 0 else ""


def pad(text: str, width: int, *, ascii_only: bool = False) -> str:
    """Return the text in exactly `width` cells: cut as by `fit`, or filled with blanks."""
    fitted = fit(text, width, ascii_only=ascii_only)
    return fitted + " " * (width - cell_len(fitted))
