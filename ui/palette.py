"""Ctrl+P: every key's action, every command, every thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from typing_extensions import override

from hub.domain.text import one_line
from ui.commands import SLASHES, Order, Slash
from ui.deeds import DOINGS
from ui.exporting import EXPORTS
from ui.keymap import ANYWHERE, MAIN
from ui.ordering import OrderingApp
from ui.theme import THEMES


class _Command(NamedTuple):
    text: str
    help: str
    run: Callable[[], object]


class Palette(Provider):
    """Finds commands by a few of their letters."""

    @property
    def _desk(self) -> OrderingApp:
        app = self.app
        if not isinstance(app, OrderingApp):
            raise TypeError("the palette belongs to GitBridge's app")
        return app

    def _commands(self) -> Iterator[_Command]:
        app = self._desk
        for key in (*MAIN, *ANYWHERE):
            run = partial(app.run_action, key.action, app.screen_stack[0])
            if not key.keys.startswith(("page", "alt")) and key.id not in ("escape", "interrupt"):
                named = key.footer and key.footer not in key.does
                yield _Command(f"{key.footer}: {key.does}" if named else key.does, key.label, run)
        for name, made in EXPORTS.items():
            yield _Command(f"export as {name}: {made.says}", "", partial(app.export, name))
        yield _Command("stop what runs in this thread", "Esc Esc", app.stop)
        yield from self._typed()
        for theme in THEMES:
            yield _Command(f"theme: {theme}", "", partial(setattr, app, "theme", theme))
        for row in app.view.threads:
            title = one_line(row.summary.thread.title, 80)
            yield _Command(f"open thread: {title}", row.id[:6], partial(app.open_thread, row.id))

    def _typed(self) -> Iterator[_Command]:
        app = self._desk
        for slash in SLASHES:
            yield _Command(f"{slash.usage}: {slash.does}", "", partial(self._type, slash))
        for doing in DOINGS:
            do = partial(app.main.transcript.action_do, doing.deed)
            yield _Command(f"message: {doing.does}", doing.key, do)
        for side in ("dashboard", "settings"):
            yield _Command(f"{side}", f"Ctrl+O {side[0]}", partial(app.show_side, side))

    def _type(self, slash: Slash) -> None:
        """Write a command into the composer; one without arguments is carried out."""
        if slash.arguments:
            self._desk.main.composer.put(f"/{slash.name} ")
            self._desk.main.composer.focus()
        else:
            self._desk.order(Order(slash.name))

    @override
    async def discover(self) -> Hits:
        for command in self._commands():
            yield DiscoveryHit(
                Content(command.text), command.run, text=command.text, help=_help(command)
            )

    @override
    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.text)
            if score > 0:
                yield Hit(
                    score,
                    self._marked(query, command.text),
                    command.run,
                    text=command.text,
                    help=_help(command),
                )

    def _marked(self, query: str, text: str) -> Content:
        """Underline what was typed; Textual's own highlighting would read the text as markup."""
        content = Content(text)
        _, places = self.matcher(query).fuzzy_search.match(query, text)
        for place in places:
            content = content.stylize("bold underline", place, place + 1)
        return content


def _help(command: _Command) -> str | None:
    return command.help or None
