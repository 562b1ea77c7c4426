"""Theme, notifications, budgets and keys: changed here, kept in `config.toml`."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from typing_extensions import override

from hub.errors import GitBridgeError
from ui.deeds import DOINGS
from ui.format import money
from ui.keymap import ANYWHERE, MAIN
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.theme import THEMES
from ui.view import View


class SettingsScreen(SideScreen):
    """Enter switches what is under the cursor; a value that cannot be kept says why."""

    SUBJECT = "Settings · Enter switches; the rest is in config.toml (gitbridge config edit)"

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with what is in force."""
        super().__init__(view, now)
        self._session = session
        self._notifications = session.hub.settings.ui.notifications

    @override
    def content(self) -> list[Widget]:
        self.list = OptionList(markup=False, id="settings")
        self.note = Static(markup=False, classes="block", id="note")
        self.rest = Static(markup=False, classes="block", id="rest")
        return [VerticalScroll(self.list, self.note, self.rest, classes="body")]

    @override
    def on_mount(self) -> None:
        super().on_mount()
        self.note.display = False
        self._fill()
        self.list.highlighted = 0
        self.list.focus()

    def _fill(self) -> None:
        at = self.list.highlighted
        self.list.clear_options()
        themes = [
            Option(
                Content(f"{'●' if name == self.app.theme else '○'} theme: {name}"),
                id=f"theme {name}",
            )
            for name in THEMES
        ]
        sign = "●" if self._notifications else "○"
        says = "notifications: a beep and a note when a vote needs you or a long turn ends"
        self.list.add_options([*themes, Option(Content(f"{sign} {says}"), id="notifications")])
        self.list.highlighted = at

    @override
    def show(self, view: View, now: int) -> None:
        lines = [Content.styled("Budgets (/budget SCOPE USD changes them)", "bold")]
        lines += [
            Content(
                f"  {name}: {money(budget.spent)} booked, {money(budget.reserved)} reserved, "
                f"{'no cap' if budget.cap is None else 'cap ' + money(budget.cap)}"
            )
            for name, budget in sorted(view.budgets.items())
        ]
        mine = self._session.hub.settings.ui.keys
        lines += [
            Content(""),
            Content.styled("Keys ([ui.keys] in config.toml changes them)", "bold"),
        ]
        table = [(k.id, k.keys, k.does) for k in (*ANYWHERE, *MAIN)]
        table += [(d.id, d.key, d.does) for d in DOINGS]
        lines += [
            Content.assemble(
                (f"  {name:<20}", "bold"), f"{mine.get(name, keys):<14}", (does, "$text-muted")
            )
            for name, keys, does in table
        ]
        self.rest.update(Content("\n").join(lines))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Switch it, and keep it."""
        event.stop()
        what, _, name = (event.option_id or "").partition(" ")
        if what == "theme":
            self.app.theme = name
            self._keep({"theme": name})
        else:
            self._notifications = not self._notifications
            self._keep({"notifications": self._notifications})
        self._fill()

    def _keep(self, values: dict[str, str | bool]) -> None:
        from hub.config import config_path

        self.note.display = True
        from hub.config_file import write_values

        try:
            path = write_values(config_path(), ("ui",), values)
        except GitBridgeError as error:
            self.note.update(Content.styled(str(error), "$tone-bad"))
        else:
            self.note.update(
                Content.styled(
                    f"kept in {path}; other programs take it when they start", "$text-muted"
                )
            )
