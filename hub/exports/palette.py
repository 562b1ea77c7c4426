"""Colours and shapes of pictures and pages: a provider is told by both, never by colour alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.domain.agent import HUB, YOU
from hub.domain.transcript import GraphNode


@dataclass(frozen=True, slots=True)
class Palette:
    """One scheme; all but `panel` and `line` stand at 4.5:1 or better against both grounds."""

    paper: str
    panel: str
    line: str
    ink: str
    quiet: str
    edge: str
    person: str
    hub: str
    openai: str
    grok: str
    local: str
    others: tuple[str, ...]
    silent: str


LIGHT = Palette(
    paper="#ffffff",
    panel="#f5f7fa",
    line="#d5dbe4",
    ink="#1c2330",
    quiet="#566074",
    edge="#33508f",
    person="#1d4fd7",
    hub="#4a5568",
    openai="#0b7a53",
    grok="#8b2fc0",
    local="#a8480a",
    others=("#0c6b85", "#b3175a", "#4a6b0f", "#7a5a00"),
    silent="#6b7280",
)
DARK = Palette(
    paper="#10141c",
    panel="#171d28",
    line="#2d3648",
    ink="#e6e9f0",
    quiet="#9ea9bd",
    edge="#7aa2f7",
    person="#7dcfff",
    hub="#b4bfd1",
    openai="#2bb673",
    grok="#c678dd",
    local="#f0a050",
    others=("#4fd1c5", "#ff7eb6", "#b4d455", "#e5c454"),
    silent="#8b95a7",
)


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of participant is drawn."""

    label: str
    """Its line in the legend."""
    marker: str
    """Marker code of matplotlib."""
    glyph: str
    """The same shape as a character."""
    colour: str


def looks(palette: Palette, nodes: Iterable[GraphNode]) -> dict[tuple[str, str | None], Look]:
    """Return the look of each kind of participant that occurs, by `kind_of`, legend order."""
    kinds = {kind_of(node.name, node.provider) for node in nodes}
    fixed = {
        ("person", None): Look("You", "*", "★", palette.person),
        ("provider", "openai"): Look("OpenAI", "o", "●", palette.openai),
        ("provider", "grok"): Look("xAI Grok", "s", "■", palette.grok),
        ("provider", "local"): Look("Embedded model", "D", "◆", palette.local),
    }
    others = sorted(p for kind, p in kinds if kind == "provider" and p and (kind, p) not in fixed)
    shapes = (("^", "▲"), ("p", "⬟"), ("h", "⬢"), ("8", "⯃"))
    configured = {
        ("provider", name): Look(
            name,
            *shapes[k % len(shapes)],
            palette.others[(k + k // len(shapes)) % len(palette.others)],
        )
        for k, name in enumerate(others)
    }
    last = {
        ("hub", None): Look("Hub", "P", "✚", palette.hub),
        ("silent", None): Look("No turn served", "v", "▼", palette.silent),
    }
    return {kind: look for kind, look in (fixed | configured | last).items() if kind in kinds}


def kind_of(name: str, provider: str | None) -> tuple[str, str | None]:
    """Return whether a participant is the person, the hub, served by a provider, or by none."""
    if provider:
        return ("provider", provider)
    return ({YOU: "person", HUB: "hub"}.get(name, "silent"), None)
