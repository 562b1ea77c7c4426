"""The interaction graph as a picture: matplotlib without pyplot, the same bytes for the same graph.

Size says messages, fill says cost (tokens where nothing costs), ring and shape say the provider,
width and strength of an arrow say how much one participant spoke to another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hub.domain.text import one_line
from hub.domain.transcript import GraphNode, Interactions
from hub.domain.usage import usd
from hub.errors import UsageError
from hub.exports.adjacency import matrix_into
from hub.exports.canvas import Fonts, drawing, save
from hub.exports.curves import Arrow, arrows, backbone
from hub.exports.labels import Room, around, centred
from hub.exports.legend import Legend
from hub.exports.palette import DARK, LIGHT, looks
from hub.exports.scene import Box, Spot, arrange
from hub.exports.sheet import Sheet
from hub.exports.svg import finished
from hub.exports.words import counted

PAGE = Box(0.0, 0.0, 864.0, 540.0)
"""12 by 7.5 inches, in points."""
GRAPH = Box(14.0, 10.0, 690.0, 476.0)
LEGEND = Box(708.0, 20.0, 852.0, 468.0)
WIDE = Box(0.0, 0.0, 1380.0, 540.0)
"""The page of many: beside the backbone of the graph stands the matrix of all that was said."""
MATRIX = Box(942.0, 24.0, 1366.0, 468.0)
FIGURED = 10
"""Arrows that get their number written on them."""
WHOLE = 60
"""Nodes up to which every arrow is drawn; above it, the backbone, and a matrix beside it."""
NAME_LENGTH = 24
FORMATS = ("png", "svg")
RAMP = 64
"""Colours of the legend's ramp."""


def draw(
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    *,
    format: str,  # noqa: A002  the facade's word
    dark: bool = False,
) -> bytes:
    """Draw the graph.

    Safe in any thread; pyplot and the settings of the person or the folder stay untouched.

    Args:
        graph: Names and title may be anything; they are shown as plain text.
        positions: Where each node stands, as `hub.analytics.layout.place` gives it.
        format: `png` or `svg`.
        dark: Light ink on a dark ground.

    Raises:
        UsageError: The format is neither.
    """
    if format not in FORMATS:
        raise UsageError(f"A picture is png or svg, not {one_line(format)}.")
    palette = DARK if dark else LIGHT
    title, totals = one_line(graph.title, 80) or "Interactions", totals_of(graph)
    with drawing():
        every = title + totals + "".join(one_line(node.name) for node in graph.nodes)
        many = len(graph.nodes) > WHOLE
        page = WIDE if many else PAGE
        sheet = Sheet(page, palette, Fonts(every), halo=format == "png")
        sheet.write((20, 516), title, size=15, bold=True)
        sheet.write((20, 495), totals, size=10, colour=palette.quiet)
        graph_into(sheet, graph, positions, GRAPH, LEGEND)
        if many:
            matrix_into(sheet, graph.nodes, weights_of(graph), MATRIX)
        data = save(sheet.figure, format)
    if format == "png":
        return data
    named = f"{title}: {totals}"
    svg = finished(
        data.decode(), title=named, tips=sheet.tips, texts=sheet.texts, paper=palette.paper
    )
    return svg.encode()


def totals_of(graph: Interactions) -> str:
    """Return one line: participants, messages, tokens and cost."""
    return " · ".join(
        (
            counted(len(graph.nodes), "participant"),
            counted(sum(node.messages for node in graph.nodes), "message"),
            counted(sum(node.tokens for node in graph.nodes), "token"),
            _spent(graph.nodes),
        )
    )


def _spent(nodes: Sequence[GraphNode]) -> str:
    """Return what nodes cost; a cost that nobody knows is named, not counted as zero."""
    known = sum(node.cost for node in nodes)
    if not any(node.unknown_cost_turns for node in nodes):
        return usd(known)
    return f"{usd(known)} + unknown cost" if known else "unknown cost"


def weights_of(graph: Interactions) -> Counter[tuple[str, str]]:
    """Return the messages that went each way, by (source, target)."""
    weights: Counter[tuple[str, str]] = Counter()
    for edge in graph.edges:
        weights[edge.source, edge.target] += edge.messages
    return weights


def strength_of(arrow: Arrow) -> float:
    """Return how opaque an arrow is drawn, 0..1."""
    return 0.28 + 0.6 * arrow.strength


