"""Markdown to lines: the tokens of markdown-it, laid out by our own few rules.

No HTML, no image, no link that could be followed: a link is shown with its address.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ui.widgets.transcript_table import Cell, lay_out
from ui.widgets.transcript_text import Ink, Line, Run, clean, measure, wrap

_TAB = 4
_IN_ITEM = 2
"""Level of a paragraph in an item of an outermost list."""
_SWITCHES = {
    "strong_open": Ink.STRONG,
    "em_open": Ink.EMPHASIS,
    "s_open": Ink.STRIKE,
    "strong_close": Ink.STRONG,
    "em_close": Ink.EMPHASIS,
    "s_close": Ink.STRIKE,
}


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def parsed(text: str) -> list[Token]:
    """Return the tokens of a text, cleaned."""
    return _parser().parse(clean(text))


def render(text: str, width: int) -> list[Line]:
    """Lay out Markdown on lines of at most `width` cells."""
    return _Writer(max(8, width)).write(parsed(text))


def block_starts(text: str) -> list[int]:
    """Return the lines at which the blocks of a text begin.

    The items of a list that stand apart count as blocks: no later line can push them together.
    """
    tokens = parsed(text)
    starts = {t.map[0] for t in tokens if t.level == 0 and t.nesting >= 0 and t.map}
    for place, token in enumerate(tokens):
        stands_apart = (
            token.level == _IN_ITEM and token.type == "paragraph_open" and not token.hidden
        )
        item = tokens[place - 1]
        if stands_apart and item.type == "list_item_open" and item.map:
            starts.add(item.map[0])
    return sorted(starts)


class _Writer:
    """Walks the tokens once, with the prefixes of the containers it is in."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._lines: list[Line] = []
        self._prefixes: list[list[Run]] = []
        self._counters: list[int | None] = []
        self._gap: int | None = None
        self._ink = Ink.TEXT

    def write(self, tokens: Sequence[Token]) -> list[Line]:
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type == "table_open":
                end = next(i for i in range(place, len(tokens)) if tokens[i].type == "table_close")
                self._table(tokens[place:end])
                place = end
            else:
                self._token(token)
            place += 1
        return self._lines

    def _token(self, token: Token) -> None:
        match token.type:
            case "inline":
                self._block(wrap(inline(token, self._ink), self._room))
            case "paragraph_close":
                self._close(gap=not token.hidden)
            case "heading_open":
                self._ink |= Ink.HEADING
            case "heading_close":
                self._ink &= ~Ink.HEADING
                self._close()
            case "fence" | "code_block":
                self._code(token.content)
            case "hr":
                self._block([Line((("─" * self._room, Ink.MARKER),))])
                self._close()
            case _:
                self._container(token)

    def _container(self, token: Token) -> None:
        match token.type:
            case "blockquote_open":
                self._prefixes.append([("│ ", Ink.MARKER), ("│ ", Ink.MARKER)])
                self._ink |= Ink.QUOTE
            case "blockquote_close":
                self._prefixes.pop()
                self._ink &= ~Ink.QUOTE
                self._close()
            case "bullet_list_open":
                self._counters.append(None)
            case "ordered_list_open":
                start = token.attrGet("start")
                self._counters.append(1 if start is None else int(start))
            case "bullet_list_close" | "ordered_list_close":
                self._counters.pop()
                self._close(gap=not self._counters)
            case _:
                self._list_item(token)

    def _list_item(self, token: Token) -> None:
        if token.type == "list_item_open":
            self._item()
        elif token.type == "list_item_close":
            if len(self._prefixes[-1]) > 1:
                self._block([Line()])
            self._prefixes.pop()

    def _item(self) -> None:
        number = self._counters[-1]
        marker = "• " if number is None else f"{number}. "
        if number is not None:
            self._counters[-1] = number + 1
        self._prefixes.append([(marker, Ink.MARKER), (" " * len(marker), Ink.TEXT)])

    @property
    def _room(self) -> int:
        return max(4, self._width - sum(measure([prefix[-1]]) for prefix in self._prefixes))

    def _block(self, lines: Sequence[Line]) -> None:
        """Put lines out, each behind the prefixes; a marker is used once."""
        if self._gap is not None and self._lines:
            rest = tuple(p[-1] for p in self._prefixes[: self._gap])
            self._lines.append(Line(rest if any(text.strip() for text, _ in rest) else ()))
        self._gap = None
        for line in lines:
            before: list[Run] = []
            for prefix in self._prefixes:
                before.append(prefix[0])
                if len(prefix) > 1:
                    del prefix[0]
            self._lines.append(Line((*before, *line.runs), line.joint))

    def _close(self, *, gap: bool = True) -> None:
        """End a block: the next one stands apart, inside the containers both are in."""
        self._gap = len(self._prefixes) if gap else None

    def _code(self, content: str) -> None:
        room = self._room
        lines = [
            Line(((" ", Ink.BLOCK), *line.runs, _fill(line, room)), line.joint)
            for row in content.rstrip("\n").expandtabs(_TAB).split("\n")
            for line in wrap([(row, Ink.BLOCK)], room - 2, keep_spaces=True)
        ]
        self._block(lines)
        self._close()

    def _table(self, tokens: Sequence[Token]) -> None:
        rows: list[list[Cell]] = []
        for place, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                ink = self._ink | (Ink.STRONG if token.type == "th_open" else Ink.TEXT)
                align = "right" if "right" in str(token.attrGet("style") or "") else "left"
                rows[-1].append(Cell(inline(tokens[place + 1], ink), align))
        self._block(lay_out(rows, self._room))
        self._close()


def _fill(line: Line, room: int) -> Run:
    return " " * max(0, room - 1 - measure(line.runs)), Ink.BLOCK


def inline(token: Token, ink: Ink = Ink.TEXT) -> list[Run]:
    """Return the runs of a paragraph, a heading or a cell."""
    runs: list[Run] = []
    link = ""
    start = 0
    for child in token.children or ():
        if child.type in _SWITCHES:
            ink ^= _SWITCHES[child.type]
        elif child.type == "link_open":
            link, start = str(child.attrGet("href") or ""), len(runs)
        elif child.type == "link_close":
            runs += _address(link, "".join(text for text, _ in runs[start:]))
        else:
            runs.append(_leaf(child, ink | Ink.LINK if link and start <= len(runs) else ink))
        link = "" if child.type == "link_close" else link
    return runs


def _leaf(child: Token, ink: Ink) -> Run:
    match child.type:
        case "code_inline":
            return clean(child.content), ink | Ink.CODE
        case "softbreak":
            return " ", ink
        case "hardbreak":
            return "\n", ink
        case "image":
            address = clean(str(child.attrGet("src") or ""))
            return f"[image: {clean(child.content)}] {address}", ink | Ink.FAINT
        case _:
            return clean(child.content).expandtabs(_TAB), ink


def _address(link: str, label: str) -> list[Run]:
    """Show where a link leads unless its label says so already."""
    address = clean(link)
    return [] if address in (label, f"mailto:{label}") else [(f" ({address})", Ink.FAINT)]
