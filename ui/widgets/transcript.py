"""The transcript: one widget for a thread of any length, drawn line by line from what is on screen.

Rows are measured when they come near the screen and estimated until then. What stays in place is a
message and a line of it, never a number of lines from the top: so nothing jumps when heights
become known, older pages arrive, the window changes or an agent writes.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.theme import Theme
from typing_extensions import override

from hub.domain.thread import Message
from ui.deeds import DOINGS, Deed
from ui.messages import CopyWanted, DeedWanted, OlderWanted
from ui.theme import TONES, tone
from ui.view import Row, TurnView, View
from ui.widgets.transcript_paint import Painter, Palette
from ui.widgets.transcript_rows import Rows
from ui.widgets.transcript_select import (
    highlight,
    place_code,
    selected_text,
    shaded,
    with_matches,
)
from ui.widgets.transcript_text import Ink, clean

GREETING = (
    "Ask a question below: one agent answers, @name picks which.",
    "/discuss 2 QUESTION lets agents answer each other.",
    "/decide QUESTION | OPTION | OPTION takes a vote.",
    "What it may cost is said before you send it. F1 has all keys.",
)
"""What an empty thread says."""
_INKS = {
    Ink.CODE: "code",
    Ink.BLOCK: "block",
    Ink.HEADING: "heading",
    Ink.QUOTE: "quote",
    Ink.LINK: "link",
    Ink.FAINT: "faint",
    Ink.MARKER: "marker",
}


class TranscriptView(ScrollView, can_focus=True):
    """Messages of the open thread, and the turns that write the next ones."""

    ALLOW_SELECT = True
    HELP = (
        "PgUp and PgDn scroll, End follows the newest. Alt+Up and Alt+Down pick a message; "
        "Enter says what can be done with it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("home", "to_start", "First loaded message", show=False),
        Binding("end", "follow", "Newest message", show=False),
        Binding("enter", "menu", "What to do with the message", show=False, id="message.menu"),
        Binding("n", "app.next_match(1)", "Next match", show=False, id="match.next"),
        Binding("N", "app.next_match(-1)", "Match before", show=False, id="match.before"),
        *(Binding(d.key, f"do('{d.deed}')", d.does, show=False, id=d.id) for d in DOINGS),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"transcript--{name}" for name in (*_INKS.values(), "cursor", "fresh", "match")
    }
    DEFAULT_CSS = """
    TranscriptView {
        height: 1fr;
        background: $background;
        color: $text;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-color: $border-blurred;
        padding: 0 0 0 1;
    }
    TranscriptView > .transcript--code { color: $secondary; background: $panel; }
    TranscriptView > .transcript--block { background: $panel; }
    TranscriptView > .transcript--heading { color: $primary; text-style: bold; }
    TranscriptView > .transcript--quote { color: $text-muted; }
    TranscriptView > .transcript--link { color: $secondary; text-style: underline; }
    TranscriptView > .transcript--faint { color: $text-muted; }
    TranscriptView > .transcript--marker { color: $secondary; }
    TranscriptView > .transcript--cursor { background: $panel; }
    TranscriptView > .transcript--match { color: $background; background: $tone-warn; }
    TranscriptView > .transcript--fresh { color: $background; background: $accent; text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.following = True
        """True: the newest line stays in sight."""
        self.unseen = 0
        """Messages that arrived below while the person read above."""
        self.cursor = ""
        """Key of the row that the message cursor is on; empty: on none."""
        self.words: tuple[str, ...] = ()
        """What was searched for: shown wherever it stands."""
        self.rows = Rows()
        self._opened = 0
        self._anchor = ("", 0, 0)
        self._placing = False
        self._asked_older: int | None = None

    @property
    def room(self) -> Size:
        """What is left for text beside the scroll bar."""
        return self.scrollable_content_region.size

    def show(self, view: View, now: int) -> None:
        """Draw another view; only what differs from the last one costs anything.

        Args:
            view: What to show.
            now: UTC microseconds, for the clocks of running turns.
        """
        self.rows.now = now
        if view.opened != self._opened:
            self._opened = view.opened
            self.following, self.unseen, self.cursor, self._asked_older = True, 0, "", None
        arrived, wrote = self.rows.show(view)
        if not self.following:
            self.unseen += arrived
        if wrote is None:
            self._settle()
            self.refresh()
        elif self.rows.painter is not None:
            self._redraw(wrote)

    def tick(self, now: int) -> None:
        """Let the clocks of running turns go on."""
        self.rows.now = now
        self.rows.forget_live()
        for place in self.rows.live:
            self.refresh_lines(self.rows.heights.offset(place), 1)

    def _redraw(self, places: list[int]) -> None:
        """Draw running turns again, and nothing else unless one of them grew."""
        heights = self.rows.heights
        if any(self.rows.paint(place).height != heights[place] for place in places):
            self._settle()
            self.refresh()
            return
        for place in places:
            self.refresh_lines(heights.offset(place), heights[place])

    # --- measuring and placing ------------------------------------------------------------------

    def _settle(self) -> None:
        """Measure what is on the screen and a page around it, then put the anchor on top again."""
        page = self.room.height
        if not page or not self._prepare():
            return
        rows = self.rows
        place, line = (len(rows), 0) if self.following else self._find_anchor()
        below, above = -line, 0
        after, before = place, place - 1
        while after < len(rows) and below < 2 * page:
            below += rows.measure(after)
            after += 1
        while before >= 0 and above < (2 if self.following else 1) * page:
            above += rows.measure(before)
            before -= 1
        self._grow(Size(self.room.width, rows.heights.total))
        top = rows.heights.offset(place)
        if place < len(rows):
            top += min(line, rows.heights[place] - 1)
        self._place(top)
        if before < 0 and not rows.complete and self._asked_older != rows.base:
            self._asked_older = rows.base
            self.post_message(OlderWanted())

    def _grow(self, size: Size) -> None:
        """Let the scroll bar know of another height; the other widgets stay where they are.

        Setting `virtual_size` would lay out the whole screen anew, for every line that agents write.
        """
        if size != self.virtual_size:
            self.set_reactive(TranscriptView.virtual_size, size)
            self._scroll_update(size)

    def _place(self, top: int) -> None:
        self._placing = True
        try:
            self.scroll_y = self.scroll_target_y = top
        finally:
            self._placing = False
        if self.following:
            self.unseen = 0
        self._drop_anchor()

    def _drop_anchor(self) -> None:
        place, line = self.rows.heights.find(self.scroll_offset.y)
        self._anchor = (self.rows.key(place), line, place - len(self.rows))

    def _find_anchor(self) -> tuple[int, int]:
        """Return where the anchored row is now: its key says which, its place where to look."""
        key, line, from_end = self._anchor
        place = self.rows.find(key, from_end + len(self.rows))
        return (0, 0) if place is None else (place, line)

    def _prepare(self) -> bool:
        """Have a painter for the width and theme that are on; False before the first layout."""
        width = self.room.width
        painter = self.rows.painter
        if width and (painter is None or painter.width != width):
            self.rows.use(Painter(width, self._palette(), self.rich_style))
        return bool(width)

    def _palette(self) -> Palette:
        inks = {
            ink: self.get_component_rich_style(f"transcript--{name}", partial=True)
            for ink, name in _INKS.items()
        }
        inks |= {
            Ink.STRONG: Style(bold=True),
            Ink.EMPHASIS: Style(italic=True),
            Ink.STRIKE: Style(strike=True),
        }
        tones = {name: Style(color=tone(self.app, name).rich_color) for name in TONES}
        return Palette(inks, tones)

    @override
    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        painter = self.rows.painter
        if self._placing or painter is None or self.room.width != painter.width:
            return
        self.following = new_value >= self.max_scroll_y
        self._drop_anchor()
        self._settle()

    def on_resize(self, event: events.Resize) -> None:
        """Lay out for the new width; what was on top stays there."""
        del event
        self._settle()
        self.refresh()

    @on(events.Mount)
    def _listen_for_themes(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._on_theme)

    def _on_theme(self, theme: Theme) -> None:
        del theme
        self.rows.painter = None
        self.call_after_refresh(self._begin_anew)

    def _begin_anew(self) -> None:
        """Paint everything in the colours that are on now."""
        self._settle()
        self.refresh()

    # --- drawing --------------------------------------------------------------------------------

    @override
    def render_line(self, y: int) -> Strip:
        """Draw one line from pictures; nothing is measured or moved here."""
        width, rows = self.room.width, self.rows
        line = self.scroll_offset.y + y
        if not len(rows):
            return self._greeting(y, width)
        if rows.painter is None or line >= rows.heights.total:
            return Strip.blank(width, self.rich_style)
        place, within = rows.heights.find(line)
        painted = rows.paint(place)
        if within >= painted.height:
            return Strip.blank(width, self.rich_style)
        strip = painted.strips[within]
        if self.cursor and rows.key(place) == self.cursor:
            strip = shaded(strip, self.get_component_rich_style("transcript--cursor"))
        if self.words:
            found = self.get_component_rich_style("transcript--match")
            strip = with_matches(strip, self.words, found)
        code = place_code(rows.base + place, within)
        selection = self.text_selection
        span = selection.get_span(code) if selection else None
        if span is not None:
            style = self.screen.get_component_rich_style("screen--selection")
            strip = highlight(strip, *span, style)
        if self.unseen and y == self.room.height - 1:
            strip = self._with_marker(strip, width)
        return strip.apply_offsets(0, code)

    def _greeting(self, y: int, width: int) -> Strip:
        """Draw a line of what an empty thread says."""
        text = GREETING[y - 1] if 1 <= y <= len(GREETING) else ""
        faint = self.get_component_rich_style("transcript--faint", partial=True)
        strip = Strip([Segment(f"  {text}", faint)])
        return strip.crop_extend(0, width, self.rich_style).apply_style(self.rich_style)

    def _with_marker(self, strip: Strip, width: int) -> Strip:
        label = f" {self.unseen} new · End "
        style = self.get_component_rich_style("transcript--fresh", partial=True)
        return Strip.join([strip.crop(0, width - len(label)), Strip([Segment(label, style)])])

    # --- keys and copying -----------------------------------------------------------------------

    def action_follow(self) -> None:
        """Go to the newest line and stay there."""
        self.following = True
        self._settle()
        self.refresh()

    def action_to_start(self) -> None:
        """Go to the first loaded message; older ones are loaded behind it."""
        self.scroll_to(y=0, animate=False)

    def page(self, direction: int) -> None:
        """Scroll a screenful up (-1) or down (1), keeping one line in sight."""
        step = max(1, self.room.height - 1)
        self.scroll_to(y=self.scroll_offset.y + direction * step, animate=False)

    def move_cursor(self, direction: int) -> None:
        """Put the message cursor on the message before (-1) or behind (1)."""
        places = range(len(self.rows))
        if not places:
            return
        here = self.rows.find(self.cursor, len(self.rows)) if self.cursor else None
        at = len(places) - 1 if here is None else here + direction
        self.go_to(min(max(0, at), len(places) - 1))

    def go_to(self, place: int) -> None:
        """Put the message cursor on a row, and the row into sight."""
        self.cursor = self.rows.key(place)
        height = self.rows.measure(place)
        top = self.rows.heights.offset(place)
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif top + height > self.scroll_offset.y + self.room.height:
            self.scroll_to(y=min(top, top + height - self.room.height), animate=False)
        self.refresh()

    def find(self, message_id: str) -> int | None:
        """Return the place of a message; None while it is not loaded."""
        rows = range(len(self.rows))
        return next((p for p in rows if getattr(self.rows[p], "id", "") == message_id), None)

    @property
    def chosen(self) -> Row | None:
        """The row under the message cursor, else the newest message."""
        here = self.rows.find(self.cursor, len(self.rows)) if self.cursor else None
        if here is not None:
            row = self.rows[here]
            return None if isinstance(row, TurnView) else row
        rows = (self.rows[place] for place in reversed(range(len(self.rows))))
        return next((row for row in rows if isinstance(row, Message)), None)

    def action_menu(self) -> None:
        """Ask what can be done with the chosen message."""
        if self.chosen is not None:
            self.post_message(DeedWanted(self.chosen))

    def action_do(self, deed: str) -> None:
        """Do something with the chosen message; copying prefers what is selected."""
        selected = self.screen.get_selected_text()
        row = self.chosen
        if selected and deed == Deed.COPY:
            self.post_message(CopyWanted(selected, "selection"))
        elif isinstance(row, Message) and deed == Deed.COPY:
            self.post_message(CopyWanted(clean(row.body), "message"))
        elif row is not None:
            self.post_message(DeedWanted(row, Deed(deed)))

    @override
    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        base = self.rows.base
        text = selected_text(
            selection,
            range(base, base + len(self.rows)),
            lambda place: self.rows.paint(place - base).lines,
            lambda place: self.rows.whole(place - base),
        )
        return text, "\n"

    @override
    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()
