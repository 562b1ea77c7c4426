"""F9: the providers, how they are, what they serve and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import DataTable, Static
from typing_extensions import override

from hub.domain.agent import Deployment
from hub.domain.route import Health
from hub.domain.text import one_line
from hub.settings import ProviderSettings
from ui.format import UNKNOWN, duration, money, provider_mark, speaks_unicode, tokens
from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View


class ProviderScreen(SideScreen):
    """One line a provider, one row a deployment."""

    SUBJECT = "Providers · health, latency, models, prices per million tokens"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "ping", "ask all now", id="providers.ping"),
    ]

    def __init__(self, view: View, now: int, session: Session) -> None:
        """Begin with what the main screen shows.

        Args:
            view: For the health.
            now: UTC microseconds.
            session: Knows what the router may choose, and how.
        """
        super().__init__(view, now)
        self._session = session

    @work(exclusive=True, exit_on_error=False)
    async def action_ping(self) -> None:
        """Ask every provider how it is, now."""
        self.query_one("#health", Static).update(Content("asking…"))
        await self._session.read_health()

    @override
    def content(self) -> list[Widget]:
        table: DataTable[Text] = DataTable(id="deployments", show_cursor=False)
        return [
            VerticalScroll(
                Static(markup=False, id="health", classes="block"), table, classes="body"
            )
        ]

    @override
    def on_mount(self) -> None:
        super().on_mount()
        table = self.query_one(DataTable)
        columns = ("deployment", "family", "input", "output", "window", "price from")
        table.add_columns(*map(Text, columns))
        for deployment in self._session.hub.deployments:
            table.add_row(*map(Text, _figures(deployment)))

    @override
    def show(self, view: View, now: int) -> None:
        hub = self._session.hub
        sources = key_sources(hub.settings)
        lines = [_line(health, sources.get(health.provider, "")) for health in view.health]
        strategy = Content.assemble(("strategy  ", "$text-muted"), hub.strategy)
        said = Content("\n").join([*lines, strategy])
        self.query_one("#health", Static).update(said)


def key_sources(settings: object) -> Mapping[str, str]:
    """Return where each provider's key was found; the key itself is never looked at."""
    providers: Mapping[str, ProviderSettings] = getattr(settings, "providers", {})
    return {
        name: provider.key.source
        for name, provider in providers.items()
        if provider.key is not None
    }


def _figures(deployment: Deployment) -> tuple[str, ...]:
    price = deployment.price
    return (
        one_line(deployment.id, 60),
        one_line(deployment.family, 20),
        money(price.input) if price else UNKNOWN,
        money(price.output) if price else UNKNOWN,
        tokens(deployment.window),
        one_line(price.source, 24) if price else UNKNOWN,
    )


def _line(health: Health, source: str) -> Content:
    mark = provider_mark(health.provider)
    ascii_only = not speaks_unicode()
    if health.ok is None:
        state, style = "not asked yet", "$text-muted"
    elif health.ok:
        state = ("+ ok" if ascii_only else "✓ ok") + f"  {duration(health.latency_s)}"
        style = "$tone-good"
    else:
        state, style = ("x down" if ascii_only else "✗ down"), "$tone-bad"
    return Content.assemble(
        (f"{mark.sign(ascii_only=ascii_only)} ", f"$tone-{mark.tone}"),
        (f"{one_line(health.provider, 20):<14}", "bold"),
        (state, style),
        (f"  key: {one_line(source, 60)}" if source else "", "$text-muted"),
        (f"  {one_line(health.error, 200)}" if health.error else "", "$text-muted"),
    )
