"""One row of the transcript as strips: a header, its text behind a coloured bar, a blank line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from hub.domain.agent import HUB, YOU
from hub.domain.text import one_line
from hub.domain.thread import Message, MessageKind
from hub.domain.turn import TurnState
from ui.elapsed import elapsed
from ui.format import TURNS as TURN_MARKS
from ui.format import Mark, clock_time, duration, money, provider_mark, speaks_unicode
from ui.view import TurnView
from ui.widgets.transcript_text import Ink, Line, cells, clean, wrap

GUTTER = 2
"""Cells of the coloured bar and the space behind it."""
_KINDS = {
    MessageKind.DRAFT: "draft",
    MessageKind.CRITIQUE: "critique",
    MessageKind.OUTCOME: "outcome",
    MessageKind.NOTE: "note",
}
LINES_KEPT = 4_000
"""Lines whose drawing a painter remembers: text that grows is drawn anew line by line otherwise."""
NO_STYLE = Style.null()
_DOT = " · "
_NARROW = 66
"""Cells below which a header names the model alone: the glyph tells the provider."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of the theme that is on."""

    inks: Mapping[Ink, Style]
    tones: Mapping[str, Style]

    def style(self, ink: Ink) -> Style:
        """Return how a piece of text looks."""
        style = Style.null()
        for part in Ink:
            if part & ink:
                style += self.inks[part]
        return style

    def tone(self, name: str, *, bold: bool = False) -> Style:
        """Return the colour of a tone."""
        return self.tones[name] + Style(bold=True) if bold else self.tones[name]


@dataclass(frozen=True, slots=True)
class Painted:
    """A row ready to be drawn."""

    source: object
    """What was painted: while it is the same value, so is the picture."""
    turn: TurnView | None
    strips: tuple[Strip, ...]
    lines: tuple[Line, ...]
    """The same as text, for copying: what stands above, the header, the text, a blank line."""
    above: int = 0
    """Lines above the header: the line of what is unread."""

    @property
    def height(self) -> int:
        """Lines it takes."""
        return len(self.strips)


