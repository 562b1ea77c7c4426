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
    Key(
        "jump", "ctrl+o", "jump", "jump: a letter for every panel and screen", "jump", priority=True
    ),
    Key(
        "search", "ctrl+f", "search", "search this thread, or all of them", "search", priority=True
    ),
    Key("repaint", "ctrl+l", "repaint", "draw the screen again", priority=True),
    Key("interrupt", "ctrl+c", "help_quit", "copy, else stop running turns, else say how to quit"),
    Key("quit", "ctrl+q", "quit", "leave; what is paid for stays", priority=True),
)
"""Keys of every screen."""

MAIN = (
    Key("new_thread", "ctrl+n", "app.new_thread", "new thread", "new", priority=True),
    Key("threads", "ctrl+t", "app.show_threads", "threads", "threads", priority=True),
    Key("send_again", "alt+r", "app.send_again", "send again what reached nobody", priority=True),
    Key("page_up", "pageup", "page(-1)", "scroll up, even from the composer", priority=True),
    Key("page_down", "pagedown", "page(1)", "scroll down, even from the composer", priority=True),
    Key("message_up", "alt+up", "message(-1)", "message before", priority=True),
    Key("message_down", "alt+down", "message(1)", "message behind", priority=True),
    Key("history", "ctrl+r", "app.history", "find what was sent before", priority=True),
    Key("editor", "ctrl+g", "app.write_in_editor", "write the draft in your editor", priority=True),
    Key("panel_threads", "alt+1", "app.panel('1')", "to the threads", priority=True),
    Key("panel_transcript", "alt+2", "app.panel('2')", "to the transcript", priority=True),
    Key("panel_composer", "alt+3", "app.panel('3')", "to the composer", priority=True),
    Key("panel_graph", "alt+4", "app.panel('4')", "to the graph", priority=True),
    Key("escape", "escape", "app.escape", "clear the selection; twice: stop this thread"),
)
"""Keys of the main screen."""


@dataclass(frozen=True, slots=True)
class Jump:
    """A letter of the jump mode."""

    letter: str
    name: str
    action: str
    """Of the app."""


JUMPS = (
    Jump("h", "help", "show_help"),
    Jump("g", "graph", "show_graph"),
    Jump("r", "route", "show_route"),
    Jump("c", "costs", "show_costs"),
    Jump("v", "votes", "show_decisions"),
    Jump("p", "providers", "show_providers"),
    Jump("d", "dashboard", "show_dashboard"),
    Jump("s", "search", "search"),
    Jump("e", "export", "export"),
    Jump("n", "new thread", "new_thread"),
    Jump("t", "threads", "show_threads"),
    Jump("k", "palette", "command_palette"),
    Jump("o", "settings", "show_settings"),
    Jump("q", "quit", "quit"),
)
"""Where the letters behind Ctrl+O lead: every F-key has one, and what browsers keep for themselves."""

TYPING = (
    ("Enter", "send"),
    ("Ctrl+J", "newline; also Shift+Enter, Alt+Enter where the terminal tells, and \\ Enter"),
    ("Tab", "take the completion of @agent or /command"),
    ("Up / Down", "at the first or last line: what was sent before"),
    ("@path", 'send a file along: @notes.md, @src/main.py, @"my file.txt"; Tab completes'),
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
