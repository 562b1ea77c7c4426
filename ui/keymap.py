"""Every key of the app in one table: bindings, footer and help are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One key and what it does; its id is what configuration calls it."""

    id: str
    keys: str
    action: str
    does: str
    footer: str = ""
    """Its word in the footer; empty keeps it out."""
    priority: bool = False
    """True: works from the composer too."""

    @property
    def label(self) -> str:
        """The keys as a person writes them."""
        return " / ".join(_written(key) for key in self.keys.split(","))


def _written(key: str) -> str:
    names = {"pageup": "PgUp", "pagedown": "PgDn", "escape": "Esc"}
    return "+".join(names.get(part, part.capitalize()) for part in key.split("+"))


ANYWHERE = (
    Key("help", "f1", "show_help", "keys, commands, colours and glyphs", "help"),
    Key("graph", "f2", "show_graph", "who answers whom, full size", "graph"),
    Key("route", "f3", "show_route", "why this model", "route"),
    Key("costs", "f4", "show_costs", "tokens and money, budgets", "costs"),
    Key("decisions", "f8", "show_decisions", "options, ballots, tally, dissent", "votes"),
    Key("providers", "f9", "show_providers", "health, latency, models, prices", "providers"),
    Key("interrupt", "ctrl+c", "help_quit", "copy, else stop running turns, else say how to quit"),
    Key("quit", "ctrl+q", "quit", "leave; what is paid for stays", priority=True),
)
"""Keys of every screen."""

MAIN = (
    Key("new_thread", "ctrl+n", "app.new_thread", "new thread", "new", priority=True),
    Key("threads", "ctrl+t", "app.show_threads", "threads", "threads", priority=True),
    Key("page_up", "pageup", "page(-1)", "scroll up, even from the composer", priority=True),
    Key("page_down", "pagedown", "page(1)", "scroll down, even from the composer", priority=True),
    Key("message_up", "alt+up", "message(-1)", "message before", priority=True),
    Key("message_down", "alt+down", "message(1)", "message behind", priority=True),
    Key("escape", "escape", "app.escape", "clear the selection; twice: stop this thread"),
)
"""Keys of the main screen."""

TYPING = (
    ("Enter", "send"),
    ("Ctrl+J", "newline; also Shift+Enter, Alt+Enter where the terminal tells, and \\ Enter"),
    ("Tab", "take the completion of @agent or /command"),
    ("Up / Down", "at the first or last line: what was sent before"),
)
"""What the composer does with keys."""


def bindings(keys: tuple[Key, ...]) -> list[BindingType]:
    """Return Textual's bindings for a part of the table."""
    return [
        Binding(
            key.keys,
            key.action,
            key.footer or key.does,
            show=bool(key.footer),
            priority=key.priority,
            id=key.id,
        )
        for key in keys
    ]
