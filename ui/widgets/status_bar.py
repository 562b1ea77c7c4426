"""The top line: thread, providers, what it cost, what is left today, what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from typing_extensions import override

from hub.domain.route import Health
from hub.domain.text import one_line
from hub.domain.usage import Budget
from ui.format import UNKNOWN, duration, money, percent, provider_mark, speaks_unicode
from ui.view import View

_WARN, _OVER = 0.8, 1.0
_BAR_CELLS = 10
_GAP = "   "


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the line; the one with the highest rank is shortened first, then left out."""

    content: Content
    short: Content
    rank: int


def parts_of(view: View, *, ascii_only: bool) -> list[Part]:
    """Return what the line would say, in order."""
    closed = "new thread" if view.agents else "opening…"
    title = Content.styled(one_line(view.thread.title, 60) if view.thread else closed, "bold")
    name = Content.styled("GitBridge › ", "$text-muted")
    parts = [Part(name + title, title.truncate(24, ellipsis=True), 1)]
    parts += [_provider(health, ascii_only=ascii_only) for health in view.health]
    summary = view.summary
    if summary is not None:
        unknown = f" + {UNKNOWN}" if summary.unknown_cost_calls else ""
        cost = Content.assemble(("thread ", "$text-muted"), money(summary.cost) + unknown)
        parts.append(Part(cost, cost, 5))
    today = today_of(view)
    if today is not None:
        parts.append(_budget(today, ascii_only=ascii_only))
    if view.running:
        sign = ">" if ascii_only else "▸"
        running = Content.styled(f"{sign} {view.running} running", "$tone-busy")
        parts.append(Part(running, Content.styled(f"{sign} {view.running}", "$tone-busy"), 2))
    return parts


def today_of(view: View) -> Budget | None:
    """Return the budget of the newest day."""
    days = sorted(name for name in view.budgets if name.startswith("day:"))
    return view.budgets[days[-1]] if days else None


def _provider(health: Health, *, ascii_only: bool) -> Part:
    mark = provider_mark(health.provider)
    tone = f"$tone-{mark.tone}"
    sign = (f"{mark.sign(ascii_only=ascii_only)} ", tone)
    if health.ok is None:
        state = ("…", "$text-muted")
    elif health.ok:
        known = health.latency_s is not None
        state = (duration(health.latency_s) if known else "ok", "$text-muted")
    else:
        state = ("down", "$tone-bad")
    full = Content.assemble(sign, (f"{one_line(health.provider, 20)} ", tone), state)
    return Part(full, Content.assemble(sign, state), 3)


def _budget(budget: Budget, *, ascii_only: bool) -> Part:
    used = budget.spent + budget.reserved
    if not budget.cap:
        spent = Content.assemble(("today ", "$text-muted"), money(used))
        return Part(spent, spent, 4)
    share = used / budget.cap
    tone = "$tone-bad" if share >= _OVER else "$tone-warn" if share >= _WARN else "$tone-good"
    filled = min(_BAR_CELLS, max(round(share * _BAR_CELLS), int(share > 0)))
    full, rest = ("=", "-") if ascii_only else ("━", "─")
    figures = f"{money(used)} / {money(budget.cap)} "
    content = Content.assemble(
        ("today ", "$text-muted"),
        (full * filled, tone),
        (rest * (_BAR_CELLS - filled), "$text-muted"),
        f" {figures}",
        (percent(share), tone),
    )
    return Part(
        content, Content.assemble(figures.replace(" ", "") + " ", (percent(share), tone)), 4
    )


def fit(parts: Sequence[Part], width: int) -> Content:
    """Join the parts; where room is short, shorten those of the highest rank, then leave them out."""
    kept = [(part, part.content) for part in parts]
    while _length(kept) > width and any(c is not p.short for p, c in kept):
        rank = max(p.rank for p, c in kept if c is not p.short)
        kept = [(p, p.short if p.rank == rank else c) for p, c in kept]
    while len(kept) > 1 and _length(kept) > width:
        worst = max(range(len(kept)), key=lambda place: (kept[place][0].rank, place))
        del kept[worst]
    line = Content(_GAP).join(content for _, content in kept)
    return line.truncate(width, ellipsis=True)


def _length(kept: Sequence[tuple[Part, Content]]) -> int:
    return sum(content.cell_length for _, content in kept) + len(_GAP) * (len(kept) - 1)


class StatusBar(Widget):
    """The line itself."""

    DEFAULT_CSS = """
    StatusBar {
        height: 1;
        dock: top;
        padding: 0 1;
        background: $panel;
        color: $text;
    }
    """

    view: reactive[View] = reactive(View, init=False)
    """What is shown."""

    @override
    def render(self) -> Content:
        parts = parts_of(self.view, ascii_only=not speaks_unicode())
        return fit(parts, self.size.width)
