"""A sheet of paper, measured in points, on which shapes and texts get names and tooltips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.exports.canvas import Fonts
from hub.exports.curves import Curve, Point
from hub.exports.palette import Palette
from hub.exports.scene import Box

POINTS_PER_INCH = 72.0
_EVEN = {"o": 1.0, "s": 0.886, "D": 0.886, "*": 1.28, "^": 1.2, "v": 1.2, "p": 1.08, "P": 1.15}
"""Factors that give every marker about the area of the circle."""


class Sheet:
    """Draws on one matplotlib figure; everything it shows is plain text and plain shapes."""

    def __init__(self, page: Box, palette: Palette, fonts: Fonts, *, halo: bool) -> None:
        """Prepare an empty sheet.

        Args:
            page: Its size; x to the right, y upwards.
            palette: Its colours.
            fonts: What can be drawn here.
            halo: True draws halos as outlines; False leaves them to the reader's style sheet.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.palette = palette
        self.tips: dict[str, str] = {}
        """Tooltips by group."""
        self.texts: dict[str, str] = {}
        """What a label says where it could not be drawn, by group."""
        self._fonts = fonts
        self._halo = halo
        size = (page.width / POINTS_PER_INCH, page.height / POINTS_PER_INCH)
        self.figure = Figure(figsize=size, dpi=2 * POINTS_PER_INCH, facecolor=palette.paper)
        canvas: Any = FigureCanvasAgg(self.figure)
        self._agg = canvas.get_renderer()
        self._axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_xlim(page.left, page.right)
        self._axes.set_ylim(page.bottom, page.top)
        self._axes.set_axis_off()

    def measure(self, text: str, size: float, *, bold: bool = False) -> tuple[float, float]:
        """Return width and height of a line of text."""
        width, height, _ = self._agg.get_text_width_height_descent(
            self._fonts.drawable(text), self._font(size, bold=bold), ismath=False
        )
        return width / 2, height / 2

    def write(
        self,
        at: Point,
        text: str,
        *,
        size: float,
        colour: str | None = None,
        bold: bool = False,
        align: str = "left",
        halo: bool = False,
        layer: float = 5.0,
    ) -> None:
        """Write one line, vertically centred on a point.

        Args:
            at: Its left end, middle or right end, as `align` says.
            text: Plain text; nothing in it is markup.
            size: Of the font, in points.
            colour: None: ink.
            bold: Heavier strokes.
            align: `left`, `center` or `right`.
            halo: True keeps it readable over arrows.
            layer: Higher lies on top.
        """
        drawn = self._fonts.drawable(text)
        artist = self._axes.text(
            *at,
            drawn,
            color=colour or self.palette.ink,
            fontproperties=self._font(size, bold=bold),
            ha=align,
            va="center_baseline",
            parse_math=False,
            zorder=layer,
        )
        if halo and self._halo:
            from matplotlib.patheffects import withStroke

            artist.set_path_effects([withStroke(linewidth=3, foreground=self.palette.paper)])
        group = f"{'halo' if halo else 'text'}-{len(self._axes.texts)}"
        artist.set_gid(group)
        if drawn != text:
            self.texts[group] = text

    def marker(
        self, at: Point, marker: str, radius: float, *, fill: Any, ring: str, tip: str = ""
    ) -> None:
        """Draw a marker as big as a circle of that radius."""
        from matplotlib.markers import MarkerStyle
        from matplotlib.patches import PathPatch
        from matplotlib.transforms import Affine2D

        style = MarkerStyle(marker)
        grow = Affine2D().scale(2 * radius * _EVEN.get(marker, 1.05)).translate(*at)
        path = style.get_path().transformed(style.get_transform() + grow)
        self._place(
            PathPatch(path, facecolor=fill, edgecolor=ring, linewidth=min(2.6, 0.9 + radius / 8)),
            layer=4.0,
            tip=tip,
        )

    def arrow(
        self, outline: tuple[list[Point], Curve, list[Point], Curve], *, alpha: float, tip: str = ""
    ) -> None:
        """Draw an arrow from its outline, in one piece, so that its parts do not shine through."""
        from matplotlib.colors import to_rgba
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        base, there, head, back = outline
        points = [
            *base,
            there.control,
            there.end,
            *head,
            back.start,
            back.control,
            back.end,
            base[0],
        ]
        codes = [
            Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE3,
            *[Path.LINETO] * len(head), Path.LINETO, Path.CURVE3, Path.CURVE3, Path.CLOSEPOLY,
        ]  # fmt: skip
        colour = to_rgba(self.palette.edge, alpha)
        patch = PathPatch(Path(points, codes), facecolor=colour, edgecolor="none", linewidth=0.0)
        self._place(patch, layer=2.0, tip=tip)

    def box(
        self, box: Box, fill: Any, *, ring: str = "none", layer: float = 2.0, tip: str = ""
    ) -> None:
        """Fill a rectangle."""
        from matplotlib.patches import Rectangle

        at = (box.left, box.bottom)
        width = 0.0 if ring == "none" else 0.8
        patch = Rectangle(
            at, box.width, box.height, facecolor=fill, edgecolor=ring, linewidth=width
        )
        self._place(patch, layer=layer, tip=tip)

    def boxes(self, boxes: Sequence[Box], fills: Sequence[Any]) -> None:
        """Fill many rectangles at once, which is quicker; none of them has a tooltip."""
        from matplotlib.collections import PolyCollection

        corners = [
            [(b.left, b.bottom), (b.right, b.bottom), (b.right, b.top), (b.left, b.top)]
            for b in boxes
        ]
        filled = PolyCollection(corners, facecolors=fills, edgecolors="none", linewidths=0.0)
        filled.set_zorder(2.0)
        filled.set_clip_on(False)
        self._axes.add_artist(filled)

    def line(
        self,
        points: Sequence[Point],
        colour: str,
        *,
        width: float = 1.6,
        alpha: float = 1.0,
        layer: float = 3.0,
        tip: str = "",
    ) -> None:
        """Draw straight strokes from point to point."""
        from matplotlib.colors import to_rgba
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        patch = PathPatch(
            Path(points), fill=False, edgecolor=to_rgba(colour, alpha), linewidth=width,
            capstyle="round", joinstyle="round",
        )  # fmt: skip
        self._place(patch, layer=layer, tip=tip)

    def ramp(self, box: Box, colours: Sequence[Any]) -> None:
        """Fill a box with colours, the first one at its bottom."""
        from matplotlib.patches import Rectangle

        step = box.height / len(colours)
        for k, colour in enumerate(colours):
            at = (box.left, box.bottom + k * step)
            # Each reaches under the next: neighbours that only touch show hairlines.
            high = min(2 * step, box.top - at[1])
            patch = Rectangle(
                at, box.width, high, facecolor=colour, edgecolor="none", linewidth=0.0
            )
            self._place(patch, layer=3.0)

    def _place(self, patch: Any, *, layer: float, tip: str = "") -> None:
        patch.set_zorder(layer)
        patch.set_clip_on(False)
        if tip:
            group = f"shape-{len(self.tips) + 1}"
            patch.set_gid(group)
            self.tips[group] = tip
        self._axes.add_artist(patch)  # add_patch would measure it, to scale axes that are fixed

    def _font(self, size: float, *, bold: bool) -> Any:
        from matplotlib.font_manager import FontProperties

        weight = "bold" if bold else "normal"
        return FontProperties(family=self._fonts.families, size=size, weight=weight)
