"""In the middle of a decision nobody can be reached: wait, go on with fewer families, or stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from typing_extensions import override

from hub.domain.event import OutageMet
from hub.domain.text import one_line
from hub.serving.outages import Outage
from ui.screens.buttons import ButtonScreen


class OutageScreen(ButtonScreen[Outage]):
    """Asks once for all turns that met it."""

    AUTO_FOCUS = "#wait"
    LABELS: ClassVar[Mapping[str, str]] = {
        "wait": "Wait (w)",
        "go on": "Go on (g)",
        "stop": "Stop (s)",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "choose('wait')", "wait", id="outage.wait"),
        Binding("g", "choose('go on')", "go on", id="outage.go_on"),
        Binding("s", "choose('stop')", "stop", id="outage.stop"),
    ]

    def __init__(self, met: OutageMet) -> None:
        """Say who cannot be reached, and why."""
        who = ", ".join(one_line(agent, 32) for agent in met.agents)
        super().__init__(
            f"{who} cannot be reached: {one_line(met.reason, 400)}\n\nWait tries again in 15 seconds; "
            "going on counts the votes of the model families that are left; stop counts what is there."
        )

    @override
    def answer(self, name: str) -> Outage:
        return Outage(name)
