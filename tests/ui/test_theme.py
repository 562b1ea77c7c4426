from __future__ import annotations

import pytest
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from ui.theme import DEFAULT, THEMES, TONES, register, tone, variable_defaults

TEXT = 4.5
"""WCAG 2.2, 1.4.3: ratio that text needs."""
GRAPHICS = 3.0
"""WCAG 2.2, 1.4.11: ratio that lines need."""
LINES = ("tone-edge",)
READ = (
    *(f"tone-{name}" for name in TONES if f"tone-{name}" not in LINES),
    *("foreground", "text", "text-muted", "text-disabled", "foreground-muted"),
    *(f"text-{role}" for role in ("primary", "secondary", "warning", "error", "success", "accent")),
    *("primary", "secondary", "warning", "error", "success", "accent", "footer-key-foreground"),
)
BEHIND = ("background", "surface", "panel")
PAIRS = (
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("footer-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("footer-key-foreground", "footer-background"),
    ("foreground", "input-selection-background"),
)
COLOURED = [theme for theme in THEMES.values() if not theme.ansi]


def luminance(colour: Color) -> float:
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: Color, other: Color) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def variables(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_every_text_colour_stands_out_from_every_background(theme: Theme) -> None:
    values = variables(theme)

    weak = {
        (name, behind): round(ratio, 2)
        for name in READ
        for behind in BEHIND
        if (ratio := contrast(Color.parse(values[name]), Color.parse(values[behind]))) < TEXT
    }

    assert weak == {}


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_cursors_selections_and_the_footer_can_be_read(theme: Theme) -> None:
    values = variables(theme)

    weak = {
        pair: round(ratio, 2)
        for pair in PAIRS
        if (ratio := contrast(Color.parse(values[pair[0]]), Color.parse(values[pair[1]]))) < TEXT
    }

    assert weak == {}


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_the_weakest_line_of_a_graph_can_be_seen(theme: Theme) -> None:
    values = variables(theme)

    for behind in BEHIND:
        for line in LINES:
            assert contrast(Color.parse(values[line]), Color.parse(values[behind])) >= GRAPHICS


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_providers_have_colours_of_their_own(theme: Theme) -> None:
    colours = [theme.variables[f"tone-{name}"] for name in TONES[:5]]

    assert len(set(colours)) == len(colours)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_every_theme_names_a_colour_for_every_tone(theme: Theme) -> None:
    for name in TONES:
        Color.parse(theme.variables[f"tone-{name}"])


def test_ansi_themes_use_the_terminals_own_colours_alone() -> None:
    for theme in THEMES.values():
        if theme.ansi:
            tones = [theme.variables[f"tone-{name}"] for name in TONES]
            assert all(colour.startswith("ansi_") for colour in tones)


def test_register_offers_our_themes_and_starts_with_the_default() -> None:
    app: App[None] = App()

    register(app)

    assert set(app.available_themes) == set(THEMES)
    assert app.theme == DEFAULT


def test_a_tone_comes_from_the_chosen_theme_and_a_foreign_theme_falls_back() -> None:
    app: App[None] = App()
    foreign = tone(app, "grok")

    register(app)
    app.theme = "light"

    assert foreign == Color.parse(variable_defaults()["tone-grok"])
    assert tone(app, "grok") == Color.parse(THEMES["light"].variables["tone-grok"])
