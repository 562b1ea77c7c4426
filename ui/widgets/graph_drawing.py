"""Draws the interaction graph as cells: the same picture for the widget and the plain terminal.

Edges first, the heaviest last; then their heads; pills on top. Up to 40 participants stand in
pills, or in tags of one row where pills do not fit; up to 80 are dots; above, a matrix shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from hub.domain.transcript import GraphNode, Interactions
from ui.format import provider_mark
from ui.raster import Raster, thick
from ui.widgets.cell_text import fit
from ui.widgets.graph_cells import EMPTY, Box, Canvas, Drawing, Ink, Path, sentence
from ui.widgets.graph_links import Link, Look, backbone, links_of, neighbours
from ui.widgets.graph_matrix import draw_matrix
from ui.widgets.graph_pills import Pill, dot, paint, pill, tag
from ui.widgets.graph_places import place
from ui.widgets.graph_strokes import Stroke, strokes

NARROW = "Too narrow for the graph."

_PILLS_UP_TO = 40
_DOTS_UP_TO = 80
_CROWDED = 0.5
"""Share of the frame that pills with their surroundings may cover."""
_DETAIL_WIDTH, _DETAIL_HEIGHT, _DETAIL_UP_TO = 90, 24, 12
_LABEL = 18
"""Cells that a name may take."""
_CELLS_PER_LABEL = 110
_THICK, _THICKEST = 0.45, 0.9
"""Weights from which a line is two and three dots wide."""
_ROOM = 35
"""Cells for each line that lines of two dots need, to stay apart; twice that for three."""


def draw(
    graph: Interactions,
    positions: Mapping[str, tuple[float, float]],
    width: int,
    height: int,
    look: Look,
) -> Drawing:
    """Return the picture of the graph.

    Args:
        graph: Who spoke to whom.
        positions: Coordinates from the layout, in any unit.
        width: Cells.
        height: Cells.
        look: What is selected, running, filtered.
    """
    canvas = Canvas(width, height)
    if not graph.nodes or not width or not height:
        return sentence(canvas, EMPTY)
    links = links_of(graph, look)
    if look.matrix or len(graph.nodes) > _DOTS_UP_TO:
        return draw_matrix(canvas, graph, links, look)
    nodes = _in_focus(graph.nodes, links, look)
    for pills in _manners(nodes, graph, canvas, look):
        sizes = [(each.width, each.height) for each in pills]
        boxes = place([node.name for node in nodes], positions, sizes, (width, height))
        if boxes is not None:
            return _draw(canvas, links, pills, boxes, look)
    return sentence(canvas, NARROW)


def _in_focus(
    nodes: Sequence[GraphNode], links: Sequence[Link], look: Look
) -> tuple[GraphNode, ...]:
    if not look.focus or look.selected is None:
        return tuple(nodes)
    met = neighbours(links, look.selected)
    return tuple(node for node in nodes if node.name in met)


def _manners(
    nodes: Sequence[GraphNode], graph: Interactions, canvas: Canvas, look: Look
) -> list[list[Pill]]:
    """Return the ways to show the participants, the richest first."""
    limit = max(2, min(_LABEL, canvas.width // 2 - 6))
    loops = {edge.source for edge in graph.edges if edge.source == edge.target}
    marks = [provider_mark(node.provider) for node in nodes]
    labels = [
        fit(node.name, limit, ascii_only=look.ascii_only) + _loop(node, loops, look)
        for node in nodes
    ]
    dots = [dot(node.name, mark, look) for node, mark in zip(nodes, marks, strict=True)]
    if len(nodes) > _PILLS_UP_TO:
        return [dots]
    named = list(zip(nodes, labels, marks, strict=True))
    tags = [tag(node.name, label, mark, look) for node, label, mark in named]
    detailed = (
        canvas.width >= _DETAIL_WIDTH
        and canvas.height >= _DETAIL_HEIGHT
        and len(nodes) <= _DETAIL_UP_TO
    )
    pills = [pill(node, label, mark, look, detailed=detailed) for node, label, mark in named]
    covered = sum((each.width + 2) * (each.height + 1) for each in pills)
    if covered > _CROWDED * canvas.width * canvas.height:
        return [tags, dots]
    return [pills, tags, dots]


def _loop(node: GraphNode, loops: set[str], look: Look) -> str:
    if node.name not in loops:
        return ""
    return " @" if look.ascii_only else " ↻"


def _draw(
    canvas: Canvas,
    links: Sequence[Link],
    pills: Sequence[Pill],
    boxes: Mapping[str, Box],
    look: Look,
) -> Drawing:
    as_dots = all(each.label == "" for each in pills)
    shown = backbone(links, look.selected) if as_dots else links
    lines = strokes(shown, boxes, (canvas.width, canvas.height))
    inks = [_ink(stroke.link, look) for stroke in lines]
    if look.ascii_only:
        _draw_ascii(canvas, lines, inks)
    else:
        _draw_braille(canvas, lines, inks)
    _draw_heads(canvas, lines, inks, look)
    if any(each.height > 3 for each in pills):  # noqa: PLR2004  pills with a second line
        _draw_counts(canvas, lines, inks)
    for each in pills:
        paint(canvas, each, boxes[each.name])
    if as_dots:
        _draw_labels(canvas, links, pills, boxes, look)
    paths: dict[tuple[str, str], Path] = {
        (stroke.link.source, stroke.link.target): stroke.path for stroke in lines
    }
    return canvas.freeze(boxes, paths)


def _ink(link: Link, look: Look) -> Ink:
    """Return the line's brightness: its weight, dimmed where another participant is selected."""
    if look.selected is None:
        return Ink("edge", link.weight)
    if look.selected in (link.source, link.target):
        return Ink("edge", max(link.weight, 0.6), bold=True)
    return Ink("edge", 0.0)


