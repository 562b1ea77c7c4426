"""The colours: every theme names one for each tone, and a test holds their contrast.

A tone is what a colour is for (`openai`, `busy`, `bad`, ...). Widgets ask for tones, so that no
colour stands anywhere else, and CSS has them as `$tone-openai`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import App
from textual.color import Color
from textual.theme import Theme

DEFAULT = "dark"
"""The theme that a new installation starts with."""

TONES = (
    "person",
    "openai",
    "grok",
    "local",
    "compatible",
    "muted",
    "busy",
    "good",
    "warn",
    "bad",
    "edge",
    "hot",
)
"""Every tone; `edge` and `hot` are the weakest and the strongest line of a graph."""


def _tones(*colours: str) -> dict[str, str]:
    return {f"tone-{tone}": colour for tone, colour in zip(TONES, colours, strict=True)}


_ANSI_TONES = _tones(
    "ansi_default",
    "ansi_green",
    "ansi_magenta",
    "ansi_cyan",
    "ansi_yellow",
    "ansi_default",
    "ansi_cyan",
    "ansi_green",
    "ansi_yellow",
    "ansi_red",
    "ansi_default",
    "ansi_default",
)

_DARK = Theme(
    name="dark",
    primary="#8f9ff0",
    secondary="#6fb3d2",
    accent="#ffb454",
    warning="#e5c07b",
    error="#f2777a",
    success="#7bc88f",
    foreground="#dfe3ee",
    background="#12141c",
    surface="#171a24",
    panel="#1f2330",
    dark=True,
    variables={
        **_tones(
            "#f0d9a0",
            "#35c383",
            "#cf8ee6",
            "#5cc3d6",
            "#e0a06a",
            "#969db4",
            "#ffb454",
            "#7bc88f",
            "#e5c07b",
            "#f2777a",
            "#66739a",
            "#ffb454",
        ),
        "text": "#dfe3ee",
        "text-muted": "#a3aac0",
        "text-disabled": "#868da5",
        "foreground-muted": "#a3aac0",
        "foreground-disabled": "#868da5",
        "border": "#8f9ff0",
        "border-blurred": "#2c3245",
        "block-cursor-foreground": "#12141c",
        "block-cursor-background": "#8f9ff0",
        "block-cursor-blurred-foreground": "#dfe3ee",
        "block-cursor-blurred-background": "#2c3350",
        "footer-key-foreground": "#ffb454",
        "footer-background": "#1f2330",
        "footer-foreground": "#dfe3ee",
        "footer-description-foreground": "#a3aac0",
        "input-selection-background": "#3a4470",
    },
)

_LIGHT = Theme(
    name="light",
    primary="#3949ab",
    secondary="#0b6e8a",
    accent="#9a4a00",
    warning="#7d5600",
    error="#b3261e",
    success="#1c6b3a",
    foreground="#1b1e28",
    background="#fafafc",
    surface="#f2f3f7",
    panel="#e8eaf1",
    dark=False,
    variables={
        **_tones(
            "#6b4a00",
            "#136c43",
            "#83309e",
            "#0a6575",
            "#8a4310",
            "#525970",
            "#964600",
            "#1c6b3a",
            "#745000",
            "#b3261e",
            "#788198",
            "#a04a00",
        ),
        "text": "#1b1e28",
        "text-muted": "#4d546a",
        "text-disabled": "#5d6479",
        "foreground-muted": "#4d546a",
        "foreground-disabled": "#5d6479",
        "border": "#3949ab",
        "border-blurred": "#c9cedd",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#3949ab",
        "block-cursor-blurred-foreground": "#1b1e28",
        "block-cursor-blurred-background": "#cfd5ef",
        "footer-key-foreground": "#964600",
        "footer-background": "#e8eaf1",
        "footer-foreground": "#1b1e28",
        "footer-description-foreground": "#4d546a",
        "input-selection-background": "#c3ccf2",
    },
)

# Okabe and Ito's palette, made lighter where the contrast asks for it.
_COLOUR_BLIND = Theme(
    name="colour-blind",
    primary="#6cb8ea",
    secondary="#56b4e9",
    accent="#f0e442",
    warning="#f0e442",
    error="#f28c4f",
    success="#56b4e9",
    foreground="#e6e6e6",
    background="#101216",
    surface="#15181e",
    panel="#1d2129",
    dark=True,
    variables={
        **_tones(
            "#f2f2f2",
            "#56b4e9",
            "#e6a100",
            "#14b88a",
            "#dd94bd",
            "#9aa1ad",
            "#f0e442",
            "#56b4e9",
            "#f0e442",
            "#f28c4f",
            "#6d7686",
            "#f0e442",
        ),
        "text": "#e6e6e6",
        "text-muted": "#a8aebb",
        "text-disabled": "#8b919e",
        "foreground-muted": "#a8aebb",
        "foreground-disabled": "#8b919e",
        "border": "#6cb8ea",
        "border-blurred": "#2c323d",
        "block-cursor-foreground": "#101216",
        "block-cursor-background": "#6cb8ea",
        "block-cursor-blurred-foreground": "#e6e6e6",
        "block-cursor-blurred-background": "#1d3a50",
        "footer-key-foreground": "#f0e442",
        "footer-background": "#1d2129",
        "footer-foreground": "#e6e6e6",
        "footer-description-foreground": "#a8aebb",
        "input-selection-background": "#1f4a68",
    },
)


def _ansi(name: str, base: str, *, dark: bool) -> Theme:
    """Return a theme of the terminal's own sixteen colours; texts keep its own foreground."""
    return Theme(
        name=name,
        ansi=True,
        dark=dark,
        primary="ansi_blue",
        secondary="ansi_cyan",
        warning="ansi_yellow",
        error="ansi_red",
        success="ansi_green",
        accent="ansi_magenta",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        variables={
            **_ANSI_TONES,
            "ansi-background": base,
            "ansi-foreground": "ansi_white" if dark else "ansi_black",
            "text-muted": "ansi_default",
            "text-disabled": "ansi_default",
            "foreground-muted": "ansi_default",
            "input-cursor-text-style": "reverse",
        },
    )


THEMES: Mapping[str, Theme] = {
    theme.name: theme
    for theme in (
        _DARK,
        _LIGHT,
        _COLOUR_BLIND,
        _ansi("ansi-dark", "ansi_black", dark=True),
        _ansi("ansi-light", "ansi_white", dark=False),
    )
}
"""What the person may choose, by name."""


def register(app: App[Any]) -> None:
    """Make these the app's themes and take the dark one.

    Textual's own are taken off the list: they lack the tones, and nobody holds their contrast.
    """
    for theme in THEMES.values():
        app.register_theme(theme)
    app.theme = DEFAULT
    for name in set(app.available_themes) - set(THEMES):
        app.unregister_theme(name)


def variable_defaults() -> dict[str, str]:
    """Return the tones for `App.get_theme_variable_defaults`, so that CSS may use them at once."""
    return {name: value for name, value in _DARK.variables.items() if name.startswith("tone-")}


def tone(app: App[Any], name: str) -> Color:
    """Return the colour of a tone in the app's theme; one that the theme lacks comes from `dark`.

    Args:
        app: Whose theme counts.
        name: One of `TONES`.
    """
    variables = app.current_theme.variables
    return Color.parse(variables.get(f"tone-{name}", _DARK.variables[f"tone-{name}"]))