def graph_into(
    sheet: Sheet,
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    field: Box,
    column: Box | None,
) -> None:
    """Draw the graph into a part of a sheet.

    Args:
        sheet: To draw on.
        graph: What to draw.
        positions: As for `draw`.
        field: Where shapes and names stay.
        column: Where the legend goes; None leaves it out.
    """
    if not graph.nodes:
        middle = ((field.left + field.right) / 2, (field.bottom + field.top) / 2)
        sheet.write(middle, "Nobody has spoken yet.", size=12, align="center")
        return
    known = looks(sheet.palette, graph.nodes)
    spots = {spot.node.name: spot for spot in arrange(graph, positions, known, field)}
    weights = weights_of(graph)
    shown = weights if len(spots) <= WHOLE else backbone(weights)
    drawn = arrows(spots, shown, field)
    for arrow in drawn:
        tip = f"{_name(arrow.source)} to {_name(arrow.target)}: {counted(arrow.weight, 'message')}"
        sheet.arrow(arrow.outline(), alpha=strength_of(arrow), tip=tip)
    fills = _Fills(graph.nodes)
    for spot in spots.values():
        sheet.marker(
            (spot.x, spot.y),
            spot.look.marker,
            spot.radius,
            fill=fills.of(spot.node) or sheet.palette.panel,
            ring=spot.look.colour,
            tip=_facts(spot),
        )
    _label(sheet, list(spots.values()), drawn, field)
    if column is None:
        return
    legend = Legend(sheet, column)
    legend.kinds(list(known.values()))
    legend.sizes(list(spots.values()))
    if drawn:
        legend.arrows(drawn, strength_of)
    if fills.heading:
        legend.fills(fills.heading, fills.ramp(), *fills.ends)


class _Fills:
    """What fills the nodes: cost where anything cost something, else tokens, else nothing."""

    def __init__(self, nodes: Sequence[GraphNode]) -> None:
        from matplotlib import colormaps

        self._map = colormaps["viridis"]
        served = [node for node in nodes if node.provider is not None]
        cost = max((node.cost for node in served), default=0)
        tokens = max((node.tokens for node in served), default=0)
        self._by_cost, self._most = bool(cost), cost or tokens
        self.heading = "Fill: cost" if cost else "Fill: tokens" if tokens else ""
        self.ends = ("$0", usd(cost)) if cost else ("0", f"{tokens:,}")

    def of(self, node: GraphNode) -> Any:
        """Return the colour of a node, or None for one that no provider ever served."""
        if not self._most or node.provider is None:
            return None
        return self._map((node.cost if self._by_cost else node.tokens) / self._most)

    def ramp(self) -> list[Any]:
        """Return the colours from none to the most."""
        return [self._map(k / (RAMP - 1)) for k in range(RAMP)]


def _label(sheet: Sheet, spots: Sequence[Spot], drawn: Sequence[Arrow], field: Box) -> None:
    """Write the names, the busiest first, then the figures on the heaviest arrows."""
    size = min(10.0, max(6.5, 12.4 - 0.19 * len(spots)))
    ends = [(arrow.curve.at(t), 5.0 + arrow.width) for arrow in drawn for t in (0.0, 0.97)]
    room = Room(
        field, [*(spot.box for spot in spots), *(centred(*at, (wide, wide)) for at, wide in ends)]
    )
    for spot in sorted(spots, key=lambda s: -s.radius):
        width, height = sheet.measure(_name(spot), size, bold=True)
        place = room.claim(around(spot, (width + 2, height + 2)))
        if place:
            middle = ((place.left + place.right) / 2, (place.bottom + place.top) / 2)
            sheet.write(middle, _name(spot), size=size, bold=True, align="center", halo=True)
    heaviest = [arrow for arrow in reversed(drawn) if arrow.weight > 1][:FIGURED]
    for arrow in heaviest:
        text = f"{arrow.weight:,}"
        width, height = sheet.measure(text, 8.0)
        points = [arrow.curve.at(t) for t in (0.5, 0.42, 0.58, 0.35, 0.65)]
        place = room.claim([centred(x, y, (width + 4, height + 4)) for x, y in points], tolerance=8)
        if place:
            middle = ((place.left + place.right) / 2, (place.bottom + place.top) / 2)
            sheet.write(middle, text, size=8, align="center", halo=True)


def _name(spot: Spot) -> str:
    return one_line(spot.node.name, NAME_LENGTH) or "?"


def _facts(spot: Spot) -> str:
    node = spot.node
    facts = [spot.look.label, counted(node.messages, "message")]
    if node.provider is not None or node.tokens:
        facts += [counted(node.tokens, "token"), _spent([node])]
    return f"{_name(spot)}: {', '.join(map(one_line, facts))}"
