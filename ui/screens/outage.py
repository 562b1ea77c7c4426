"""In the middle of a decision nobody can be reached: wait, go on with fewer families, or stop."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static
from typing_extensions import override

from hub.domain.event import OutageMet
from hub.domain.text import one_line
from hub.outages import Outage


class OutageScreen(ModalScreen[Outage]):
    """Asks once for all turns that met it."""

    AUTO_FOCUS = "#wait"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "choose('wait')", "wait", id="outage.wait"),
        Binding("g", "choose('go on')", "go on", id="outage.go_on"),
        Binding("s", "choose('stop')", "stop", id="outage.stop"),
    ]
    CSS = """
    OutageScreen { align: center middle; background: $background 60%; }
    OutageScreen > Vertical {
        width: 64;
        max-width: 94%;
        height: auto;
        padding: 1 2;
        background: $surface;
        border: round $primary;
    }
    OutageScreen Horizontal { height: auto; margin-top: 1; }
    OutageScreen Button {
        margin-right: 2;
        height: 1;
        min-width: 12;
        border: none;
        background: $panel;
        color: $text;
        text-style: none;
    }
    OutageScreen Button:focus { background: $primary; color: $background; text-style: bold; }
    """

    def __init__(self, met: OutageMet) -> None:
        """Say who cannot be reached, and why."""
        super().__init__()
        who = ", ".join(one_line(agent, 32) for agent in met.agents)
        self._text = f"{who} cannot be reached: {one_line(met.reason, 400)}"

    @override
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                Content(
                    f"{self._text}\n\nWait tries again in 15 seconds; going on counts the votes of "
                    "the model families that are left; stop counts what is there."
                )
            )
            with Horizontal():
                yield Button(Content("Wait (w)"), id="wait")
                yield Button(Content("Go on (g)"), id="go-on")
                yield Button(Content("Stop (s)"), id="stop")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's choice."""
        event.stop()
        _ = self.dismiss(Outage((event.button.id or "wait").replace("-", " ")))

    def action_choose(self, choice: str) -> None:
        """Answer with a key's choice."""
        _ = self.dismiss(Outage(choice))
