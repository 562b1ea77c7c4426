"""The rows of a transcript: which there are, how high they are, how they look."""

from __future__ import annotations

from collections import OrderedDict

from hub.domain.ids import MessageId, ThreadId
from hub.domain.thread import Message
from hub.domain.turn import Purpose, TurnState
from ui.view import EndedTurn, Row, TurnView, View
from ui.widgets.transcript_growing import Growing
from ui.widgets.transcript_heights import Heights
from ui.widgets.transcript_paint import Painted, Painter
from ui.widgets.transcript_text import Ink, Line, clean, wrap

SHOWN = 60_000
"""Characters of one message that are laid out: two megabytes would hold up the screen for a second."""
KEPT = 500
"""Rows whose picture is kept."""


def key_of(row: Row | TurnView) -> str:
    """Return what stays the same when a turn's live row becomes its message."""
    if isinstance(row, Message):
        return row.turn_id or row.id
    return row.id


class Rows:
    """Posted messages and ended turns first, the turns that still run behind them."""

    def __init__(self) -> None:
        self.heights = Heights()
        self.renders = 0
        """Texts laid out so far; tests count work by it."""
        self.now = 0
        """UTC microseconds, for the clocks of running turns."""
        self.painter: Painter | None = None
        self._view = View()
        self._rows: list[Row | TurnView] = []
        self._settled = 0
        self._authors: dict[MessageId, str] = {}
        self._painted: OrderedDict[str, Painted] = OrderedDict()
        self._growing: dict[str, Growing] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: int) -> Row | TurnView:
        return self._rows[place]

    @property
    def base(self) -> int:
        """Absolute place of the first row; falls when older rows come in front."""
        return self._view.base

    @property
    def live(self) -> range:
        """Places of the turns that still run."""
        return range(self._settled, len(self._rows))

    @property
    def complete(self) -> bool:
        """False while older messages are to be loaded."""
        return self._view.complete

    def key(self, place: int) -> str:
        """Return the key of the row at a place; empty where there is none."""
        return key_of(self._rows[place]) if 0 <= place < len(self._rows) else ""

    def find(self, key: str, near: int) -> int | None:
        """Return where the row with a key is now, looking from a place outwards."""
        near = min(max(0, near), max(0, len(self._rows) - 1))
        for reach in range(len(self._rows)):
            for place in (near - reach, near + reach):
                if key and self.key(place) == key:
                    return place
        return None

    def use(self, painter: Painter) -> None:
        """Paint with another width or theme from now on; heights are estimated anew."""
        self.painter = painter
        self._painted.clear()
        self._growing.clear()
        self.heights = Heights(map(self._estimate, self._rows))

    # --- another view ---------------------------------------------------------------------------

    def show(self, view: View) -> tuple[int, list[int] | None]:
        """Take over another view.

        Returns:
            How many messages came behind the others, and the places that alone have to be drawn
            again: running turns that wrote; None: everything may have moved.
        """
        old, self._view = self._view, view
        if view.opened != old.opened:
            self._reset()
        elif view.base != old.base:
            self._put_in_front(old.base - view.base)
        if view.edited != old.edited and view.opened == old.opened:
            self._change(view.rows)
        live = [turn for turn in view.live_here if turn.purpose is not Purpose.BALLOT]
        grown = view.rows[self._settled :]
        same = [turn.id for turn in live] == [self.key(place) for place in self.live]
        moved = (view.opened, view.base, view.edited) != (old.opened, old.base, old.edited)
        if grown or moved or not same or view.turns is not old.turns:
            return self._take(grown, live), None
        wrote = [p for p, turn in enumerate(live, self._settled) if self._rows[p] is not turn]
        for place in wrote:
            self._rows[place] = live[place - self._settled]
        return 0, wrote

    def forget_live(self) -> None:
        """Have the running turns painted again: their clocks went on."""
        for place in self.live:
            self._painted.pop(self.key(place), None)

    def _reset(self) -> None:
        self._rows, self._settled, self.heights = [], 0, Heights()
        self._authors.clear()
        self._painted.clear()
        self._growing.clear()

    def _put_in_front(self, count: int) -> None:
        older = self._view.rows[:count]
        self._authors.update((m.id, m.author) for m in older if isinstance(m, Message))
        self._rows[:0] = older
        self._settled += count
        known = [self.heights[place] for place in range(len(self.heights))]
        self.heights = Heights([*map(self._estimate, older), *known])

    def _change(self, rows: tuple[Row, ...]) -> None:
        """Take over rows that are other values now, and what stands above them."""
        for place in range(self._settled):
            row = rows[place]
            is_marked = isinstance(row, Message) and row.seq == self._view.unread_from
            if self._rows[place] is not row or is_marked or self._above(place):
                self._rows[place] = row
                self._painted.pop(key_of(row), None)
                self.heights.set(place, self._estimate(row))

    def _above(self, place: int) -> int:
        known = self._painted.get(self.key(place))
        return known.above if known else 0

    def _take(self, grown: tuple[Row, ...], live: list[TurnView]) -> int:
        del self._rows[self._settled :]
        self.heights.cut(self._settled)
        for row in (*grown, *live):
            if isinstance(row, Message):
                self._authors[row.id] = row.author
            self._rows.append(row)
            self.heights.append(self._estimate(row))
        self._settled += len(grown)
        alive = {turn.id for turn in live}
        self._growing = {key: text for key, text in self._growing.items() if key in alive}
        return sum(isinstance(row, Message) for row in grown)

    # --- measuring and painting -----------------------------------------------------------------

    def measure(self, place: int) -> int:
        """Learn and return the true height of a row."""
        height = self.paint(place).height
        self.heights.set(place, height)
        return height

    def paint(self, place: int) -> Painted:
        """Return a row's picture, from memory where it is still right."""
        row = self._rows[place]
        key, turn = key_of(row), self._turn_of(row)
        known = self._painted.get(key)
        if known is not None and known.source is row and known.turn is turn:
            self._painted.move_to_end(key)
            return known
        painted = self._picture(row, turn, known)
        self._painted[key] = painted
        while len(self._painted) > KEPT:
            self._painted.popitem(last=False)
        return painted

    def whole(self, place: int) -> str:
        """Return the text of a row for copying, as it was written."""
        row = self._rows[place]
        if isinstance(row, Message):
            return f"{row.author}\n{clean(row.body)}"
        return clean(row.text) if isinstance(row, TurnView) else ""

    def _picture(
        self, row: Row | TurnView, turn: TurnView | None, known: Painted | None
    ) -> Painted:
        if self.painter is None:
            raise RuntimeError("rows are painted after `use`")
        if isinstance(row, Message):
            same = known is not None and known.source is row
            body = known.lines[known.above + 1 : -1] if known and same else self._lay_out(row.body)
            unread = self._view.unread if row.seq == self._view.unread_from else ""
            return self.painter.message(row, turn, self._author(row.reply_to), body, unread)
        if isinstance(row, EndedTurn):
            shown = turn or TurnView(row.id, ThreadId(""), "?", TurnState.UNKNOWN)
            return self.painter.ended(row, shown, self._lay_out(shown.text) if shown.text else ())
        growing = self._growing.setdefault(row.id, Growing(self.painter.room))
        body = growing.lines(row.text) if row.text else ()
        return self.painter.live(row, self._author(row.reply_to), body, self.now)

    def _author(self, message_id: MessageId | None) -> str | None:
        return self._authors.get(message_id) if message_id else None

    def _lay_out(self, text: str) -> list[Line]:
        from ui.widgets.transcript_markdown import render

        self.renders += 1
        room = self.painter.room if self.painter else 80
        lines = render(text[:SHOWN], room)
        if len(text) > SHOWN:
            more = f"… {len(text) - SHOWN:,} characters more: y copies all, /export writes all."
            lines += wrap([(more, Ink.FAINT)], room)
        return lines

    def _turn_of(self, row: Row | TurnView) -> TurnView | None:
        if isinstance(row, TurnView):
            return row
        turn_id = row.turn_id if isinstance(row, Message) else row.id
        return self._view.turns.get(turn_id) if turn_id else None

    def _estimate(self, row: Row | TurnView) -> int:
        text = row.body[:SHOWN] if isinstance(row, Message) else ""
        room = self.painter.room if self.painter else 80
        return 3 + text.count("\n") + len(text) // room
