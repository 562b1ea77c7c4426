"""Latency and cost over time, and which deployment got which share of the calls, as pictures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from hub.domain.insight import Bucket
from hub.domain.text import one_line
from hub.domain.usage import usd
from hub.exports.chart import PAGE, SHAPES, Panel, colours, picture
from hub.exports.scene import Box
from hub.exports.sheet import Sheet
from hub.exports.words import counted

SHOWN = 8
"""Deployments with a line of their own; the others are summed up as one."""
OTHERS = "others"
_UPPER = Box(72.0, 290.0, 640.0, 450.0)
_LOWER = Box(72.0, 50.0, 640.0, 220.0)
_WHOLE = Box(72.0, 50.0, 640.0, 450.0)
_LEGEND = Box(668.0, 40.0, 852.0, 460.0)


def calls_picture(
    series: Sequence[Bucket],
    step: int,
    *,
    title: str,
    format: str,  # noqa: A002  the facade's word
    dark: bool = False,
) -> bytes:
    """Draw latency (median, and the 95th percentile as a fainter line) above cumulative cost.

    Args:
        series: As `hub.analytics.series.series` gives it.
        step: Microseconds of a bucket.
        title: What it is of.
        format: `png` or `svg`.
        dark: Light ink on a dark ground.
    """
    names, rows = _named(series)
    return picture(
        format,
        title=one_line(f"Latency and cost: {title}", 80),
        subtitle=_totals(series),
        words=names,
        dark=dark,
        draw=lambda sheet: _calls(sheet, names, rows, step),
    )


def routing_picture(
    series: Sequence[Bucket],
    step: int,
    *,
    title: str,
    format: str,  # noqa: A002  the facade's word
    dark: bool = False,
) -> bytes:
    """Draw which share of the calls each deployment got in each bucket; see `calls_picture`."""
    names, rows = _named(series)
    return picture(
        format,
        title=one_line(f"Routing shares: {title}", 80),
        subtitle=_totals(series),
        words=names,
        dark=dark,
        draw=lambda sheet: _shares(sheet, names, rows, step),
    )


def _named(series: Sequence[Bucket]) -> tuple[list[str], list[tuple[str, Bucket]]]:
    """Return who has a line, most calls first, and every bucket with its line's name."""
    calls: Counter[str] = Counter()
    for bucket in series:
        calls[bucket.deployment] += bucket.calls
    ranked = sorted(calls, key=lambda name: (-calls[name], name))
    kept = ranked if len(ranked) <= SHOWN else ranked[: SHOWN - 1]
    shown = {name: one_line(name, 30) for name in kept}
    names = [*shown.values(), *([OTHERS] if len(ranked) > len(kept) else [])]
    return names, [(shown.get(bucket.deployment, OTHERS), bucket) for bucket in series]


def _totals(series: Sequence[Bucket]) -> str:
    calls, failed = sum(b.calls for b in series), sum(b.calls - b.answered for b in series)
    unknown = sum(b.unknown_cost_calls for b in series)
    cost = usd(sum(b.cost for b in series)) + (f" + {unknown} of unknown cost" if unknown else "")
    return f"{counted(calls, 'call')} · {failed:,} failed · {cost} · times in UTC"


def _span(rows: Sequence[tuple[str, Bucket]], step: int) -> tuple[int, int]:
    return min(b.at for _, b in rows), max(b.at for _, b in rows) + step


def _calls(sheet: Sheet, names: list[str], rows: list[tuple[str, Bucket]], step: int) -> None:
    if not rows:
        _nothing(sheet)
        return
    span = _span(rows, step)
    slowest = max((b.latency_p95_s or 0.0 for _, b in rows), default=0.0)
    waits = Panel(
        sheet, _UPPER, heading="Latency, seconds: median, and 95th percentile fainter",
        span=span, most=slowest, say=lambda v: f"{v:g}",
    )  # fmt: skip
    cost: Mapping[str, int] = _summed(rows)
    money = Panel(
        sheet, _LOWER, heading="Cost so far", span=span,
        most=float(max(cost.values(), default=0)), say=lambda v: usd(round(v)),
    )  # fmt: skip
    for k, name in enumerate(names):
        mine = [bucket for owner, bucket in rows if owner == name]
        _latency(waits, name, mine, step, k)
        _cost(money, name, mine, span, k)
    _legend(sheet, names, {name: usd(cost[name]) for name in names}, "Deployment, cost")


