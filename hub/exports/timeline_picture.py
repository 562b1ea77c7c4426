"""Decisions along time, as a picture: what was decided when, how clearly, and at which cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hub.domain.insight import DecisionPoint
from hub.domain.text import one_line
from hub.domain.usage import usd
from hub.exports.chart import PAGE, Panel, picture
from hub.exports.palette import Palette
from hub.exports.scene import Box
from hub.exports.sheet import Sheet
from hub.exports.words import counted

_FIELD = Box(72.0, 250.0, 640.0, 428.0)
_LIST = Box(20.0, 20.0, 844.0, 205.0)
LISTED = 9
"""Newest decisions that get a line of text below the picture."""
MARKS = {"decided": "o", "advisory": "s", "no consensus": "X", "open": "^"}
"""Marker of each outcome, so that colour is never alone."""


def timeline_picture(
    points: Sequence[DecisionPoint],
    *,
    title: str,
    format: str,  # noqa: A002  the facade's word
    dark: bool = False,
) -> bytes:
    """Draw decisions: to the right by time, upwards by the winner's share of the choices.

    Args:
        points: Oldest first, as `hub.analytics.metrics.time_line` gives them.
        title: What it is of.
        format: `png` or `svg`.
        dark: Light ink on a dark ground.
    """
    outcomes = Counter(point.outcome for point in points)
    facts = [counted(len(points), "decision")]
    facts += [f"{n} {outcome}" for outcome, n in sorted(outcomes.items())]
    unknown = any(point.cost is None for point in points)
    known = usd(sum(point.cost or 0 for point in points))
    facts.append(f"{known} + unknown cost" if unknown else known)
    newest = points[-LISTED:]
    return picture(
        format,
        title=one_line(f"Decisions: {title}", 80),
        subtitle=" · ".join([*facts, "times in UTC"]),
        words=[one_line(f"{p.question}{p.winner}", 200) for p in newest],
        dark=dark,
        draw=lambda sheet: _draw(sheet, points),
    )


def _draw(sheet: Sheet, points: Sequence[DecisionPoint]) -> None:
    if not points:
        middle = ((PAGE.left + PAGE.right) / 2, (PAGE.bottom + PAGE.top) / 2)
        sheet.write(middle, "Nothing was put to the vote in this time.", size=12, align="center")
        return
    begin, end = points[0].at, points[-1].at
    edge = max((end - begin) // 30, 1)
    panel = Panel(
        sheet, _FIELD, heading="Winner's share of the choices", span=(begin - edge, end + edge),
        most=1.0, say=lambda v: f"{v:.0%}", lift=36.0,
    )  # fmt: skip
    dearest = max((point.cost or 0 for point in points), default=0)
    first = len(points) - min(LISTED, len(points)) + 1
    for number, point in enumerate(points, start=1):
        share = point.votes / point.chose if point.chose else 0.0
        at = panel.point(point.at, share)
        radius = 5.0 + 8.0 * ((point.cost or 0) / dearest if dearest else 0.0)
        colour = _colour(sheet.palette, point.outcome)
        fill = colour if point.outcome == "decided" else sheet.palette.panel
        sheet.marker(
            at, MARKS.get(point.outcome, "o"), radius, fill=fill, ring=colour, tip=_facts(point)
        )
        if number >= first:
            sheet.write((at[0], at[1] + radius + 8), str(number), size=8, align="center", halo=True)
    _list(sheet, points, first)
    _legend(sheet, sorted({point.outcome for point in points}), dearest)


def _list(sheet: Sheet, points: Sequence[DecisionPoint], first: int) -> None:
    y = _LIST.top
    for number, point in enumerate(points[first - 1 :], start=first):
        answer = f"{point.outcome}: {one_line(point.winner, 40)}" if point.winner else point.outcome
        sheet.write((_LIST.left + 16, y), str(number), size=8.5, bold=True, align="right")
        sheet.write((_LIST.left + 24, y), one_line(point.question, 70), size=8.5)
        sheet.write(
            (_LIST.left + 440, y), one_line(answer, 62), size=8.5,
            colour=_colour(sheet.palette, point.outcome),
        )  # fmt: skip
        sheet.write((_LIST.right, y), usd(point.cost), size=8.5, align="right")
        y -= 20


def _legend(sheet: Sheet, outcomes: Sequence[str], dearest: int) -> None:
    x, y = 668.0, _FIELD.top
    sheet.write((x, y), "Shape: outcome", size=9, bold=True)
    for outcome in outcomes:
        y -= 19
        colour = _colour(sheet.palette, outcome)
        fill = colour if outcome == "decided" else sheet.palette.panel
        sheet.marker((x + 7, y), MARKS.get(outcome, "o"), 5.0, fill=fill, ring=colour)
        sheet.write((x + 20, y), outcome, size=9)
    if dearest:
        y -= 28
        sheet.write((x, y), "Size: cost", size=9, bold=True)
        for part, place in ((0.0, 13.0), (1.0, 40.0)):
            at = (x + place, y - 22)
            ring = sheet.palette.quiet
            sheet.marker(at, "o", 5.0 + 8.0 * part, fill="none", ring=ring)
        sheet.write((x + 62, y - 22), f"$0 to {usd(dearest)}", size=9)


def _colour(palette: Palette, outcome: str) -> str:
    return {
        "decided": palette.openai, "advisory": palette.person, "no consensus": palette.local,
    }.get(outcome, palette.quiet)  # fmt: skip


def _facts(point: DecisionPoint) -> str:
    won = f", {one_line(point.winner, 60)}" if point.winner else ""
    votes = f"{point.votes} of {point.chose}"
    return f"{one_line(point.question, 80)}: {point.outcome}{won}, {votes}, {usd(point.cost)}"
