"""Makes the side screens by name; each is imported when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ui.screens.view_screen import SideScreen
from ui.session import Session
from ui.view import View


def make_side(name: str, view: View, now: int, session: Session, focused: str) -> SideScreen:
    """Return a side screen.

    Args:
        name: One of `SIDES`; anything else is the help.
        view: What the main screen shows.
        now: UTC microseconds.
        session: For the screens that read more.
        focused: What the focused widget says of its keys.
    """
    if name in SIDES:
        return SIDES[name](view, now, session)
    from ui.screens.help import HelpScreen

    return HelpScreen(view, now, focused)


def _graph(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.graph import GraphScreen

    return GraphScreen(view, now, session)


def _route(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.route import RouteScreen

    return RouteScreen(view, now, session)


def _costs(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.costs import CostScreen

    return CostScreen(view, now, session)


def _decisions(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.decisions import DecisionScreen

    return DecisionScreen(view, now, session)


def _providers(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.providers import ProviderScreen

    return ProviderScreen(view, now, session)


def _dashboard(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.dashboard import DashboardScreen

    return DashboardScreen(view, now, session)


def _settings(view: View, now: int, session: Session) -> SideScreen:
    from ui.screens.settings import SettingsScreen

    return SettingsScreen(view, now, session)


SIDES: Mapping[str, Callable[[View, int, Session], SideScreen]] = {
    "graph": _graph,
    "route": _route,
    "costs": _costs,
    "decisions": _decisions,
    "providers": _providers,
    "dashboard": _dashboard,
    "settings": _settings,
}
"""What each is made by."""
