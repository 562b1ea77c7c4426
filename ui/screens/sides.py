"""Makes the side screens by name; each is imported when it is first wanted."""

from __future__ import annotations

from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View


def make_side(name: str, view: View, now: int, session: Session, focused: str) -> SideScreen:
    """Return a side screen.

    Args:
        name: `graph`, `route`, `costs`, `decisions`, `providers` or `help`.
        view: What the main screen shows.
        now: UTC microseconds.
        session: For the screens that read more.
        focused: What the focused widget says of its keys.
    """
    match name:
        case "graph":
            from ui.screens.graph import GraphScreen

            return GraphScreen(view, now)
        case "route":
            from ui.screens.route import RouteScreen

            return RouteScreen(view, now)
        case "costs":
            from ui.screens.costs import CostScreen

            return CostScreen(view, now, session)
        case "decisions":
            from ui.screens.decisions import DecisionScreen

            return DecisionScreen(view, now)
        case "providers":
            from ui.screens.providers import ProviderScreen

            hub = session.hub
            return ProviderScreen(view, now, hub.deployments, hub.strategy)
        case _:
            from ui.screens.help import HelpScreen

            return HelpScreen(view, now, focused)
