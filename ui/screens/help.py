"""F1: the focused widget's keys first, then all keys, commands, colours and glyphs."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static
from typing_extensions import override

from hub.domain.agent import ProviderKind
from ui.commands import SLASHES
from ui.deeds import DOINGS
from ui.format import PROVIDERS, TURNS, VOTES, Mark, speaks_unicode
from ui.keymap import ANYWHERE, JUMPS, MAIN, TYPING
from ui.screens.view_screen import SideScreen
from ui.view import View


class HelpScreen(SideScreen):
    """Everything on one page that scrolls."""

    SUBJECT = "Help"

    def __init__(self, view: View, now: int, focused: str) -> None:
        """Begin with what the focused widget says of itself.

        Args:
            view: Not used; every screen takes one.
            now: UTC microseconds.
            focused: `HELP` of the widget that had the focus; empty where it has none.
        """
        super().__init__(view, now)
        self._focused = focused

    @override
    def content(self) -> list[Widget]:
        parts = [self._focused] if self._focused else []
        blocks = [Content(part.strip()) for part in parts] + [
            _table("Keys", [(key.label, key.does) for key in (*MAIN, *ANYWHERE)]),
            _table("In the composer", TYPING),
            _table("On a message: Alt+Up, Alt+Down pick it, Enter asks", _doings()),
            _table("Behind Ctrl+O, where F-keys are taken", [(j.letter, j.name) for j in JUMPS]),
            _table("Commands", [(slash.usage, slash.does) for slash in SLASHES]),
            _legend(),
        ]
        body = [Static(block, classes="block", markup=False) for block in blocks]
        return [VerticalScroll(*body, classes="body")]

    @override
    def show(self, view: View, now: int) -> None:
        self.query_one(VerticalScroll).focus()


def _table(title: str, rows: Iterable[tuple[str, str]]) -> Content:
    pairs = list(rows)
    width = max(len(name) for name, _ in pairs) + 2
    lines = [Content.styled(title, "bold $primary")]
    lines += [
        Content.assemble((f"{name:<{width}}", "bold"), (does, "$text-muted"))
        for name, does in pairs
    ]
    return Content("\n").join(lines)


def _doings() -> list[tuple[str, str]]:
    signs = {"plus": "+", "minus": "-"}
    return [(signs.get(doing.key, doing.key), doing.does) for doing in DOINGS]


def _legend() -> Content:
    kinds = [PROVIDERS[kind] for kind in ProviderKind if kind is not ProviderKind.SCRIPTED]
    lines = [
        Content.styled("Glyphs", "bold $primary"),
        _marks("providers  ", kinds),
        _marks("turns      ", TURNS.values()),
        _marks("votes      ", VOTES.values()),
    ]
    return Content("\n").join(lines)


def _marks(title: str, marks: Iterable[Mark]) -> Content:
    parts: list[Content | tuple[str, str]] = [(title, "$text-muted")]
    for mark in marks:
        sign = mark.sign(ascii_only=not speaks_unicode())
        parts += [(f"{sign} ", f"$tone-{mark.tone}"), (f"{mark.word}   ", "")]
    return Content.assemble(*parts)
