"""One line above the composer: what sending would cost, or what happened last."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from typing_extensions import override

from hub.domain.ask import Estimate
from hub.domain.text import one_line
from ui.format import money

DEAR = 250_000
"""Micro-dollars from which an estimate is written as a warning."""


def price_line(estimate: Estimate) -> tuple[str, str]:
    """Return a sentence on what a question may cost, and its severity."""
    calls = f"{estimate.calls} call{'s' * (estimate.calls != 1)}"
    if estimate.unknown_models:
        models = one_line(", ".join(estimate.unknown_models), 60)
        return f"cost unknown ({calls}): no price for {models}", "warning"
    if estimate.ceiling == 0:
        return f"free ({calls})", "information"
    text = f"about {money(estimate.cost)}, at most {money(estimate.ceiling)} ({calls})"
    if estimate.missing and estimate.room is not None:
        room = estimate.room
        how = f": /budget {room.raised_by} USD raises it" if room.raised_by else ""
        return f"{text}; {money(room.left)} is left of {room.scope}{how}", "warning"
    return text, "warning" if (estimate.cost or 0) > DEAR else "information"


class ComposerHint(Widget):
    """The line itself; empty while there is nothing to say."""

    DEFAULT_CSS = """
    ComposerHint {
        height: 1;
        padding: 0 2;
        background: $background;
        color: $text-muted;
    }
    ComposerHint.-warning { color: $tone-warn; }
    ComposerHint.-error { color: $tone-bad; }
    """

    text: reactive[str] = reactive("")
    """What is said; one line, cut where it does not fit."""

    of_draft = False
    """True while the line speaks of the draft: it goes when the draft does."""

    def say(self, text: str, severity: str = "information", *, of_draft: bool = False) -> None:
        """Say a sentence.

        Args:
            text: From anywhere: it is cleaned here and never read as markup.
            severity: `information`, `warning` or `error`.
            of_draft: True: it is about the text in the composer.
        """
        self.of_draft = of_draft
        self.set_class(severity == "warning", "-warning")
        self.set_class(severity == "error", "-error")
        self.text = one_line(text, 400)

    @override
    def render(self) -> Content:
        return Content(self.text).truncate(self.size.width, ellipsis=True)