class Painter:
    """Paints rows for one width and one palette."""

    def __init__(self, width: int, palette: Palette, ground: Style = NO_STYLE) -> None:
        """Prepare.

        Args:
            width: Cells of a line.
            palette: Styles of the theme that is on.
            ground: What lies below all of them.
        """
        self.width = max(GUTTER + 8, width)
        self.ground = ground
        self._cells = width
        self._palette = palette
        self._styles: dict[Ink, Style] = {}
        self._lines: dict[tuple[Line, Segment], Strip] = {}

    @property
    def room(self) -> int:
        """Cells for text."""
        return self.width - GUTTER

    def message(
        self,
        message: Message,
        turn: TurnView | None,
        answers: str | None,
        body: Iterable[Line],
        unread: str = "",
    ) -> Painted:
        """Paint a posted message.

        Args:
            message: What was posted.
            turn: The turn that wrote it, where one did and it is known.
            answers: Author of the message it answers, where that one is known.
            body: Its text, laid out for `room`.
            unread: What a line above it says: it came while the person was away; empty: nothing.
        """
        facts = [_KINDS[message.kind]] if message.kind in _KINDS else []
        facts += self._served(turn)
        if answers:
            facts.append(f"{_arrow()} {one_line(answers, 40)}")
        elif message.to:
            facts.append(f"{_arrow()} {one_line(', '.join(message.to), 60)}")
        if message.pinned:
            facts.append("pinned")
        mark = _mark(message.author, turn)
        at = clock_time(message.created_at) if message.created_at else ""
        header = self._header(message.author, mark, facts, at)
        painted = self._painted(message, turn, mark, header, body)
        return self._under_line(painted, unread) if unread else painted

    def _under_line(self, painted: Painted, said: str) -> Painted:
        """Put the line of what is unread above a message."""
        dash = "─" if _unicode() else "-"
        text = f"{dash * 2} {one_line(said, self.room - 8)} "
        text += dash * max(0, self.width - cells(text))
        strip = Strip([Segment(text, self._palette.tone("busy", bold=True))])
        return replace(
            painted,
            strips=(self._grounded(strip), self._grounded(Strip.blank(0)), *painted.strips),
            lines=(Line(((text, Ink.FAINT),)), Line(), *painted.lines),
            above=2,
        )

    def live(self, turn: TurnView, answers: str | None, body: Iterable[Line], now: int) -> Painted:
        """Paint a turn that has no message yet; its clock runs."""
        state = TURN_MARKS[turn.state]
        word = turn.phase if turn.state is TurnState.RUNNING else turn.state
        ticking = elapsed(turn.since, now) if turn.phase.is_working else ""
        facts = [f"{state.sign(ascii_only=not _unicode())} {word} {ticking}".rstrip()]
        facts += self._served(turn)
        if answers:
            facts.append(f"{_arrow()} {one_line(answers, 40)}")
        mark = _mark(turn.agent, turn)
        return self._painted(turn, turn, mark, self._header(turn.agent, mark, facts, ""), body)

    def ended(self, source: object, turn: TurnView, body: Iterable[Line]) -> Painted:
        """Paint a turn that ended without a message, with the reason."""
        state = TURN_MARKS[turn.state]
        facts = [state.text(ascii_only=not _unicode()), *self._served(turn)]
        mark = _mark(turn.agent, turn)
        lines = list(body)
        if turn.error:
            lines += wrap([(clean(turn.error), Ink.EMPHASIS)], self.room)
        return self._painted(source, turn, mark, self._header(turn.agent, mark, facts, ""), lines)

    def _served(self, turn: TurnView | None) -> list[str]:
        """Return who served a turn, what it cost and how long it took."""
        if turn is None or turn.provider is None:
            return []
        is_narrow = self.width < _NARROW
        served = turn.model if is_narrow and turn.model else f"{turn.provider} {turn.model or ''}"
        facts = [one_line(served, 60)]
        if turn.booked:
            facts.append(money(turn.cost))
        if turn.state.ended and turn.latency_s is not None:
            facts.append(duration(turn.latency_s))
        return facts

    def _header(self, name: str, mark: Mark, facts: Iterable[str], right: str) -> Line:
        """Return name, facts and time on one line, cut at the end where they do not fit."""
        sign = mark.sign(ascii_only=not _unicode())
        rest = _DOT.join(facts)
        shown = one_line(name, 40)
        left = f"{sign} {shown}" + (f"  {rest}" if rest else "")
        room = self.room - (cells(right) + 2 if right else 0)
        if cells(left) > room:
            left, right = wrap([(left, Ink.TEXT)], self.room, keep_spaces=True)[0].text, ""
        split = min(len(left), len(sign) + 1 + len(shown))
        gap = " " * max(0, self.room - cells(left) - cells(right)) if right else ""
        return Line(
            ((left[:split], Ink.HEADING), (left[split:] + gap + right, Ink.FAINT)),
        )

    def _painted(
        self,
        source: object,
        turn: TurnView | None,
        mark: Mark,
        header: Line,
        body: Iterable[Line],
    ) -> Painted:
        tone = self._palette.tone(mark.tone)
        bar = Segment("▌ " if _unicode() else "| ", tone)
        (name, _), (facts, faint) = header.runs
        top = Strip([bar, Segment(name, tone + Style(bold=True)), Segment(facts, self._ink(faint))])
        lines = tuple(body)
        texts = (self._drawn(line, bar) for line in lines)
        strips = (self._grounded(top), *texts, self._grounded(Strip.blank(0)))
        return Painted(source, turn, strips, (header, *lines, Line()))

    def _drawn(self, line: Line, bar: Segment) -> Strip:
        """Return a line of text as it is drawn; a line that was drawn before is remembered."""
        key = (line, bar)
        if key not in self._lines:
            if len(self._lines) > LINES_KEPT:
                self._lines.clear()
            runs = (Segment(text, self._ink(ink)) for text, ink in line.runs)
            self._lines[key] = self._grounded(Strip([bar, *runs]))
        return self._lines[key]

    def _grounded(self, strip: Strip) -> Strip:
        return strip.crop_extend(0, self._cells, self.ground).apply_style(self.ground)

    def _ink(self, ink: Ink) -> Style:
        if ink not in self._styles:
            self._styles[ink] = self._palette.style(ink)
        return self._styles[ink]


def _mark(author: str, turn: TurnView | None) -> Mark:
    if author in (YOU, HUB):
        return provider_mark(None)
    if turn is None or turn.provider is None:
        return Mark("○", "o", "unknown", "muted")
    return provider_mark(turn.provider)


def _arrow() -> str:
    return "→" if _unicode() else "->"


@cache
def _unicode() -> bool:
    return speaks_unicode()
