"""Selected text as places in messages, so that nothing that arrives or scrolls can lose it.

Textual keeps a selection as two (x, y) offsets and only compares them. Here y is a row's place
times `CODE_LINES` plus a line of the row, and x a character of that line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from ui.widgets.transcript_paint import GUTTER
from ui.widgets.transcript_text import Line

CODE_LINES = 1 << 16
"""More lines than any row has."""
_ORIGIN = 1 << 24
"""Place of the first row that was loaded; older ones lie below it."""


def place_code(place: int, line: int) -> int:
    """Return the y that stands for a line of a row; grows downwards.

    Args:
        place: Absolute place of the row: it never changes while the thread is open.
        line: Line within the row.
    """
    return (_ORIGIN + place) * CODE_LINES + min(line, CODE_LINES - 1)


def place_of(code: int) -> tuple[int, int]:
    """Return the row's place and the line that a y stands for."""
    place, line = divmod(code, CODE_LINES)
    return place - _ORIGIN, line


def highlight(strip: Strip, start: int, end: int, style: Style) -> Strip:
    """Return a strip with some of its characters styled; an end of -1 is the last one."""
    last = sum(len(segment.text) for segment in strip)
    stop = last if end < 0 else min(end, last)
    segments: list[Segment] = []
    at = 0
    for segment in strip:
        text = segment.text
        cuts = [min(max(0, cut - at), len(text)) for cut in (start, stop)]
        for piece, chosen in (
            (text[: cuts[0]], False),
            (text[cuts[0] : cuts[1]], True),
            (text[max(cuts) :], False),
        ):
            if piece:
                old = segment.style or Style.null()
                segments.append(Segment(piece, old + style if chosen else old))
        at += len(text)
    return Strip(segments, strip.cell_length)


def shaded(strip: Strip, shade: Style) -> Strip:
    """Return a line on the ground of another style, its own colours kept."""
    ground = Style(bgcolor=shade.bgcolor)
    return Strip(
        [Segment(text, (style or ground) + ground, control) for text, style, control in strip],
        strip.cell_length,
    )


def with_matches(strip: Strip, words: Sequence[str], style: Style) -> Strip:
    """Return a line with every one of these words styled, whatever its case."""
    text = strip.text.lower()
    if len(text) != len(strip.text):  # some capitals have no small letter of one character
        text = strip.text
    for word in words:
        at = text.find(word)
        while at >= 0:
            strip = highlight(strip, at, at + len(word), style)
            at = text.find(word, at + len(word))
    return strip


def selected_text(
    selection: Selection,
    places: range,
    lines_of: Callable[[int], Sequence[Line]],
    whole: Callable[[int], str],
) -> str:
    """Return what a selection covers, with lines joined where only the window broke them.

    Args:
        selection: In places; a missing end is the first or last row.
        places: Places of all rows.
        lines_of: The lines of one row as drawn, without the bar at their left.
        whole: The text of a row that is selected from its first to its last line.
    """
    if not places:
        return ""
    first, last = places[0], places[-1]
    if selection.start is not None:
        first = max(first, place_of(selection.start.y)[0])
    if selection.end is not None:
        last = min(last, place_of(selection.end.y)[0])
    texts = []
    for place in range(first, last + 1):
        if place in (first, last):
            texts.append(_part(selection, place, lines_of(place)))
        else:
            texts.append(whole(place) + "\n")
    return "\n".join(texts).rstrip("\n")


def _part(selection: Selection, place: int, lines: Sequence[Line]) -> str:
    out = ""
    for number, line in enumerate(lines):
        span = selection.get_span(place_code(place, number))
        if span is None:
            continue
        start = max(0, span[0] - GUTTER)
        stop = None if span[1] < 0 else max(0, span[1] - GUTTER)
        piece = line.text[start:stop]
        is_cut = stop is not None
        out += piece if is_cut else piece.rstrip() + ("\n" if line.joint is None else line.joint)
    return out.rstrip("\n")
