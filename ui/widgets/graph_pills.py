"""How a participant looks in the graph: a pill with a border, a tag of one row, or a dot."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from hub.domain.transcript import GraphNode
from ui.format import Mark, money
from ui.widgets.graph_cells import Box, Canvas, Ink
from ui.widgets.graph_links import Look

_ROUND, _HEAVY, _ASCII, _ASCII_HEAVY = "╭─╮│╰╯", "┏━┓┃┗┛", "+-+|++", "#=###="


@dataclass(frozen=True, slots=True)
class Pill:
    """One participant, ready to be put somewhere."""

    name: str
    rows: tuple[str, ...]
    """The whole thing, border included; all rows equally wide."""
    label: str
    """The row of text in it; empty for a dot."""
    ink: Ink
    inner: Ink

    @property
    def width(self) -> int:
        """Cells."""
        return cell_len(self.rows[0])

    @property
    def height(self) -> int:
        """Cells."""
        return len(self.rows)


def pill(node: GraphNode, label: str, mark: Mark, look: Look, *, detailed: bool) -> Pill:
    """Return a participant in a border; a heavy one while its turn runs.

    Args:
        node: The participant.
        label: Its name, cut to what fits.
        mark: Its provider's shape and tone.
        look: What is selected and running.
        detailed: True for a second row with its messages and cost.
    """
    running, selected = node.name in look.active, node.name == look.selected
    left, right = _hands(look, selected=selected)
    lines = [f"{left}{mark.sign(ascii_only=look.ascii_only)} {label}{right}"]
    if detailed:
        cost = "" if node.provider is None else f" · {money(node.cost)}"
        lines.append(f" {node.messages} msg{cost} ".replace("·", "-" if look.ascii_only else "·"))
    wide = max(cell_len(line) for line in lines)
    if look.ascii_only:
        shape = _ASCII_HEAVY if running else _ASCII
    else:
        shape = _HEAVY if running else _ROUND
    body = (f"{shape[3]}{line}{' ' * (wide - cell_len(line))}{shape[3]}" for line in lines)
    rows = (
        f"{shape[0]}{shape[1] * wide}{shape[2]}",
        *body,
        f"{shape[4]}{shape[1] * wide}{shape[5]}",
    )
    ink, inner = _inks(mark, look, node.name)
    return Pill(node.name, rows, label, ink, inner)


def tag(name: str, label: str, mark: Mark, look: Look) -> Pill:
    """Return a participant in one row; in square brackets while its turn runs."""
    left, right = _hands(look, selected=name == look.selected)
    if name in look.active:
        left, right = ("[", "]") if name != look.selected else ("{", "}")
    ink, inner = _inks(mark, look, name)
    row = f"{left}{mark.sign(ascii_only=look.ascii_only)} {label}{right}"
    return Pill(name, (row,), label, ink, inner)


def dot(name: str, mark: Mark, look: Look) -> Pill:
    """Return a participant as its provider's shape alone."""
    ink, _ = _inks(mark, look, name)
    return Pill(name, (mark.sign(ascii_only=look.ascii_only),), "", ink, ink)


def paint(canvas: Canvas, shape: Pill, box: Box) -> None:
    """Put it on the canvas: border in its tone, text on a tint of it."""
    for row, text in enumerate(shape.rows):
        canvas.write(box.x, box.y + row, text, shape.ink)
        framed = shape.height > 1
        if shape.label and (not framed or 0 < row < shape.height - 1):
            inside = text[1:-1] if framed else text
            canvas.write(box.x + framed, box.y + row, inside, shape.inner)


def _hands(look: Look, *, selected: bool) -> tuple[str, str]:
    if not selected:
        return " ", " "
    return (">", "<") if look.ascii_only else ("›", "‹")


def _inks(mark: Mark, look: Look, name: str) -> tuple[Ink, Ink]:
    chosen = name == look.selected
    bold = chosen or name in look.active
    border = Ink("hot" if chosen else mark.tone, 1.0, bold=bold)
    return border, Ink("", 1.0, bold=True, fill=mark.tone)