def _clearer(ink: Ink) -> Ink:
    """Return the ink for what stands on a line: brighter, unless the line is dimmed."""
    return Ink(ink.tone, min(1.0, ink.strength + 0.3) if ink.strength else 0.0, bold=True)


def _draw_braille(canvas: Canvas, lines: Sequence[Stroke], inks: Sequence[Ink]) -> None:
    raster = Raster(canvas.width, canvas.height)
    room = canvas.width * canvas.height / max(1, len(lines))
    widest = 1 + (room > _ROOM) + (room > 2 * _ROOM)
    for index, stroke in enumerate(lines):
        weight = stroke.link.weight
        wide = min(widest, 1 + (weight > _THICK) + (weight > _THICKEST))
        raster.plot(thick(stroke.points, wide), index)
    for x, y, character, owner in raster.cells():
        canvas.put(x, y, character, inks[owner])


def _draw_ascii(canvas: Canvas, lines: Sequence[Stroke], inks: Sequence[Ink]) -> None:
    for stroke, ink in zip(lines, inks, strict=True):
        for x, y, character in stroke.ascii_cells():
            canvas.put(x, y, character, ink)


def _draw_heads(canvas: Canvas, lines: Sequence[Stroke], inks: Sequence[Ink], look: Look) -> None:
    """Put a head at the end of each stroke, a little back where another has the cell."""
    taken: set[tuple[int, int]] = set()
    for stroke, ink in reversed(list(zip(lines, inks, strict=True))):
        cell = next((c for c in stroke.path[:-4:-1] if c not in taken), stroke.path[-1])
        taken.add(cell)
        head = stroke.head(ascii_only=look.ascii_only)
        canvas.put(*cell, head, _clearer(ink))


def _draw_counts(canvas: Canvas, lines: Sequence[Stroke], inks: Sequence[Ink]) -> None:
    for stroke, ink in zip(lines, inks, strict=True):
        x, y = stroke.path[len(stroke.path) // 2]
        canvas.write(
            x, y, str(stroke.link.messages), Ink("edge", max(ink.strength, 0.6), bold=True)
        )


def _draw_labels(
    canvas: Canvas,
    links: Sequence[Link],
    pills: Sequence[Pill],
    boxes: Mapping[str, Box],
    look: Look,
) -> None:
    """Name the dots that matter most, as far as there is room beside them."""
    near = neighbours(links, look.selected) if look.selected is not None else frozenset()
    said = {each.name: 0 for each in pills}
    for link in links:
        said[link.source] += link.messages
    order = sorted(
        said, key=lambda name: (name != look.selected, name not in near, -said[name], name)
    )
    taken = list(boxes.values())
    for name in order[: max(6, canvas.width * canvas.height // _CELLS_PER_LABEL)]:
        text = f" {fit(name, _LABEL, ascii_only=look.ascii_only)} "
        box, size = boxes[name], cell_len(text)
        beside = (
            Box(box.x + 1, box.y, size, 1),
            Box(box.x - size, box.y, size, 1),
            Box(box.x - size // 2, box.y + 1, size, 1),
            Box(box.x - size // 2, box.y - 1, size, 1),
        )
        frame = Box(0, 0, canvas.width, canvas.height)
        spot = next((b for b in beside if _free(b, taken, frame)), None)
        if spot is not None:
            canvas.write(spot.x, spot.y, text, Ink(bold=name == look.selected))
            taken.append(spot)


def _free(box: Box, taken: Sequence[Box], frame: Box) -> bool:
    inside = frame.holds(box.x, box.y) and frame.holds(box.x + box.width - 1, box.y)
    return inside and not any(box.meets(other) for other in taken)