def _latency(panel: Panel, name: str, mine: Sequence[Bucket], step: int, k: int) -> None:
    colour, marker = colours(panel.sheet.palette)[k], SHAPES[k]
    fast = [(b, b.latency_p50_s) for b in mine if b.latency_p50_s is not None]
    slow = [(b, b.latency_p95_s) for b in mine if b.latency_p95_s is not None]
    if len(slow) > 1:
        points = [panel.point(b.at + step / 2, value) for b, value in slow]
        panel.sheet.line(points, colour, width=1.0, alpha=0.35)
    points = [panel.point(b.at + step / 2, value) for b, value in fast]
    if len(points) > 1:
        panel.sheet.line(points, colour)
    for (bucket, value), point in zip(fast, points, strict=True):
        tip = f"{name}: {value:.2f} s, {counted(bucket.calls, 'call')}"
        panel.sheet.marker(point, marker, 2.6, fill=colour, ring=colour, tip=tip)


def _cost(panel: Panel, name: str, mine: Sequence[Bucket], span: tuple[int, int], k: int) -> None:
    colour, total = colours(panel.sheet.palette)[k], 0
    points = [panel.point(span[0], 0)]
    for bucket in sorted(mine, key=lambda bucket: bucket.at):
        points.append(panel.point(bucket.at, total))
        total += bucket.cost
        points.append(panel.point(bucket.at, total))
    points.append(panel.point(span[1], total))
    panel.sheet.line(points, colour, tip=f"{name}: {usd(total)}")
    panel.sheet.marker(points[-1], SHAPES[k], 2.6, fill=colour, ring=colour)


def _shares(sheet: Sheet, names: list[str], rows: list[tuple[str, Bucket]], step: int) -> None:
    if not rows:
        _nothing(sheet)
        return
    span = _span(rows, step)
    panel = Panel(
        sheet, _WHOLE, heading="Share of calls", span=span, most=1.0, say=lambda v: f"{v:.0%}"
    )
    by_time: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for name, bucket in rows:
        by_time[bucket.at][name] += bucket.calls
    for at, calls in by_time.items():
        total, low = sum(calls.values()), 0
        for k, name in enumerate(names):
            if calls[name]:
                left, bottom = panel.point(at + step * 0.06, low / total)
                low += calls[name]
                right, top = panel.point(at + step * 0.94, low / total)
                tip = f"{name}: {calls[name]} of {total}"
                fill = colours(sheet.palette)[k]
                sheet.box(Box(left, bottom, right, top), fill, ring=sheet.palette.paper, tip=tip)
    whole: Counter[str] = Counter()
    for name, bucket in rows:
        whole[name] += bucket.calls
    every = sum(whole.values())
    _legend(
        sheet, names, {name: f"{whole[name] / every:.0%}" for name in names}, "Deployment, share"
    )


def _summed(rows: Sequence[tuple[str, Bucket]]) -> Counter[str]:
    cost: Counter[str] = Counter()
    for name, bucket in rows:
        cost[name] += bucket.cost
    return cost


def _legend(sheet: Sheet, names: Sequence[str], figures: Mapping[str, str], heading: str) -> None:
    y = _LEGEND.top
    sheet.write((_LEGEND.left, y), heading, size=9, bold=True)
    for k, name in enumerate(names):
        y -= 30
        colour = colours(sheet.palette)[k]
        sheet.marker((_LEGEND.left + 7, y), SHAPES[k], 4.5, fill=colour, ring=colour)
        sheet.write((_LEGEND.left + 20, y), one_line(name, 26), size=8.5)
        sheet.write(
            (_LEGEND.left + 20, y - 12), figures[name], size=8.5, colour=sheet.palette.quiet
        )


def _nothing(sheet: Sheet) -> None:
    middle = ((PAGE.left + PAGE.right) / 2, (PAGE.bottom + PAGE.top) / 2)
    sheet.write(middle, "No call was made in this time.", size=12, align="center")
